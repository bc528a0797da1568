import Foundation
#if canImport(MtdAgentFFI)
import MtdAgentFFI
#endif

/// What the agent reads of the device. Called on the thread `mtd-errands`.
final class Sensors: MtdSensors, @unchecked Sendable {
    private let system: System
    private let inventory: (() throws -> [MtdApp])?
    private let probes: [MtdSchemeProbe]

    init(system: System, config: MtdIosConfig) {
        self.system = system
        inventory = config.inventory
        probes = config.probes
    }

    func posture() throws -> MtdPosture {
        Posture(system: system).read()
    }

    func apps() throws -> Data {
        guard inventory != nil || !probes.isEmpty else {
            throw MtdSensorFault.Denied
        }
        var apps: [MtdApp]
        do {
            apps = try inventory?() ?? []
        } catch {
            throw MtdSensorFault.Failed
        }
        let known = Set(apps.map { $0.id })
        apps += try SchemeProbes.installed(probes, canOpen: system.canOpen).filter { !known.contains($0.id) }
        return try AppsBuffer.of(apps)
    }

    /// No app of iOS reads another one's file.
    func hash(appId: String) throws -> Data {
        throw MtdSensorFault.Denied
    }
}

/// Apps that are told by their URL schemes.
enum SchemeProbes {
    /// The system says "no" to a scheme that the app does not declare, whatever is installed.
    static func areDeclared(_ probes: [MtdSchemeProbe], in declared: [String]) -> Bool {
        let declared = Set(declared.map { $0.lowercased() })
        return probes.allSatisfy { declared.contains($0.scheme.lowercased()) }
    }

    /// - Throws: `failed` where the system does not answer for one: an app that is not told would look removed.
    static func installed(_ probes: [MtdSchemeProbe], canOpen: (String) -> Bool?) throws -> [MtdApp] {
        var found: [MtdApp] = []
        for probe in probes {
            guard let opens = canOpen(probe.scheme) else {
                throw MtdSensorFault.Failed
            }
            if opens && !found.contains(where: { $0.id == probe.appId }) {
                found.append(MtdApp(id: probe.appId))
            }
        }
        return found
    }
}
