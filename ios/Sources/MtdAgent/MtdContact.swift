import Foundation
#if canImport(MtdAgentFFI)
import MtdAgentFFI
#endif

/// How a contact ended.
public enum MtdContactEnd: Equatable {
    /// Nothing is being done and nothing is due soon.
    case settled
    /// Its seconds were over first. What was begun is finished by the next contact.
    case outOfTime
    /// ``MtdContact/cancel()`` came first.
    case cancelled
    /// No agent runs: before the first unlock after a boot, in an extension, or after ``MtdIos/stop()``.
    case notRunning
    /// The agent refused.
    case failed(MtdError)
}

/// A contact with the cloud that is under way.
public final class MtdContact {
    private let lock = Lock()
    private var end: ((MtdContactEnd) -> Void)?

    init(end: @escaping (MtdContactEnd) -> Void) {
        self.end = end
    }

    /// Ends it at once: for the expiration handler of a background task. After its end it does nothing.
    public func cancel() {
        finish(.cancelled)
    }

    var isOver: Bool {
        lock.held { end == nil }
    }

    /// The first one counts.
    func finish(_ how: MtdContactEnd) {
        let tell: ((MtdContactEnd) -> Void)? = lock.held {
            defer { end = nil }
            return end
        }
        if let tell = tell {
            DispatchQueue.global().async { tell(how) }
        }
    }
}
