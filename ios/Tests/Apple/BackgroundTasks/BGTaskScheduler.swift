import Foundation

/// The time that the system gives.
open class BGTask: NSObject {
    public let identifier: String
    public var expirationHandler: (() -> Void)?
    private let said = DispatchSemaphore(value: 0)
    private var success: Bool?

    init(identifier: String) {
        self.identifier = identifier
    }

    /// A task is completed once.
    public func setTaskCompleted(success: Bool) {
        precondition(self.success == nil)
        self.success = success
        said.signal()
    }

    /// What it was completed with; nil where it is not within the seconds.
    public func completed(within seconds: TimeInterval) -> Bool? {
        said.wait(timeout: .now() + seconds) == .success ? success : nil
    }
}

public final class BGAppRefreshTask: BGTask {}

/// What is asked of the system.
open class BGTaskRequest: NSObject {
    public let identifier: String
    public var earliestBeginDate: Date?

    init(identifier: String, earliestBeginDate: Date?) {
        self.identifier = identifier
        self.earliestBeginDate = earliestBeginDate
    }
}

public final class BGAppRefreshTaskRequest: BGTaskRequest {
    public init(identifier: String) {
        super.init(identifier: identifier, earliestBeginDate: nil)
    }
}

/// Wakes the app. As on a phone, a second handler for one identifier ends the app.
public final class BGTaskScheduler {
    nonisolated(unsafe) public static let shared = BGTaskScheduler()

    private let lock = NSLock()
    private var handlers: [String: (BGTask) -> Void] = [:]
    private var requests: [String: BGTaskRequest] = [:]

    @discardableResult
    public func register(
        forTaskWithIdentifier identifier: String, using queue: DispatchQueue?,
        launchHandler: @escaping (BGTask) -> Void
    ) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        precondition(handlers[identifier] == nil, "one handler for each identifier")
        handlers[identifier] = launchHandler
        return true
    }

    public func submit(_ request: BGTaskRequest) throws {
        lock.lock()
        defer { lock.unlock() }
        requests[request.identifier] = request
    }

    /// When it is planned, if it is.
    public func planned(_ identifier: String) -> Date? {
        lock.lock()
        defer { lock.unlock() }
        return requests[identifier]?.earliestBeginDate
    }

    /// What the system does with what is planned: it calls the handler, once.
    public func launch(_ identifier: String) -> BGTask? {
        lock.lock()
        let handler = requests.removeValue(forKey: identifier).flatMap { _ in handlers[identifier] }
        lock.unlock()
        guard let handler = handler else {
            return nil
        }
        let task = BGAppRefreshTask(identifier: identifier)
        DispatchQueue.global().async { handler(task) }
        return task
    }
}
