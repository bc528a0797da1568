import Foundation

/// Where the agent's files lie: in the app's own container, opened by the first unlock after a boot, in no backup. A
/// container that the app shares with its extensions is not used: the system ends a suspended app that holds a file's
/// lock there.
struct AgentFolder {
    /// Its name inside the app's files.
    static let name = "mtd-agent"

    let url: URL

    /// Makes it where it does not exist. Each start says anew how it is kept: it may be the host's, or from a backup.
    func make(with files: FileManager = .default) throws {
        let attributes: [FileAttributeKey: Any] = [
            .posixPermissions: 0o700, .protectionKey: FileProtectionType.completeUntilFirstUserAuthentication,
        ]
        try files.createDirectory(at: url, withIntermediateDirectories: true, attributes: attributes)
        try files.setAttributes(attributes, ofItemAtPath: url.path)
        var excluded = URLResourceValues()
        excluded.isExcludedFromBackup = true
        var folder = url
        try folder.setResourceValues(excluded)
    }
}
