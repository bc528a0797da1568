import Foundation

public enum LAPolicy: Int {
    case deviceOwnerAuthenticationWithBiometrics = 1
    case deviceOwnerAuthentication
}

public struct LAError {
    public enum Code: Int {
        case passcodeNotSet = -5
        case notInteractive = -1004
    }

    public static let passcodeNotSet = Code.passcodeNotSet
}

public final class LAContext {
    /// What the device answers: nil for "yes".
    nonisolated(unsafe) public static var refusal: LAError.Code?

    public init() {}

    public func canEvaluatePolicy(_ policy: LAPolicy, error: UnsafeMutablePointer<NSError?>?) -> Bool {
        guard let refusal = LAContext.refusal else {
            return true
        }
        error?.pointee = NSError(domain: "com.apple.LocalAuthentication", code: refusal.rawValue)
        return false
    }
}
