import Foundation
import MtdAgent

/// A life of the app: started, told to do one thing, ended.
struct Life {
    let config: MtdIosConfig
    let host: Host

    func live(_ command: String, _ given: [String]) throws -> String {
        if command == "activate" {
            let keys = ["mtdGateway", "mtdDeviceId", "mtdTenantId"]
            UserDefaults.standard.set(
                Dictionary(uniqueKeysWithValues: zip(keys, given)), forKey: "com.apple.configuration.managed")
            UserDefaults.standard.synchronize()
        }
        var config = self.config
        if command == "activate" {
            // No managed configuration can carry a secret of one device.
            config.configuration = .app(credential: .code(given[3]))
        }
        let ios = MtdIos.start(config, listener: host)
        let agent: MtdAgent
        do {
            agent = try host.running()
        } catch let error as MtdError {
            return told(error)
        }
        switch command {
        case "errors":
            return try errors(of: agent)
        case "panic":
            return panic(agent, at: given[0])
        case "cancel":
            return try cancel(ios, seconds: TimeInterval(given[0]) ?? 0, after: TimeInterval(given[1]) ?? 0)
        case "report", "report-and-die":
            try agent.report(detection: MtdDetection(classification: given[0], appId: nil))
        case "clear":
            try agent.clear(detection: MtdDetection(classification: given[0], appId: nil))
        case "deactivate":
            try agent.deactivate()
        default:
            break
        }
        if command == "report-and-die" {
            while try agent.status().unacknowledged == 0 {
                usleep(1000)
            }
            kill(getpid(), SIGKILL)
        }
        // To tell the cloud that it leaves is a contact of the agent's own.
        let end = command == "deactivate" ? try settled(agent) : contacted(ios)
        let line = try self.line(agent.status()) + " threads=\(host.heardOn) end=\(end)"
        try ios.stop()
        let feedback = UserDefaults.standard.dictionary(forKey: "com.apple.feedback.managed")
        return line + " feedback=\(feedback?["mtdHealth"] as? String ?? "-")"
    }

    private func settled(_ agent: MtdAgent) throws -> String {
        try agent.settle(budgetMs: 28_000) ? "settled" : "outOfTime"
    }

    private func contacted(_ ios: MtdIos) -> String {
        let over = DispatchSemaphore(value: 0)
        var told: MtdContactEnd?
        ios.contact { end in
            told = end
            over.signal()
        }
        over.wait()
        return told.map { "\($0)" } ?? "-"
    }

    /// A contact that the network holds, ended by the system.
    private func cancel(_ ios: MtdIos, seconds: TimeInterval, after: TimeInterval) throws -> String {
        let over = DispatchSemaphore(value: 0)
        var told: MtdContactEnd?
        let begun = Date()
        let contact = ios.contact(seconds: seconds) { end in
            told = end
            over.signal()
        }
        if after > 0 {
            Thread.sleep(forTimeInterval: after)
            contact.cancel()
        }
        over.wait()
        let took = Date().timeIntervalSince(begun)
        try ios.stop()
        return "\(told.map { "\($0)" } ?? "-") \(Int(took * 1000))"
    }

    private func errors(of agent: MtdAgent) throws -> String {
        let unknown = thrown { try agent.report(detection: MtdDetection(classification: "NO_SUCH", appId: nil)) }
        try MtdIos.current?.stop()
        return unknown + "\n" + thrown { _ = try agent.status() }
    }

    private func panic(_ agent: MtdAgent, at entry: String) -> String {
        let calls: [String: () throws -> Void] = [
            "status": { _ = try agent.status() },
            "check_in": { try agent.checkIn() },
            "settle": { _ = try agent.settle(budgetMs: 1) },
            "ledger": { _ = try agent.ledger() },
        ]
        guard let call = calls[entry] else {
            fatalError("no entry is called \(entry)")
        }
        return thrown(call) + " inert=\(host.inert ?? 0)\n" + thrown { try agent.appsChanged() }
    }

    private func thrown(_ call: () throws -> Void) -> String {
        do {
            try call()
            return "nothing"
        } catch let error as MtdError {
            return told(error)
        } catch {
            return "\(error)"
        }
    }

    private func told(_ error: MtdError) -> String {
        "\(error.kind()) \(error.remedy) \(error.summary)"
    }

    private func line(_ status: MtdStatus) -> String {
        let level = status.level.map { "\($0)" } ?? "-"
        let shared = status.sharedApps.map(String.init) ?? "-"
        return "\(status.activation) \(level) threats=\(status.threats.count) shared=\(shared) "
            + "failure=\(status.lastFailure?.code() ?? 0)"
    }
}
