import Foundation
#if canImport(MtdAgentFFI)
import MtdAgentFFI
#endif

/// What the device is, and what is wrong with its settings. A reading that fails is unknown, which is not "no".
struct Posture {
    let system: System

    func read() -> MtdPosture {
        var findings: [String] = []
        var unknown: [String] = []
        for (name, answer) in readings() {
            switch answer {
            case nil: unknown.append(name)
            case true?: findings.append(name)
            case false?: break
            }
        }
        return MtdPosture(
            platform: "ios", osVersion: system.osVersion, model: system.model, patchLevel: nil, findings: findings,
            unknown: unknown)
    }

    /// By the names of classifications. What iOS tells no app is in neither list, and never told.
    private func readings() -> [(String, Bool?)] {
        [
            ("ROOT_JAILBREAK", system.root.map { Traces(root: $0).ofJailbreak() }),
            ("ACCESS_CONTROL_VIOLATION", either(system.isTraced(), system.images().map(Traces.areHooked))),
            ("EMULATOR", system.isSimulator),
            ("NO_DEVICE_LOCK", system.hasPasscode().map { !$0 }),
        ]
    }

    /// One "yes" is enough; "no" needs both.
    private func either(_ one: Bool?, _ other: Bool?) -> Bool? {
        if one == true || other == true {
            return true
        }
        return one == nil || other == nil ? nil : false
    }
}

/// Traces in the system's files and in what is loaded. Who owns the system can hide them: they find what does not hide.
struct Traces {
    private static let files = [
        "Applications/Cydia.app", "Applications/Sileo.app", "Applications/Zebra.app", "Library/MobileSubstrate",
        "bin/bash", "etc/apt", "private/var/lib/apt", "private/var/lib/cydia", "private/var/stash",
        "usr/lib/TweakInject", "usr/lib/libhooker.dylib", "usr/libexec/sftp-server", "usr/sbin/sshd", "var/binpack",
        "var/jb",
    ]
    private static let hooks = [
        "cycript", "ellekit", "frida", "libhooker", "mobilesubstrate", "sslkillswitch", "substrateloader",
        "tweakinject",
    ]

    let root: URL

    /// A system that was opened: a package manager, a shell, or what loads foreign code.
    func ofJailbreak() -> Bool {
        Traces.files.contains { FileManager.default.fileExists(atPath: root.appendingPathComponent($0).path) }
    }

    /// Whether a framework that replaces code is among these. By the name of the file: its folder may be any app's.
    static func areHooked(_ images: [String]) -> Bool {
        images.contains { path in
            let name = (path as NSString).lastPathComponent.lowercased()
            return hooks.contains(where: name.contains)
        }
    }
}
