import MtdAgent
import SamplePage
import XCTest

final class StatusPageTests: XCTestCase {
    func testWhatIsNeededIsShownBeforeThereIsALevel() {
        XCTAssertEqual(StatusPage.text(of: nil, stopped: nil), "Starting")
        let pending = StatusPage.text(of: status(need: MtdNeed(kind: .consent, error: nil, text: "Agree.")), stopped: nil)
        XCTAssertEqual(pending, "No level yet: pending\nNeeded: Agree.\nNo open threat")
    }

    func testAThreatIsShownWithWhatItBlocksAndWhatToDo() {
        let threat = MtdThreat(
            id: "1", classification: "ROGUE_WIFI", subject: .network, subjectName: nil, level: .high, detectedAtMs: 0,
            advice: "Leave it.")
        let blockers = ["Leave it.", "Unlock it."].map {
            MtdBlocker(threatId: "1", classification: "ROGUE_WIFI", level: .high, remedy: $0)
        }
        let access = [MtdLevel.medium, .high].map {
            MtdAccess(required: $0, passes: $0 == .high, blockers: $0 == .high ? [] : blockers)
        }
        let notice = MtdNotice(kind: .unenrolmentPrevented, text: "You cannot leave.")
        let shown = status(level: .high, notice: notice, access: access, threats: [threat])
        let lines = [
            "Level: high", "You cannot leave.", "high, ROGUE_WIFI: Leave it.",
            "Where at most medium is allowed: blocked. Leave it. Unlock it.", "Where high is allowed: access",
        ]
        XCTAssertEqual(StatusPage.text(of: shown, stopped: nil), lines.joined(separator: "\n"))
    }

    func testAnErrorIsShownByItsCode() {
        let page = StatusPage.text(of: nil, stopped: mtdError(code: MtdCode.storageBusy))
        XCTAssertTrue(page.hasPrefix("Not running: 505: "), page)
    }
}
