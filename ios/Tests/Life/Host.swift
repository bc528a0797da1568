import Foundation
import MtdAgent

/// The partner's own part.
final class Host: MtdIosListener {
    private let told = NSCondition()
    private var agent: MtdAgent?
    private var refused: MtdError?
    private var threads: Set<UnsafeRawPointer> = []
    private var inertCode: UInt16?

    func inventory() -> [MtdApp] {
        var app = MtdApp(id: "com.example.app")
        app.name = "Ex\u{e4}mple"
        app.shortVersion = "1.2"
        app.managed = true
        return [app]
    }

    func started(agent: MtdAgent) throws {
        try agent.networkChanged(network: MtdNetwork(reach: .online, name: "home", metered: false))
        try agent.setConsent(given: true)
        note { self.agent = agent }
    }

    func notStarted(error: MtdError) {
        note { refused = error }
    }

    func statusChanged(status: MtdStatus) {
        let thread = Unmanaged.passUnretained(Thread.current).toOpaque()
        note { threads.insert(UnsafeRawPointer(thread)) }
    }

    func inert(error: MtdError) {
        note { inertCode = error.code() }
    }

    /// The agent, once it runs.
    func running() throws -> MtdAgent {
        told.lock()
        defer { told.unlock() }
        let end = Date(timeIntervalSinceNow: 20)
        while agent == nil && refused == nil && told.wait(until: end) {}
        if let refused = refused {
            throw refused
        }
        guard let agent = agent else {
            fatalError("no word of the agent")
        }
        return agent
    }

    /// Threads that the status came on.
    var heardOn: Int {
        told.lock()
        defer { told.unlock() }
        return threads.count
    }

    var inert: UInt16? {
        told.lock()
        defer { told.unlock() }
        return inertCode
    }

    private func note(_ change: () -> Void) {
        told.lock()
        change()
        told.broadcast()
        told.unlock()
    }
}
