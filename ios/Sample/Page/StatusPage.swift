import MtdAgent

/// The level, the threats, and at each level that a policy may allow what blocks and what to do about it: the text of the
/// sample's one page.
public enum StatusPage {
    /// What is shown of a status; nil before the first.
    public static func text(of status: MtdStatus?, stopped: MtdError?) -> String {
        if let stopped = stopped {
            return "Not running: \(stopped.summary)"
        }
        guard let status = status else {
            return "Starting"
        }
        var lines = [status.level.map { "Level: \($0)" } ?? "No level yet: \(status.activation)"]
        if let need = status.need {
            lines.append("Needed: \(need.text)")
        }
        if let notice = status.notice {
            lines.append(notice.text)
        }
        lines += status.threats.map { "\($0.level), \($0.classification): \($0.advice)" }
        if status.threats.isEmpty {
            lines.append("No open threat")
        }
        lines += status.access.map(line)
        return lines.joined(separator: "\n")
    }

    private static func line(_ access: MtdAccess) -> String {
        if access.passes {
            return "Where \(access.required) is allowed: access"
        }
        let remedies = access.blockers.map { $0.remedy }.joined(separator: " ")
        return "Where at most \(access.required) is allowed: blocked. \(remedies)"
    }
}
