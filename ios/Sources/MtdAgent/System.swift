import Foundation
#if canImport(MtdAgentFFI)
import MtdAgentFFI
#endif

/// What the operating system says and does. Each part is a value, so that a test says another one.
struct System {
    /// Where the MDM client writes the configuration.
    var defaults = UserDefaults.standard
    /// Whether this process is an extension of the app.
    var isExtension = Bundle.main.bundleURL.pathExtension == "appex"
    /// Where the system's files begin; nil where they are not those of iOS.
    var root: URL?
    var osVersion = System.version(of: ProcessInfo.processInfo.operatingSystemVersion)
    var model = System.machine()
    var isSimulator = false
    /// Whether the device has a passcode; nil where it cannot be told.
    var hasPasscode: () -> Bool? = { nil }
    /// Whether another process traces this one.
    var isTraced: () -> Bool? = { nil }
    /// Paths of the code that is loaded into this process.
    var images: () -> [String]? = { nil }
    /// The schemes that the app declares, `LSApplicationQueriesSchemes`.
    var declaredSchemes = Bundle.main.object(forInfoDictionaryKey: "LSApplicationQueriesSchemes") as? [String] ?? []
    /// Whether some app opens the scheme; nil where the system does not answer.
    var canOpen: (String) -> Bool? = { _ in nil }
    /// Where the agent's folder lies.
    var applicationSupport = FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask).first
    /// Follows network, charger, unlocking and the app's coming to the foreground. What it returns ends that.
    var watch: (Platform) -> () -> Void = { _ in {} }
    /// Has the system wake the app, at this many seconds from now at the earliest.
    var plan: (_ refreshTask: String?, _ seconds: TimeInterval) -> Void = { _, _ in }

    private static func version(of system: OperatingSystemVersion) -> String {
        let three = [system.majorVersion, system.minorVersion, system.patchVersion]
        return (three.last == 0 ? three.dropLast() : three[...]).map(String.init).joined(separator: ".")
    }

    /// The maker's name of the model, such as `iPhone12,1`.
    private static func machine() -> String? {
        var names = utsname()
        guard uname(&names) == 0 else {
            return nil
        }
        return withUnsafeBytes(of: &names.machine) { bytes in
            String(bytes: bytes.prefix { $0 != 0 }, encoding: .utf8)
        }
    }
}
