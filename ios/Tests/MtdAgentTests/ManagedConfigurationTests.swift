import XCTest

@testable import MtdAgent

final class ManagedConfigurationTests: XCTestCase {
    func testEveryKindOfValueIsTold() throws {
        let bench = try Bench()
        bench.defaults.set(
            ["mtdGateway": "https://a.example", "n": 7, "r": 1.5, "b": true, "l": [1], "d": ["x": 1]],
            forKey: "com.apple.configuration.managed")
        let read = ManagedConfiguration(defaults: bench.defaults).read()
        XCTAssertEqual(read.provenance, .managedIos)
        XCTAssertEqual(read.values["mtdGateway"], .text(text: "https://a.example"))
        XCTAssertEqual(read.values["n"], .integer)
        XCTAssertEqual(read.values["r"], .real)
        XCTAssertEqual(read.values["b"], .bool)
        XCTAssertEqual(read.values["l"], .list)
        XCTAssertEqual(read.values["d"], .dict)
    }

    func testNothingSaidIsEmptyAndTooMuchStaysTooMuch() throws {
        let bench = try Bench()
        let managed = ManagedConfiguration(defaults: bench.defaults)
        XCTAssertTrue(managed.read().values.isEmpty)
        var many = Dictionary(uniqueKeysWithValues: (0..<2000).map { ("k\($0)", "v") })
        many["k0"] = String(repeating: "x", count: 100_000)
        bench.defaults.set(many, forKey: ManagedConfiguration.key)
        let read = managed.read()
        XCTAssertEqual(read.values.count, 1001)
        XCTAssertEqual(read.values["k0"], .text(text: String(repeating: "x", count: 16 * 1024 + 1)))
    }

    private func feedback(_ bench: Bench) -> NSDictionary? {
        bench.defaults.dictionary(forKey: "com.apple.feedback.managed").map { NSDictionary(dictionary: $0) }
    }

    func testTheAdministratorIsToldWhatTheDeviceNeeds() throws {
        let bench = try Bench()
        let managed = ManagedConfiguration(defaults: bench.defaults)
        let need = MtdNeed(
            kind: .configuration, error: mtdError(code: MtdCode.configurationIncomplete), text: "Ask \(bench.folder).")
        managed.tell(status(need: need, lastFailure: mtdError(code: MtdCode.keyLocked)))
        XCTAssertEqual(
            feedback(bench),
            ["mtdHealth": "unknown", "mtdNeed": "configuration", "mtdCode": 101, "mtdFindings": [String]()])

        managed.tell(status(need: MtdNeed(kind: .consent, error: nil, text: "")))
        XCTAssertEqual(
            feedback(bench), ["mtdHealth": "unknown", "mtdNeed": "consent", "mtdFindings": [String]()],
            "a code that no longer holds is taken away")
        managed.tell(status(level: .secured))
        XCTAssertEqual(feedback(bench), ["mtdHealth": "secured", "mtdFindings": [String]()])
    }

    func testTheAdministratorIsToldOfMistakesInTheManagedConfigurationAlone() throws {
        let bench = try Bench()
        let wrong = mtdError(code: MtdCode.valueMalformed)
        let findings = [
            MtdFinding(provenance: .managedIos, key: "mtdTenantId", error: wrong),
            MtdFinding(provenance: .managedIos, key: nil, error: mtdError(code: MtdCode.sourceTooLarge)),
            MtdFinding(provenance: .app, key: "mtdDeviceId", error: wrong),
        ]
        let failed = status(level: .low, findings: findings, lastFailure: mtdError(code: MtdCode.keyLocked))
        ManagedConfiguration(defaults: bench.defaults).tell(failed)
        XCTAssertEqual(
            feedback(bench),
            ["mtdHealth": "low", "mtdCode": 201, "mtdFindings": ["mtdTenantId: 112", "*: 115"]])
    }

    /// Each write wakes who follows the defaults, this agent among them.
    func testWhatIsSaidAlreadyIsNotWrittenAgain() throws {
        final class Counted: UserDefaults {
            var writes = 0

            override func set(_ value: Any?, forKey name: String) {
                writes += 1
                super.set(value, forKey: name)
            }
        }
        let defaults = try XCTUnwrap(Counted(suiteName: "mtd-" + UUID().uuidString))
        let managed = ManagedConfiguration(defaults: defaults)
        managed.tell(status(level: .secured))
        managed.tell(status(level: .secured))
        XCTAssertEqual(defaults.writes, 1)
        managed.tell(status(level: .high))
        XCTAssertEqual(defaults.writes, 2)
    }
}
