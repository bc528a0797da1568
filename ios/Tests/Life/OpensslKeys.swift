import Foundation
import MtdAgent

/// Keys in files, made and used by openssl: a store of the host's own.
final class OpensslKeys: MtdKeyStore, @unchecked Sendable {
    private struct Failed: Error {
        let said = "PERSONAL"
    }

    private let folder: URL
    /// Throws what nobody declared.
    var isBroken = false
    /// As before the first unlock after a boot.
    var isLocked = false

    init(folder: URL) {
        self.folder = folder
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func find(slot: MtdSlot) throws -> MtdPublicKey? {
        guard FileManager.default.fileExists(atPath: file(slot).path) else {
            return nil
        }
        let spki = try openssl(["pkey", "-in", file(slot).path, "-pubout", "-outform", "DER"])
        return MtdPublicKey(spki: spki, protection: .sandbox)
    }

    func make(slot: MtdSlot) throws -> MtdPublicKey {
        if isBroken {
            throw Failed()
        }
        let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        _ = try openssl(["genpkey"] + curve + ["-out", file(slot).path])
        guard let made = try find(slot: slot) else {
            throw MtdKeyFault.Busy
        }
        return made
    }

    func sign(slot: MtdSlot, message: Data) throws -> Data {
        guard FileManager.default.fileExists(atPath: file(slot).path) else {
            throw MtdKeyFault.Gone
        }
        return try openssl(["dgst", "-sha256", "-sign", file(slot).path], input: message)
    }

    func destroy(slot: MtdSlot) throws {
        try? FileManager.default.removeItem(at: file(slot))
    }

    func dataKey() throws -> Data {
        if isLocked {
            throw MtdKeyFault.Locked
        }
        let file = folder.appendingPathComponent("data")
        if let there = try? Data(contentsOf: file) {
            return there
        }
        let made = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) })
        try made.write(to: file)
        return made
    }

    func destroyDataKey() throws {
        try? FileManager.default.removeItem(at: folder.appendingPathComponent("data"))
    }

    private func file(_ slot: MtdSlot) -> URL {
        folder.appendingPathComponent("\(slot).pem")
    }

    private func openssl(_ words: [String], input: Data = Data()) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = words
        let (into, out) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (into, out)
        process.standardError = FileHandle.nullDevice
        try process.run()
        into.fileHandleForWriting.write(input)
        try into.fileHandleForWriting.close()
        let said = out.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw MtdKeyFault.Busy
        }
        return said
    }
}
