import Foundation

// What the sample and the README's example call. Nothing is drawn.

@preconcurrency @MainActor
open class UIResponder: NSObject {
    nonisolated public override init() {}
}

@preconcurrency @MainActor
public protocol UIApplicationDelegate: AnyObject {
    func applicationDidFinishLaunching(_ application: UIApplication)
    func application(
        _ application: UIApplication, didFinishLaunchingWithOptions options: [UIApplication.LaunchOptionsKey: Any]?
    ) -> Bool
    func application(
        _ application: UIApplication,
        performFetchWithCompletionHandler end: @escaping (UIBackgroundFetchResult) -> Void)
    func application(
        _ application: UIApplication, didReceiveRemoteNotification message: [AnyHashable: Any],
        fetchCompletionHandler end: @escaping (UIBackgroundFetchResult) -> Void)
}

// Each method of it is optional.
extension UIApplicationDelegate {
    public func applicationDidFinishLaunching(_ application: UIApplication) {}

    public func application(
        _ application: UIApplication, didFinishLaunchingWithOptions options: [UIApplication.LaunchOptionsKey: Any]?
    ) -> Bool {
        true
    }

    public func application(
        _ application: UIApplication,
        performFetchWithCompletionHandler end: @escaping (UIBackgroundFetchResult) -> Void
    ) {}

    public func application(
        _ application: UIApplication, didReceiveRemoteNotification message: [AnyHashable: Any],
        fetchCompletionHandler end: @escaping (UIBackgroundFetchResult) -> Void
    ) {}
}

public final class UIScreen {
    nonisolated(unsafe) public static let main = UIScreen()
    public let bounds = CGRect(x: 0, y: 0, width: 320, height: 568)
}

public final class UIColor {
    nonisolated(unsafe) public static let white = UIColor()
}

@preconcurrency @MainActor
open class UIView: UIResponder {
    public struct AutoresizingMask: OptionSet {
        public static let flexibleWidth = AutoresizingMask(rawValue: 2)
        public let rawValue: UInt

        public init(rawValue: UInt) {
            self.rawValue = rawValue
        }
    }

    public var frame = CGRect()
    public var bounds: CGRect { frame }
    public var isHidden = false
    public var backgroundColor: UIColor?
    public var autoresizingMask: AutoresizingMask = []
    public private(set) var subviews: [UIView] = []

    public convenience init(frame: CGRect) {
        self.init()
        self.frame = frame
    }

    public func addSubview(_ view: UIView) {
        subviews.append(view)
    }
}

@preconcurrency @MainActor
public final class UILabel: UIView {
    public var text: String?
    public var numberOfLines = 1
}

@preconcurrency @MainActor
public final class UITextView: UIView {
    public var text: String! = ""
    public var isEditable = true
}

@preconcurrency @MainActor
public final class UIWindow: UIView {
    public var rootViewController: UIViewController?

    public func makeKeyAndVisible() {
        rootViewController?.loadViewIfNeeded()
    }
}

@preconcurrency @MainActor
open class UIViewController: UIResponder {
    public private(set) var view: UIView! = UIView()
    private var isLoaded = false

    open func viewDidLoad() {}

    public func loadViewIfNeeded() {
        if !isLoaded {
            isLoaded = true
            viewDidLoad()
        }
    }
}

@preconcurrency @MainActor
public final class UIButton: UIView {
    public enum ButtonType {
        case system
    }

    public struct State: OptionSet {
        public static let normal: State = []
        public let rawValue: UInt

        public init(rawValue: UInt) {
            self.rawValue = rawValue
        }
    }

    public struct Event: OptionSet {
        public static let touchUpInside = Event(rawValue: 64)
        public let rawValue: UInt

        public init(rawValue: UInt) {
            self.rawValue = rawValue
        }
    }

    public private(set) var titleLabel: UILabel?

    public convenience init(type: ButtonType) {
        self.init()
        titleLabel = UILabel()
    }

    public func setTitle(_ title: String?, for state: State) {
        titleLabel?.text = title
    }

    /// The action is a selector, which only Apple's systems have.
    public func addTarget<Action>(_ target: Any?, action: Action, for event: Event) {}
}
