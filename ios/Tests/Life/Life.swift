import Foundation

@testable import MtdAgent

/// A life of the app: started, told to do one thing, ended.
struct Life {
    let config: MtdIosConfig
    let host: Host

    func live(_ command: String, _ given: [String]) throws -> String {
        var config = self.config
        if command == "activate" {
            manage(given)
            // No managed configuration can carry a secret of one device.
            config.configuration = .app(credential: .code(given[3]))
        }
        if command == "unlocked" {
            return try unlocked(config)
        }
        let ios = MtdIos.start(config, listener: host, system: Life.system())
        let agent: MtdAgent
        do {
            agent = try host.running()
        } catch let error as MtdError {
            return told(error)
        }
        if let said = try woken(command, ios, agent, given) {
            return said
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
        let line = try self.line(agent.status()) + " heard on \(host.heardOn) end=\(end)"
        try ios.stop()
        return line + " feedback=\(feedback("mtdHealth") ?? "-")"
    }

    /// What the MDM client writes.
    func manage(_ given: [String]) {
        let keys = ["mtdGateway", "mtdDeviceId", "mtdTenantId"]
        UserDefaults.standard.set(
            Dictionary(uniqueKeysWithValues: zip(keys, given)), forKey: "com.apple.configuration.managed")
        UserDefaults.standard.synchronize()
    }

    /// What the MDM client reads.
    func feedback(_ key: String) -> String? {
        UserDefaults.standard.dictionary(forKey: "com.apple.feedback.managed")?[key] as? String
    }

    private func settled(_ agent: MtdAgent) throws -> String {
        try agent.settle(budgetMs: 28_000) ? "settled" : "outOfTime"
    }

    func contacted(_ ios: MtdIos) -> String {
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
        let second = thrown { _ = try another() }
        try MtdIos.current?.stop()
        return [unknown, second, thrown { _ = try agent.status() }].joined(separator: "\n")
    }

    /// A second writer in the same folder.
    private func another() throws -> MtdAgent {
        let folder = config.folder.map { $0.path } ?? ""
        let same = MtdConfig(trustJson: config.trustJson, folder: folder, partners: [], configurations: [])
        let sensors = Sensors(system: Life.system(), config: config)
        return try MtdAgent.start(config: same, keys: config.keys, sensors: sensors, listener: Deaf())
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

    func told(_ error: MtdError) -> String {
        "\(error.kind()) \(error.remedy) \(error.summary)"
    }

    func line(_ status: MtdStatus) -> String {
        let level = status.level.map { "\($0)" } ?? "-"
        let shared = status.sharedApps.map(String.init) ?? "-"
        return "\(status.activation) \(level) threats=\(status.threats.count) shared=\(shared) "
            + "failure=\(status.lastFailure?.code() ?? 0)"
    }
}

/// Hears nothing.
private final class Deaf: MtdListener {
    func statusChanged(status: MtdStatus) {}
    func webVerdict(answer: MtdWebAnswer) {}
    func inert(error: MtdError) {}
}
