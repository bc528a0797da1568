import Foundation

/// A lock that is not forgotten. `OSAllocatedUnfairLock` is iOS 16.
final class Lock {
    private let lock = NSLock()

    func held<T>(_ body: () throws -> T) rethrows -> T {
        lock.lock()
        defer { lock.unlock() }
        return try body()
    }
}
