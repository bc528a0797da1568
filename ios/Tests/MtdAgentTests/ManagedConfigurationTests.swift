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
}
