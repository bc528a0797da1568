import BackgroundTasks
import Foundation
import Network
import UIKit

@testable import MtdAgent

/// What the system does with an app: it wakes it, tells it of the phone, and takes its time back.
extension Life {
    static let wifi = NWPath(
        status: .satisfied, availableInterfaces: [NWInterface(type: .wifi, name: "en0")], isExpensive: false)
    private static let nothing = NWPath(status: .unsatisfied, availableInterfaces: [], isExpensive: false)
    private static let task = "io.mtdagent.life.refresh"

    /// A phone without traces of a jailbreak: this machine's own files are none of a phone's.
    static func system() -> System {
        var system = System.current()
        system.root = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        return system
    }

    /// Nil where the command is none of these.
    func woken(_ command: String, _ ios: MtdIos, _ agent: MtdAgent, _ given: [String]) throws -> String? {
        switch command {
        case "fetch": return fetch(ios)
        case "task": return try task(agent, expires: false)
        case "expiring-task": return try task(agent, expires: true)
        case "foreground": return try foreground(agent)
        case "offline": return try offline(ios, agent)
        case "restart": return try restart(ios)
        case "managed": return try managed(agent, given)
        default: return nil
        }
    }

    /// A background fetch or a push message; the system is answered on its own thread.
    private func fetch(_ ios: MtdIos) -> String {
        let over = DispatchSemaphore(value: 0)
        var told = "-"
        ios.contact(answering: { result in
            told = "\(result) on \(Thread.isMainThread ? "main" : "another")"
            over.signal()
        })
        over.wait()
        return told
    }

    private func task(_ agent: MtdAgent, expires: Bool) throws -> String {
        guard seen({ BGTaskScheduler.shared.planned(Life.task) != nil }),
            let task = BGTaskScheduler.shared.launch(Life.task)
        else {
            return "no task is planned"
        }
        if expires {
            guard seen({ task.expirationHandler != nil }) else {
                return "no handler"
            }
            Thread.sleep(forTimeInterval: 1)
            task.expirationHandler?()
        }
        let begun = Date()
        guard let success = task.completed(within: MtdIos.backgroundSeconds + 5) else {
            return "never completed"
        }
        let took = Int(Date().timeIntervalSince(begun) * 1000)
        let next = seen { BGTaskScheduler.shared.planned(Life.task) != nil }
        return "success=\(success) next=\(next) \(took)"
    }

    private func foreground(_ agent: MtdAgent) throws -> String {
        let before = try agent.status().lastContactAtMs
        NotificationCenter.default.post(name: UIApplication.willEnterForegroundNotification, object: nil)
        return "contact=\(try seen { try agent.status().lastContactAtMs != before })"
    }

    /// Nothing is tried while there is no network, and what waited goes when it is back.
    private func offline(_ ios: MtdIos, _ agent: MtdAgent) throws -> String {
        NWPathMonitor.become(Life.nothing)
        try agent.report(detection: MtdDetection(classification: "ROGUE_WIFI", appId: nil))
        _ = contacted(ios)
        let waiting = try agent.status().unacknowledged
        NWPathMonitor.become(Life.wifi)
        let gone = try seen { try agent.status().unacknowledged == 0 }
        return "waiting=\(waiting) gone=\(gone)"
    }

    /// The app ends the agent and starts it again in the same process.
    private func restart(_ ios: MtdIos) throws -> String {
        try ios.stop()
        let followed = NWPathMonitor.followers
        let again = MtdIos.start(config, listener: host, system: Life.system())
        let end = contacted(again)
        let task = try again.agent.map { try self.task($0, expires: false) } ?? "-"
        return "followed=\(followed) end=\(end) \(task)"
    }

    /// The administrator configures the app while it runs. On a phone the system tells that the defaults changed.
    private func managed(_ agent: MtdAgent, _ given: [String]) throws -> String {
        let before = try agent.status()
        try agent.configure(configurations: [.app(credential: .code(given[3]))])
        manage(given)
        NotificationCenter.default.post(name: UserDefaults.didChangeNotification, object: UserDefaults.standard)
        let active = try seen { try agent.status().activation == .activated }
        let need = before.need.map { "\($0.kind)" } ?? "-"
        let feedback = seen { self.feedback("mtdHealth") == "secured" }
        return "need=\(need) active=\(active) feedback=\(feedback)"
    }

    /// Before the first unlock after the boot the key store is locked; the system tells when it is not.
    func unlocked(_ config: MtdIosConfig) throws -> String {
        let store = config.keys as? OpensslKeys
        store?.isLocked = true
        MtdIos.start(config, listener: host, system: Life.system())
        let refused = host.refusal().map(told) ?? "-"
        store?.isLocked = false
        NotificationCenter.default.post(name: UIApplication.protectedDataDidBecomeAvailableNotification, object: nil)
        return refused + "\n" + line(try host.running().status())
    }

    /// Waits for it.
    private func seen(_ condition: () throws -> Bool) rethrows -> Bool {
        let end = Date(timeIntervalSinceNow: 20)
        while Date() < end {
            if try condition() {
                return true
            }
            usleep(20_000)
        }
        return false
    }
}
