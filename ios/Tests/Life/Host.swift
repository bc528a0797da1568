import Foundation
import MtdAgent

/// The partner's own part.
final class Host: MtdIosListener {
    private let told = NSCondition()
    private var agent: MtdAgent?
    private var refused: MtdError?
    private var threads: Set<String> = []
    private var inertCode: UInt16?

    func inventory() -> [MtdApp] {
        var app = MtdApp(id: "com.example.app")
        app.name = "Ex\u{e4}mple"
        app.shortVersion = "1.2"
        app.managed = true
        return [app]
    }

    func started(agent: MtdAgent) throws {
        try agent.setConsent(given: true)
        note { self.agent = agent }
    }

    func notStarted(error: MtdError) {
        note { refused = error }
    }

    func statusChanged(status: MtdStatus) {
        told.lock()
        let agent = self.agent
        told.unlock()
        do {
            // What may block is refused on the listener's own thread, and nowhere else.
            guard try agent?.settle(budgetMs: 0) != nil else {
                return
            }
            note { threads.insert("a thread that may block") }
        } catch let error as MtdError where error.code() == MtdCode.wouldBlock {
            note { threads.insert(Host.thread()) }
        } catch {
            note { threads.insert("\(error)") }
        }
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
    var heardOn: String {
        told.lock()
        defer { told.unlock() }
        return threads.sorted().joined(separator: ",")
    }

    /// The first refusal, waited for.
    func refusal() -> MtdError? {
        told.lock()
        defer { told.unlock() }
        let end = Date(timeIntervalSinceNow: 20)
        while refused == nil && told.wait(until: end) {}
        defer { refused = nil }
        return refused
    }

    private static func thread() -> String {
        let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
        return name?.trimmingCharacters(in: .newlines) ?? "-"
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
