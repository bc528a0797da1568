import XCTest

@testable import MtdAgent

final class PlatformTests: XCTestCase {
    /// The first refusal of an agent on this system.
    private func refusal(_ config: MtdIosConfig, _ system: System) throws -> MtdError {
        let heard = Heard()
        let platform = Platform(config: config, listener: heard, system: system)
        platform.start()
        defer { try? platform.stop() }
        return try XCTUnwrap(heard.refusal())
    }

    func testAnExtensionNeverWrites() throws {
        let bench = try Bench()
        var system = bench.system
        system.isExtension = true
        var config = MtdIosConfig(trustJson: "{}")
        config.folder = bench.folder.appendingPathComponent("state")
        let error = try refusal(config, system)
        XCTAssertEqual(error.code(), MtdCode.storageBusy)
        XCTAssertEqual(error.kind(), .device)
        XCTAssertFalse(FileManager.default.fileExists(atPath: try XCTUnwrap(config.folder).path))
    }

    func testTrustThatCannotBeUsedIsRefused() throws {
        let bench = try Bench()
        var config = MtdIosConfig(trustJson: "{}")
        config.folder = bench.folder.appendingPathComponent("state")
        let error = try refusal(config, bench.system)
        XCTAssertEqual(error.code(), MtdCode.trustUnusable)
        XCTAssertEqual(error.remedy, .correctTheCall)
        XCTAssertTrue(error.summary.hasPrefix("131: "), error.summary)
    }

    func testASchemeThatIsNotDeclaredIsTheAppsMistake() throws {
        let bench = try Bench()
        var config = MtdIosConfig(trustJson: "{}")
        config.folder = bench.folder
        config.probes = [MtdSchemeProbe(appId: "a", scheme: "ay")]
        XCTAssertEqual(try refusal(config, bench.system).code(), MtdCode.argument)
        var system = bench.system
        system.declaredSchemes = ["AY"]
        XCTAssertEqual(try refusal(config, system).code(), MtdCode.trustUnusable, "it goes on to the next")
    }

    func testAFolderThatCannotBeMadeIsAnErrorOfTheTable() throws {
        let bench = try Bench()
        try bench.file("taken")
        var config = MtdIosConfig(trustJson: "{}")
        config.folder = bench.folder.appendingPathComponent("taken/state")
        let error = try refusal(config, bench.system)
        XCTAssertEqual(error.code(), MtdCode.storageIo)
        XCTAssertEqual(error.remedy, .retry)
    }

    func testAContactWithoutAnAgentEndsOnceWithinItsSeconds() throws {
        let bench = try Bench()
        var config = MtdIosConfig(trustJson: "{}")
        config.folder = bench.folder
        let platform = Platform(config: config, listener: Heard(), system: bench.system)
        let ended = expectation(description: "ended")
        var ends: [MtdContactEnd] = []
        let begun = Date()
        let contact = platform.contact(seconds: 1) { end in
            ends.append(end)
            ended.fulfill()
        }
        wait(for: [ended], timeout: 10)
        contact.cancel()
        XCTAssertEqual(ends, [.notRunning])
        XCTAssertGreaterThan(Date().timeIntervalSince(begun), 0.9, "it waits for an agent that may come")
        try platform.stop()
    }

    func testACancelledContactEndsAtOnce() throws {
        let bench = try Bench()
        var config = MtdIosConfig(trustJson: "{}")
        config.folder = bench.folder
        let platform = Platform(config: config, listener: Heard(), system: bench.system)
        let ended = expectation(description: "ended")
        let begun = Date()
        let contact = platform.contact(seconds: 60) { end in
            XCTAssertEqual(end, .cancelled)
            ended.fulfill()
        }
        contact.cancel()
        wait(for: [ended], timeout: 10)
        XCTAssertLessThan(Date().timeIntervalSince(begun), 5)
        try platform.stop()
    }
}
