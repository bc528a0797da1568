import Foundation
import XCTest

@testable import MtdAgent

/// Defaults of one test, and a folder.
final class Bench {
    let folder: URL
    let defaults: UserDefaults
    private let suite = "mtd-" + UUID().uuidString

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(suite)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defaults = try XCTUnwrap(UserDefaults(suiteName: suite))
    }

    deinit {
        defaults.removePersistentDomain(forName: suite)
        try? FileManager.default.removeItem(at: folder)
    }

    var system: System {
        var system = System()
        system.defaults = defaults
        system.root = folder
        return system
    }

    func file(_ path: String) throws {
        let url = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: url)
    }
}

/// Gathers what it is told.
final class Heard: MtdIosListener {
    private let told = NSCondition()
    private var errors: [MtdError] = []
    private var agents = 0

    func started(agent: MtdAgent) throws {
        note { agents += 1 }
    }

    func notStarted(error: MtdError) {
        note { errors.append(error) }
    }

    func statusChanged(status: MtdStatus) {}

    func inert(error: MtdError) {}

    /// The first error that it is told; nil where the agent started, or nothing came in ten seconds.
    func refusal() -> MtdError? {
        told.lock()
        defer { told.unlock() }
        let end = Date(timeIntervalSinceNow: 10)
        while errors.isEmpty && agents == 0 && told.wait(until: end) {}
        return errors.first
    }

    private func note(_ change: () -> Void) {
        told.lock()
        change()
        told.broadcast()
        told.unlock()
    }
}

/// A status of this device, nothing else known.
func status(
    level: MtdLevel? = nil, need: MtdNeed? = nil, notice: MtdNotice? = nil, findings: [MtdFinding] = [], access: [MtdAccess] = [],
    threats: [MtdThreat] = [], lastFailure: MtdError? = nil
) -> MtdStatus {
    MtdStatus(
        activation: level == nil ? .pending : .activated, protection: .protected, level: level,
        health: level.map { "\($0)" } ?? "unknown", need: need, notice: notice, findings: findings, access: access,
        threats: threats, lastFailure: lastFailure, lastContactAtMs: nil, nextContactInMs: nil, lateness: .onTime,
        unacknowledged: 0, sharedApps: nil, keyProtection: nil, certificateUntilMs: nil, policyVersion: 0,
        indicatorsVersion: 0, sentBytes: 0, receivedBytes: 0)
}
