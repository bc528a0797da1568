import MtdAgent

/// The level, what blocks, and what to do about it: the text of the sample's one page.
public enum StatusPage {
    /// What is shown of a status; nil before the first.
    public static func text(of status: MtdStatus?, stopped: MtdError?) -> String {
        if let stopped = stopped {
            return "The agent does not run. \(stopped.summary)"
        }
        guard let status = status else {
            return "Starting."
        }
        var lines = [status.level.map { "Level: \($0)" } ?? "No level yet: \(status.activation)"]
        if let need = status.need {
            lines.append("Needed: \(need.text)")
        }
        lines += status.access.filter { !$0.passes }.prefix(1).map { "Blocked where at most \($0.required) is allowed." }
        lines += status.threats.map { "\($0.level): \($0.classification). \($0.advice)" }
        if status.threats.isEmpty {
            lines.append("No threat.")
        }
        return lines.joined(separator: "\n")
    }
}
