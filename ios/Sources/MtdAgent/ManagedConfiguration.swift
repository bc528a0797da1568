import Foundation
#if canImport(MtdAgentFFI)
import MtdAgentFFI
#endif

/// What the administrator says to this app, and what the app says back, in the user defaults that the MDM client writes
/// and reads.
struct ManagedConfiguration {
    static let key = "com.apple.configuration.managed"
    static let feedbackKey = "com.apple.feedback.managed"
    /// The core hears no source of more than 1,000 values or longer texts than 16 KiB: what is more must still look so.
    private static let mostValues = 1001
    private static let longestText = 16 * 1024 + 1

    let defaults: UserDefaults

    /// Empty where the administrator says nothing.
    func read() -> MtdConfiguration {
        let said = defaults.dictionary(forKey: ManagedConfiguration.key) ?? [:]
        let some = said.sorted { $0.key < $1.key }.prefix(ManagedConfiguration.mostValues)
        let values = some.map { ($0.key, ManagedConfiguration.value(of: $0.value)) }
        return MtdConfiguration(provenance: .managedIos, values: Dictionary(uniqueKeysWithValues: values))
    }

    /// Tells the administrator how the device stands: states and codes, nothing of the device or its user.
    func tell(_ status: MtdStatus) {
        var feedback: [String: Any] = ["mtdHealth": status.health]
        if let need = status.need {
            feedback["mtdNeed"] = ManagedConfiguration.name(of: need.kind)
            feedback["mtdCode"] = need.error.map { Int($0.code()) }
        } else if let failure = status.lastFailure {
            feedback["mtdCode"] = Int(failure.code())
        }
        let findings = status.findings.filter { $0.provenance == .managedIos }
        feedback["mtdFindings"] = findings.map { "\($0.key ?? "*"): \($0.error.code())" }
        let before = defaults.dictionary(forKey: ManagedConfiguration.feedbackKey)
        if before.map({ NSDictionary(dictionary: $0) }) != NSDictionary(dictionary: feedback) {
            defaults.set(feedback, forKey: ManagedConfiguration.feedbackKey)
        }
    }

    private static func value(of said: Any) -> MtdValue {
        switch said {
        case let text as String:
            return .text(text: String(text.prefix(longestText)))
        case is [String: Any]:
            return .dict
        case let number as NSNumber:
            return kind(of: number)
        default:
            return .list
        }
    }

    /// A property list's boolean is a number, and says by its type what it is.
    private static func kind(of number: NSNumber) -> MtdValue {
        switch String(cString: number.objCType) {
        case "c", "B": return .bool
        case "f", "d": return .real
        default: return .integer
        }
    }

    private static func name(of kind: MtdNeedKind) -> String {
        switch kind {
        case .configuration: return "configuration"
        case .consent: return "consent"
        case .credential: return "credential"
        case .unlock: return "unlock"
        case .storage: return "storage"
        case .administrator: return "administrator"
        }
    }
}
