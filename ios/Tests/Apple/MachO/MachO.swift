import Foundation

// What Darwin says of a process. In Apple's SDK part of it comes with Foundation.

public let CTL_KERN: Int32 = 1
public let KERN_PROC: Int32 = 14
public let KERN_PROC_PID: Int32 = 1
public let P_TRACED: Int32 = 0x800

public struct extern_proc {
    public var p_flag: Int32 = 0
}

public struct kinfo_proc {
    public var kp_proc = extern_proc()

    public init() {}
}

/// What a test says of this process: its flags, nil where the system does not tell, and the code that is loaded.
public enum ThisProcess {
    nonisolated(unsafe) public static var flags: Int32? = 0
    nonisolated(unsafe) public static var images = ["/usr/lib/libSystem.B.dylib"]
}

public func sysctl(
    _ name: UnsafeMutablePointer<Int32>?, _ names: UInt32, _ into: UnsafeMutableRawPointer?,
    _ size: UnsafeMutablePointer<Int>?, _ new: UnsafeMutableRawPointer?, _ newSize: Int
) -> Int32 {
    let asked = [CTL_KERN, KERN_PROC, KERN_PROC_PID, getpid()]
    guard let flags = ThisProcess.flags, Array(UnsafeBufferPointer(start: name, count: Int(names))) == asked else {
        return -1
    }
    into?.assumingMemoryBound(to: kinfo_proc.self).pointee.kp_proc.p_flag = flags
    return 0
}

public func _dyld_image_count() -> UInt32 {
    UInt32(ThisProcess.images.count)
}

public func _dyld_get_image_name(_ nth: UInt32) -> UnsafePointer<CChar>? {
    UnsafePointer(strdup(ThisProcess.images[Int(nth)]))
}
