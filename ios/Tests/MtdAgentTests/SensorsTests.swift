import XCTest

@testable import MtdAgent

final class SensorsTests: XCTestCase {
    private struct Unreadable: Error {}

    func testWithoutAnInventoryNothingIsTold() throws {
        let sensors = Sensors(system: try Bench().system, config: MtdIosConfig(trustJson: ""))
        XCTAssertThrowsError(try sensors.apps()) { XCTAssertEqual($0 as? MtdSensorFault, .Denied) }
        XCTAssertThrowsError(try sensors.hash(appId: "a")) { XCTAssertEqual($0 as? MtdSensorFault, .Denied) }
    }

    func testAnInventoryThatCannotBeReadIsNoEmptyOne() throws {
        var config = MtdIosConfig(trustJson: "")
        config.inventory = { throw Unreadable() }
        let sensors = Sensors(system: try Bench().system, config: config)
        XCTAssertThrowsError(try sensors.apps()) { XCTAssertEqual($0 as? MtdSensorFault, .Failed) }
        config.inventory = { Array(repeating: MtdApp(id: "a"), count: 5001) }
        let crowded = Sensors(system: try Bench().system, config: config)
        XCTAssertThrowsError(try crowded.apps()) { XCTAssertEqual($0 as? MtdSensorFault, .Failed) }
    }

    func testProbesAddWhatTheHostDoesNotName() throws {
        var system = try Bench().system
        system.canOpen = { $0 != "absent" }
        var config = MtdIosConfig(trustJson: "")
        config.probes = [("b", "bee"), ("c", "absent"), ("b", "bee2"), ("a", "ay")].map(MtdSchemeProbe.init)
        config.inventory = { [MtdApp(id: "a")] }
        let told = try Sensors(system: system, config: config).apps()
        XCTAssertEqual(told, try AppsBuffer.of([MtdApp(id: "a"), MtdApp(id: "b")]))
        system.canOpen = { _ in nil }
        let silent = Sensors(system: system, config: config)
        XCTAssertThrowsError(try silent.apps()) { XCTAssertEqual($0 as? MtdSensorFault, .Failed) }
    }

    /// By the layout in `bindings/buffer/src/apps.rs`; the gateway's row is compared in `tests/tests/swift.rs`.
    func testTheBufferOfAnApp() throws {
        var app = MtdApp(id: "ab")
        app.name = "é"
        app.dynamicBytes = 258
        app.adHoc = false
        app.validated = true
        let bytes = [UInt8](try AppsBuffer.of([app]))
        let unknown: [UInt8] = [0xff, 0xff]
        var wanted: [UInt8] = [1, 0, 1, 0, 2, 0x61, 0x62] + unknown + [0, 2, 0xc3, 0xa9] + unknown + unknown
        wanted += Array(repeating: 0xff, count: 8) + [0, 0, 0, 0, 0, 0, 1, 2] + Array(repeating: 0xff, count: 8)
        wanted += [0b1000, 0b01, 0]
        XCTAssertEqual(bytes, wanted)
    }
}
