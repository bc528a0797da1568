#if canImport(UIKit)
import Foundation
import UIKit

#if canImport(BackgroundTasks)
import BackgroundTasks
#endif

/// How the system wakes the app: by a refresh task from iOS 13 on, by a background fetch before.
enum AppleWakes {
    /// The system demands it before the app has finished launching. An identifier that does not stand in
    /// `BGTaskSchedulerPermittedIdentifiers` is never called.
    static func register(refreshTask: String?, for platform: Platform) {
        #if canImport(BackgroundTasks)
        if #available(iOS 13.0, *), let identifier = refreshTask {
            BGTaskScheduler.shared.register(forTaskWithIdentifier: identifier, using: nil) { [weak platform] task in
                guard let platform = platform else {
                    return task.setTaskCompleted(success: false)
                }
                let contact = platform.contact(seconds: MtdIos.backgroundSeconds) { end in
                    task.setTaskCompleted(success: end == .settled)
                    // A task is called once: without another plan it was the last.
                    plan(refreshTask: identifier, seconds: platform.secondsToNextContact)
                }
                task.expirationHandler = contact.cancel
            }
        }
        #endif
    }

    static func plan(refreshTask: String?, seconds: TimeInterval) {
        #if canImport(BackgroundTasks)
        if #available(iOS 13.0, *), let identifier = refreshTask {
            let request = BGAppRefreshTaskRequest(identifier: identifier)
            request.earliestBeginDate = Date(timeIntervalSinceNow: seconds)
            // Refused in an extension, in a simulator and where the user switched refreshing off: a push and the
            // foreground still bring contacts.
            try? BGTaskScheduler.shared.submit(request)
            return
        }
        #endif
        DispatchQueue.main.async {
            UIApplication.shared.setMinimumBackgroundFetchInterval(seconds)
        }
    }
}

extension MtdIos {
    /// A background fetch or a push message: contacts the cloud and answers the system. For
    /// `application(_:performFetchWithCompletionHandler:)` and
    /// `application(_:didReceiveRemoteNotification:fetchCompletionHandler:)`.
    @discardableResult
    public func contact(answering end: @escaping (UIBackgroundFetchResult) -> Void) -> MtdContact {
        contact { how in
            DispatchQueue.main.async {
                switch how {
                case .settled: end(.newData)
                case .notRunning: end(.noData)
                case .outOfTime, .cancelled, .failed: end(.failed)
                }
            }
        }
    }
}
#endif
