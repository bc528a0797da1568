import XCTest

@testable import MtdAgent

final class PostureTests: XCTestCase {
    func testWhatTheSystemDoesNotSayIsUnknown() throws {
        let bench = try Bench()
        let posture = Posture(system: bench.system).read()
        XCTAssertEqual(posture.platform, "ios")
        XCTAssertEqual(posture.findings, [])
        XCTAssertEqual(posture.unknown, ["ACCESS_CONTROL_VIOLATION", "NO_DEVICE_LOCK"])
        XCTAssertFalse(posture.osVersion.isEmpty)
        XCTAssertFalse(posture.model?.isEmpty ?? true)
    }

    func testAJailbreakIsFoundByItsFiles() throws {
        let bench = try Bench()
        try bench.file("Applications/Sileo.app")
        XCTAssertEqual(Posture(system: bench.system).read().findings, ["ROOT_JAILBREAK"])
        var simulator = bench.system
        simulator.root = nil
        simulator.isSimulator = true
        let posture = Posture(system: simulator).read()
        XCTAssertEqual(posture.findings, ["EMULATOR"])
        XCTAssertTrue(posture.unknown.contains("ROOT_JAILBREAK"))
    }

    func testOneAnswerOfTwoIsNoProofOfInnocence() throws {
        var system = try Bench().system
        system.isTraced = { false }
        XCTAssertTrue(Posture(system: system).read().unknown.contains("ACCESS_CONTROL_VIOLATION"))
        system.images = { ["/usr/lib/libSystem.dylib", "/var/frida/Partner.app/Partner"] }
        var posture = Posture(system: system).read()
        XCTAssertEqual(posture.findings, [], "a folder's name is no hook")
        XCTAssertFalse(posture.unknown.contains("ACCESS_CONTROL_VIOLATION"))
        system.images = { ["/usr/lib/FridaGadget.dylib"] }
        posture = Posture(system: system).read()
        XCTAssertEqual(posture.findings, ["ACCESS_CONTROL_VIOLATION"])
        system.images = { nil }
        system.isTraced = { true }
        XCTAssertEqual(Posture(system: system).read().findings, ["ACCESS_CONTROL_VIOLATION"])
    }

    func testADeviceWithoutPasscodeIsFound() throws {
        var system = try Bench().system
        system.hasPasscode = { false }
        XCTAssertEqual(Posture(system: system).read().findings, ["NO_DEVICE_LOCK"])
        system.hasPasscode = { true }
        XCTAssertFalse(Posture(system: system).read().unknown.contains("NO_DEVICE_LOCK"))
    }
}
