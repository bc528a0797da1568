#if canImport(UIKit)
import Foundation
import LocalAuthentication
import MachO
import UIKit

/// What only Apple's SDK tells.
extension System {
    /// Longest wait for the main thread, on which the system answers about schemes.
    private static let answersWithin: TimeInterval = 2

    static func current() -> System {
        var system = System()
        #if targetEnvironment(simulator)
        // The files are the Mac's.
        system.isSimulator = true
        system.model = ProcessInfo.processInfo.environment["SIMULATOR_MODEL_IDENTIFIER"]
        #else
        system.root = URL(fileURLWithPath: "/")
        #endif
        system.hasPasscode = hasPasscode
        system.isTraced = isTraced
        system.images = images
        if !system.isExtension {
            system.canOpen = canOpen
            system.watch = { platform in AppleWatches(platform: platform).end }
            system.plan = AppleWakes.plan
        }
        return system
    }

    private static func hasPasscode() -> Bool? {
        let context = LAContext()
        guard #available(iOS 9.0, *) else {
            return nil
        }
        var error: NSError?
        if context.canEvaluatePolicy(.deviceOwnerAuthentication, error: &error) {
            return true
        }
        return error?.code == LAError.passcodeNotSet.rawValue ? false : nil
    }

    private static func isTraced() -> Bool? {
        var about = kinfo_proc()
        var size = MemoryLayout<kinfo_proc>.stride
        var name = [CTL_KERN, KERN_PROC, KERN_PROC_PID, getpid()]
        guard sysctl(&name, u_int(name.count), &about, &size, nil, 0) == 0 else {
            return nil
        }
        return about.kp_proc.p_flag & P_TRACED != 0
    }

    private static func images() -> [String]? {
        (0..<_dyld_image_count()).compactMap { _dyld_get_image_name($0).map { String(cString: $0) } }
    }

    /// Asked on a thread of the agent's own; answered on the main thread, or not at all where that is busy.
    private static func canOpen(scheme: String) -> Bool? {
        guard let url = URL(string: scheme + "://") else {
            return false
        }
        let answered = DispatchSemaphore(value: 0)
        var opens: Bool?
        let lock = Lock()
        DispatchQueue.main.async {
            let answer = UIApplication.shared.canOpenURL(url)
            lock.held { opens = answer }
            answered.signal()
        }
        _ = answered.wait(timeout: .now() + answersWithin)
        return lock.held { opens }
    }
}
#endif
