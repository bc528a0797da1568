import XCTest

@testable import MtdAgent

/// Files of this system know no protection and no backup: what is asked for them is what is seen.
final class AgentFolderTests: XCTestCase {
    private final class Asked: FileManager, @unchecked Sendable {
        var protected: [String: FileProtectionType] = [:]

        override func setAttributes(_ attributes: [FileAttributeKey: Any], ofItemAtPath path: String) throws {
            protected[path] = attributes[.protectionKey] as? FileProtectionType
            try super.setAttributes(attributes, ofItemAtPath: path)
        }
    }

    private let untilFirstUnlock = FileProtectionType.completeUntilFirstUserAuthentication.rawValue

    private func permissions(_ folder: URL) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions] as? Int
    }

    func testTheFolderOpensWithTheFirstUnlockAndForNobodyElse() throws {
        let folder = try Bench().folder.appendingPathComponent("made/state")
        let files = Asked()
        try AgentFolder(url: folder).make(with: files)
        XCTAssertEqual(try permissions(folder), 0o700)
        XCTAssertEqual(files.protected[folder.path]?.rawValue, untilFirstUnlock)
    }

    func testAFolderThatIsThereIsKeptSoToo() throws {
        let bench = try Bench()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: bench.folder.path)
        let files = Asked()
        try AgentFolder(url: bench.folder).make(with: files)
        XCTAssertEqual(try permissions(bench.folder), 0o700)
        XCTAssertEqual(files.protected[bench.folder.path]?.rawValue, untilFirstUnlock)
    }
}
