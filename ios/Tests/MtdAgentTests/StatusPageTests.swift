import MtdAgent
import SamplePage
import XCTest

final class StatusPageTests: XCTestCase {
    func testWhatIsNeededIsShownBeforeThereIsALevel() {
        XCTAssertEqual(StatusPage.text(of: nil, stopped: nil), "Starting.")
        let pending = StatusPage.text(of: status(need: MtdNeed(kind: .consent, error: nil, text: "Agree.")), stopped: nil)
        XCTAssertEqual(pending, "No level yet: pending\nNeeded: Agree.\nNo threat.")
    }

    func testAThreatIsShownWithWhatItBlocksAndWhatToDo() {
        let threat = MtdThreat(
            id: "1", classification: "ROGUE_WIFI", subject: .network, subjectName: nil, level: .high, detectedAtMs: 0,
            advice: "Leave it.")
        let access = [MtdLevel.secured, .low, .medium, .high].map {
            MtdAccess(required: $0, passes: $0 == .high, blockers: [])
        }
        let page = StatusPage.text(of: status(level: .high, access: access, threats: [threat]), stopped: nil)
        XCTAssertEqual(
            page, "Level: high\nBlocked where at most secured is allowed.\nhigh: ROGUE_WIFI. Leave it.")
    }

    func testAnErrorIsShownByItsCode() {
        let page = StatusPage.text(of: nil, stopped: mtdError(code: MtdCode.storageBusy))
        XCTAssertTrue(page.hasPrefix("The agent does not run. 505: "), page)
    }
}
