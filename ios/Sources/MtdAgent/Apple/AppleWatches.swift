#if canImport(UIKit)
import Foundation
import Network
import UIKit

/// What the agent is told of while the process lives: network, charger, unlocking, and the app's coming to the
/// foreground.
final class AppleWatches {
    private weak var platform: Platform?
    private var observers: [NSObjectProtocol] = []
    private var endNetwork: () -> Void = {}

    init(platform: Platform) {
        self.platform = platform
        AppleWakes.register(refreshTask: platform.config.refreshTask)
        on(UIApplication.protectedDataDidBecomeAvailableNotification) { $0.unlocked() }
        on(UIApplication.willEnterForegroundNotification) { platform in
            _ = platform.contact(seconds: MtdIos.backgroundSeconds) { _ in }
        }
        on(UIDevice.batteryStateDidChangeNotification) { platform in
            AppleWatches.tellPower(to: platform)
        }
        DispatchQueue.main.async { [weak platform] in
            UIDevice.current.isBatteryMonitoringEnabled = true
            platform.map(AppleWatches.tellPower)
        }
        if #available(iOS 12.0, *) {
            endNetwork = AppleWatches.followPath(platform)
        }
    }

    /// Until then the platform is told.
    func end() {
        observers.forEach(NotificationCenter.default.removeObserver)
        observers = []
        endNetwork()
    }

    private func on(_ name: Notification.Name, _ tell: @escaping (Platform) -> Void) {
        observers.append(
            NotificationCenter.default.addObserver(forName: name, object: nil, queue: nil) { [weak self] _ in
                self?.platform.map(tell)
            })
    }

    private static func tellPower(to platform: Platform) {
        switch UIDevice.current.batteryState {
        case .charging, .full: platform.told(charging: true)
        case .unplugged: platform.told(charging: false)
        case .unknown: break
        @unknown default: break
        }
    }

    /// Before iOS 12 the reach stays unknown: the agent tries, and spares bytes by no guess.
    @available(iOS 12.0, *)
    private static func followPath(_ platform: Platform) -> () -> Void {
        let monitor = NWPathMonitor()
        monitor.pathUpdateHandler = { [weak platform] path in
            let reach: MtdReach = path.status == .satisfied ? .online : .offline
            // What an app without further permissions sees of a network: never its name.
            let name = path.availableInterfaces.first.map { "\($0.type) \($0.name)" }
            platform?.told(network: MtdNetwork(reach: reach, name: name, metered: path.isExpensive))
        }
        monitor.start(queue: DispatchQueue(label: "mtd-network"))
        return monitor.cancel
    }
}
#endif
