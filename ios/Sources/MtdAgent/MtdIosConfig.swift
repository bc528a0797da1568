import Foundation
#if canImport(MtdAgentFFI)
import MtdAgentFFI
#endif

/// What the app's own code says.
public struct MtdIosConfig {
    /// Whom to trust, as the partner's cloud gives it; from the app's own code, never from a configuration.
    public var trustJson: String

    /// The app's own values, beside those of the managed configuration.
    public var configuration: MtdConfiguration?

    /// Partners whose keys are read in the managed configuration beside our own: names of the table of partners, such as
    /// `Zimperium`.
    public var partners: [String] = []

    /// The apps that the host knows of, whole: iOS lists none. Asked on a thread of the agent's own each time it looks;
    /// what it throws is an incomplete list. Without it, and without ``probes``, no inventory is told.
    public var inventory: (() throws -> [MtdApp])?

    /// Apps that are told by their URL schemes. Each scheme must stand in `LSApplicationQueriesSchemes`.
    public var probes: [MtdSchemeProbe] = []

    /// Another key store than the system's own.
    public var keys: MtdKeyStore?

    /// The agent's own folder; the app's Application Support where there is none.
    public var folder: URL?

    /// The identifier of the refresh task (iOS 13) as it stands in `BGTaskSchedulerPermittedIdentifiers`. With it, the
    /// first start of a process comes before the app has finished launching: the system ends an app that registers later.
    public var refreshTask: String?

    /// - Parameter trustJson: ``trustJson``
    public init(trustJson: String) {
        self.trustJson = trustJson
    }
}

/// The app's own values.
extension MtdConfiguration {
    /// - Parameters:
    ///   - gateway: `https://host[:port]` of the partner's cloud
    ///   - deviceId: the Entra device ID
    ///   - tenantId: the Entra tenant
    ///   - credential: the activation credential
    public static func app(
        gateway: String? = nil, deviceId: String? = nil, tenantId: String? = nil, credential: MtdCredential? = nil
    ) -> MtdConfiguration {
        var texts = ["mtdGateway": gateway, "mtdDeviceId": deviceId, "mtdTenantId": tenantId]
        if let credential = credential {
            texts[credential.key] = credential.value
        }
        return MtdConfiguration(provenance: .app, values: texts.compactMapValues { $0.map { .text(text: $0) } })
    }

    /// What a sign-in gave.
    ///
    /// - Parameters:
    ///   - deviceId: the Entra device ID of the token's claims
    ///   - tenantId: the Entra tenant of the token's claims
    ///   - token: the Entra token, for the partner's cloud
    public static func signIn(deviceId: String?, tenantId: String?, token: String?) -> MtdConfiguration {
        let texts = ["mtdDeviceId": deviceId, "mtdTenantId": tenantId, "mtdToken": token]
        return MtdConfiguration(provenance: .signIn, values: texts.compactMapValues { $0.map { .text(text: $0) } })
    }
}

/// An activation credential.
public enum MtdCredential {
    /// An Entra token from sign-in.
    case token(String)
    /// A one-time code.
    case code(String)
    /// The tenant's enrolment key.
    case enrolmentKey(String)

    var key: String {
        switch self {
        case .token: return "mtdToken"
        case .code: return "mtdActivationCode"
        case .enrolmentKey: return "mtdEnrolmentKey"
        }
    }

    var value: String {
        switch self {
        case .token(let value), .code(let value), .enrolmentKey(let value): return value
        }
    }
}
