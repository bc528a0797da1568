import BackgroundTasks
import LocalAuthentication
import MachO
import Network
import UIKit
import XCTest

@testable import MtdAgent

/// What `Sources/MtdAgent/Apple` asks and does, with what stands for Apple's SDK on Linux.
final class AppleTests: XCTestCase {
    private final class Answers: @unchecked Sendable {
        var all: [Bool?] = []
    }

    func testAPasscodeIsAbsentOnlyWhereTheSystemSaysSo() {
        defer { LAContext.refusal = nil }
        let system = System.current()
        XCTAssertEqual(system.hasPasscode(), true)
        LAContext.refusal = .passcodeNotSet
        XCTAssertEqual(system.hasPasscode(), false)
        LAContext.refusal = .notInteractive
        XCTAssertNil(system.hasPasscode())
    }

    func testADebuggerAndForeignCodeAreSeen() {
        defer { (ThisProcess.flags, ThisProcess.images) = (0, ["/usr/lib/libSystem.B.dylib"]) }
        let system = System.current()
        XCTAssertEqual(system.isTraced(), false)
        ThisProcess.flags = P_TRACED | 1
        XCTAssertEqual(system.isTraced(), true)
        ThisProcess.flags = nil
        XCTAssertNil(system.isTraced())
        ThisProcess.images = ["/usr/lib/a.dylib", "/usr/lib/b.dylib"]
        XCTAssertEqual(system.images(), ["/usr/lib/a.dylib", "/usr/lib/b.dylib"])
    }

    /// Asked on another thread, as the agent does; a main thread that is busy leaves it unknown.
    func testASchemeIsAskedOnTheMainThread() {
        MainActor.assumeIsolated { UIApplication.shared.opened = ["bee"] }
        let answers = Answers()
        let asked = expectation(description: "asked")
        DispatchQueue.global().async {
            let system = System.current()
            answers.all = [system.canOpen("bee"), system.canOpen("wasp"), system.canOpen("no scheme")]
            asked.fulfill()
        }
        wait(for: [asked], timeout: 10)
        XCTAssertEqual(answers.all, [true, false, false])

        let free = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            answers.all = [System.current().canOpen("bee")]
            free.signal()
        }
        free.wait()
        XCTAssertEqual(answers.all, [nil])
    }

    func testARefreshIsPlannedByTheTaskOrByAFetchWhereThereIsNone() throws {
        let system = System.current()
        system.plan("io.mtdagent.planned", 900)
        let planned = try XCTUnwrap(BGTaskScheduler.shared.planned("io.mtdagent.planned"))
        XCTAssertEqual(planned.timeIntervalSinceNow, 900, accuracy: 60)
        system.plan(nil, 900)
        let done = expectation(description: "the main queue came to it")
        DispatchQueue.main.async { done.fulfill() }
        wait(for: [done], timeout: 10)
        XCTAssertEqual(MainActor.assumeIsolated { UIApplication.shared.fetchInterval }, 900)
    }
}
