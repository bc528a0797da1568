import Foundation

public struct NWInterface {
    public enum InterfaceType {
        case other
        case wifi
        case cellular
        case wiredEthernet
        case loopback
    }

    public let type: InterfaceType
    public let name: String

    public init(type: InterfaceType, name: String) {
        self.type = type
        self.name = name
    }
}

public struct NWPath {
    public enum Status {
        case satisfied
        case unsatisfied
        case requiresConnection
    }

    public let status: Status
    public let availableInterfaces: [NWInterface]
    public let isExpensive: Bool

    public init(status: Status, availableInterfaces: [NWInterface], isExpensive: Bool) {
        self.status = status
        self.availableInterfaces = availableInterfaces
        self.isExpensive = isExpensive
    }
}

/// Tells the path at its start, and each other one.
public final class NWPathMonitor {
    private static let lock = NSLock()
    nonisolated(unsafe) private static var path: NWPath?
    nonisolated(unsafe) private static var running: [ObjectIdentifier: NWPathMonitor] = [:]

    public var pathUpdateHandler: ((NWPath) -> Void)?
    private var queue: DispatchQueue?

    public init() {}

    public func start(queue: DispatchQueue) {
        NWPathMonitor.lock.lock()
        defer { NWPathMonitor.lock.unlock() }
        self.queue = queue
        NWPathMonitor.running[ObjectIdentifier(self)] = self
        NWPathMonitor.path.map(tell)
    }

    public func cancel() {
        NWPathMonitor.lock.lock()
        defer { NWPathMonitor.lock.unlock() }
        NWPathMonitor.running[ObjectIdentifier(self)] = nil
    }

    /// The network is this from now on.
    public static func become(_ path: NWPath) {
        lock.lock()
        defer { lock.unlock() }
        self.path = path
        running.values.forEach { $0.tell(path) }
    }

    /// How many follow it.
    public static var followers: Int {
        lock.lock()
        defer { lock.unlock() }
        return running.count
    }

    private func tell(_ path: NWPath) {
        queue?.async { self.pathUpdateHandler?(path) }
    }
}
