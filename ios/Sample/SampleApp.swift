import MtdAgent
import UIKit

/// The smallest partner app. The agent starts with the process, so that contacts in the background find it; gateway,
/// device ID and tenant come from the managed configuration; the owner's consent is one button.
@UIApplicationMain
final class SampleApp: UIResponder, UIApplicationDelegate, MtdIosListener {
    private static let consent = "consent"

    var window: UIWindow?
    private let page = StatusViewController()
    private var status: MtdStatus?
    private var stopped: MtdError?

    func application(
        _ application: UIApplication, didFinishLaunchingWithOptions options: [UIApplication.LaunchOptionsKey: Any]?
    ) -> Bool {
        var config = MtdIosConfig(trustJson: SampleApp.trust())
        config.refreshTask = "io.mtdagent.sample.refresh"
        MtdIos.start(config, listener: self)
        page.onConsent = consent
        page.hasConsent = UserDefaults.standard.bool(forKey: SampleApp.consent)
        window = UIWindow(frame: UIScreen.main.bounds)
        window?.rootViewController = page
        window?.makeKeyAndVisible()
        application.registerForRemoteNotifications()
        return true
    }

    func application(
        _ application: UIApplication,
        performFetchWithCompletionHandler end: @escaping (UIBackgroundFetchResult) -> Void
    ) {
        answer(end)
    }

    func application(
        _ application: UIApplication, didReceiveRemoteNotification message: [AnyHashable: Any],
        fetchCompletionHandler end: @escaping (UIBackgroundFetchResult) -> Void
    ) {
        answer(end)
    }

    func started(agent: MtdAgent) throws {
        try agent.setConsent(given: UserDefaults.standard.bool(forKey: SampleApp.consent))
    }

    func notStarted(error: MtdError) {
        show { $0.stopped = error }
    }

    func statusChanged(status: MtdStatus) {
        show {
            $0.status = status
            $0.stopped = nil
        }
    }

    func inert(error: MtdError) {
        show { $0.stopped = error }
    }

    private func consent() {
        UserDefaults.standard.set(true, forKey: SampleApp.consent)
        page.hasConsent = true
        // Not on the main thread: a call may wait for the agent's.
        DispatchQueue.global().async {
            try? MtdIos.current?.agent?.setConsent(given: true)
        }
    }

    private func answer(_ end: @escaping (UIBackgroundFetchResult) -> Void) {
        guard let ios = MtdIos.current else {
            return end(.noData)
        }
        ios.contact(answering: end)
    }

    private func show(_ change: @escaping (SampleApp) -> Void) {
        DispatchQueue.main.async {
            change(self)
            self.page.text = StatusPage.text(of: self.status, stopped: self.stopped)
        }
    }

    /// Whom to trust is part of the app, never of a configuration.
    private static func trust() -> String {
        guard let file = Bundle.main.url(forResource: "trust", withExtension: "json"),
            let text = try? String(contentsOf: file, encoding: .utf8)
        else {
            preconditionFailure("the app was built without its trust.json")
        }
        return text
    }
}
