@_exported import Foundation

/// How a fetch in the background went.
public enum UIBackgroundFetchResult: UInt {
    case newData
    case noData
    case failed
}

/// The app, as the system sees it. What only the main thread may touch ends the test elsewhere.
@preconcurrency @MainActor
open class UIApplication: UIResponder {
    public struct LaunchOptionsKey: Hashable {}

    nonisolated public static let protectedDataDidBecomeAvailableNotification = NSNotification.Name("unlocked")
    nonisolated public static let willEnterForegroundNotification = NSNotification.Name("foreground")

    public static let shared = UIApplication()

    /// Schemes that an app which is installed opens.
    public var opened: Set<String> = []
    /// What was asked for last.
    public private(set) var fetchInterval: TimeInterval?

    public func canOpenURL(_ url: URL) -> Bool {
        precondition(Thread.isMainThread)
        return url.scheme.map(opened.contains) ?? false
    }

    public func setMinimumBackgroundFetchInterval(_ seconds: TimeInterval) {
        precondition(Thread.isMainThread)
        fetchInterval = seconds
    }

    public func registerForRemoteNotifications() {}
}

/// The device.
@preconcurrency @MainActor
public final class UIDevice {
    public enum BatteryState: Int {
        case unknown
        case unplugged
        case charging
        case full
    }

    nonisolated public static let batteryStateDidChangeNotification = NSNotification.Name("battery")

    public static let current = UIDevice()

    public var isBatteryMonitoringEnabled = false

    /// What is in the battery's place; told only while it is monitored.
    public var battery = BatteryState.unknown

    public var batteryState: BatteryState {
        isBatteryMonitoringEnabled ? battery : .unknown
    }
}
