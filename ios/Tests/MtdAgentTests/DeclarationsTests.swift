import XCTest

@testable import MtdAgent

/// The property lists that an app declares itself by.
final class DeclarationsTests: XCTestCase {
    private func list(_ path: String) throws -> NSDictionary {
        let ios = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardized
        let bytes = try Data(contentsOf: ios.appendingPathComponent(path))
        return try XCTUnwrap(PropertyListSerialization.propertyList(from: bytes, format: nil) as? NSDictionary)
    }

    func testTheSampleDeclaresWhatItAsksTheSystemFor() throws {
        let declared = try list("Sample/Info.plist")
        XCTAssertEqual(declared["UIBackgroundModes"] as? [String], ["fetch", "remote-notification"])
        XCTAssertEqual(
            declared["BGTaskSchedulerPermittedIdentifiers"] as? [String], ["io.mtdagent.sample.refresh"])
    }

    func testThePrivacyManifestNamesWhatIsCollectedAndCalled() throws {
        let manifest = try list("Sources/MtdAgent/PrivacyInfo.xcprivacy")
        XCTAssertEqual(manifest["NSPrivacyTracking"] as? Bool, false)
        let collected = try XCTUnwrap(manifest["NSPrivacyCollectedDataTypes"] as? [[String: Any]])
        XCTAssertEqual(
            collected.map { $0["NSPrivacyCollectedDataType"] as? String },
            ["NSPrivacyCollectedDataTypeDeviceID", "NSPrivacyCollectedDataTypeOtherDataTypes"])
        XCTAssertTrue(collected.allSatisfy { $0["NSPrivacyCollectedDataTypeTracking"] as? Bool == false })
        let called = try XCTUnwrap(manifest["NSPrivacyAccessedAPITypes"] as? [[String: Any]])
        let reasons = called.map { $0["NSPrivacyAccessedAPITypeReasons"] as? [String] }
        XCTAssertEqual(reasons, [["AC6B.1"], ["35F9.1"], ["C617.1"]])
    }
}
