import Foundation
#if canImport(MtdAgentFFI)
@_exported import MtdAgentFFI
#endif

/// The agent of an iOS app: one in the process. Start it in `application(_:didFinishLaunchingWithOptions:)`, so that it
/// is there when the system wakes the app. Everything that may block happens on threads of the library's own.
public final class MtdIos {
    /// The longest that a contact in the background takes, in seconds. The system gives 30 for a fetch, a push and a
    /// refresh task.
    public static let backgroundSeconds: TimeInterval = 25

    private static let one = Lock()
    private static var running: MtdIos?

    let platform: Platform

    init(platform: Platform) {
        self.platform = platform
    }

    /// Starts the agent. Returns at once; the listener is told how it went. The first activation begins now. Nothing
    /// is sent before a device ID, a tenant and consent are there, and before the first unlock after a boot.
    ///
    /// Where the agent is there already, that one is returned and the arguments count for nothing. In an app extension
    /// no agent starts, and the listener hears 505: the app is the one process that writes.
    ///
    /// - Parameters:
    ///   - config: what the app's code says
    ///   - listener: is told how it goes; kept until ``stop()``
    @discardableResult
    public static func start(_ config: MtdIosConfig, listener: MtdIosListener) -> MtdIos {
        start(config, listener: listener, system: .current())
    }

    @discardableResult
    static func start(_ config: MtdIosConfig, listener: MtdIosListener, system: System) -> MtdIos {
        one.held {
            if let running = running {
                return running
            }
            let platform = Platform(config: config, listener: listener, system: system)
            let started = MtdIos(platform: platform)
            running = started
            platform.start()
            return started
        }
    }

    /// What ``start(_:listener:)`` returned in this process.
    public static var current: MtdIos? {
        one.held { running }
    }

    /// The agent; nil while it does not run: before ``MtdIosListener/started(agent:)``, and after ``stop()``.
    public var agent: MtdAgent? {
        platform.agent
    }

    /// Contacts the cloud now: on a push message, in a background fetch or task, or because the app came to the
    /// foreground. Returns at once, on any thread.
    ///
    /// - Parameters:
    ///   - seconds: the longest that it takes
    ///   - end: called once, on another thread, when the contact is over, after `seconds` at most, also where there was
    ///     none
    /// - Returns: ends the contact early: `end` is then called at once. What was begun is finished by the next one.
    @discardableResult
    public func contact(
        seconds: TimeInterval = MtdIos.backgroundSeconds, end: @escaping (MtdContactEnd) -> Void = { _ in }
    ) -> MtdContact {
        platform.contact(seconds: seconds, end: end)
    }

    /// The host's list of apps changed, or is there for the first time: it is asked for when the agent next looks.
    public func appsChanged() {
        try? agent?.appsChanged()
    }

    /// Ends the agent and its wakes. What was recorded stays: ``start(_:listener:)`` goes on from it. Blocks as long as
    /// the agent takes to end, about a second at most.
    ///
    /// - Throws: 135 from within the listener.
    public func stop() throws {
        try platform.stop()
        MtdIos.one.held {
            if MtdIos.running === self {
                MtdIos.running = nil
            }
        }
    }
}
