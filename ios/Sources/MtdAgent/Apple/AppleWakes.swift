#if canImport(UIKit)
import Foundation
import UIKit

#if canImport(BackgroundTasks)
import BackgroundTasks
#endif

/// How the system wakes the app: by a refresh task from iOS 13 on, by a background fetch before.
enum AppleWakes {
    private static let lock = Lock()
    private static var registered: Set<String> = []

    /// The system demands it before the app has finished launching, and ends an app that does it again: a handler is for
    /// the agent that then runs. An identifier that does not stand in `BGTaskSchedulerPermittedIdentifiers` is never
    /// called.
    static func register(refreshTask: String?) {
        #if canImport(BackgroundTasks)
        if #available(iOS 13.0, *), let identifier = refreshTask, lock.held({ registered.insert(identifier).inserted }) {
            BGTaskScheduler.shared.register(forTaskWithIdentifier: identifier, using: nil, launchHandler: perform)
        }
        #endif
    }

    #if canImport(BackgroundTasks)
    @available(iOS 13.0, *)
    private static func perform(_ task: BGTask) {
        guard let ios = MtdIos.current else {
            return task.setTaskCompleted(success: false)
        }
        let contact = ios.contact { end in
            // A task is called once: without another plan it was the last.
            plan(refreshTask: task.identifier, seconds: ios.platform.secondsToNextContact)
            task.setTaskCompleted(success: end == .settled)
        }
        task.expirationHandler = contact.cancel
    }
    #endif

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
