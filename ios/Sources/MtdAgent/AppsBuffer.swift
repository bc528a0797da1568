import Foundation
#if canImport(MtdAgentFFI)
import MtdAgentFFI
#endif

/// Apps in the layout of `bindings/buffer/src/apps.rs`.
enum AppsBuffer {
    private static let version: UInt8 = 1
    private static let mostApps = 5000
    private static let absent: UInt16 = 0xffff
    /// The parser keeps 255 bytes; a longer text is not copied whole.
    private static let longestText = 1024

    /// - Throws: `failed` for more apps than the agent keeps: an incomplete list must not look like a removal.
    static func of(_ apps: [MtdApp]) throws -> Data {
        guard apps.count <= mostApps, let count = UInt16(exactly: apps.count) else {
            throw MtdSensorFault.Failed
        }
        var out = Data([version])
        append(count, to: &out)
        for app in apps {
            append(text: app.id, to: &out)
            append(absent, to: &out)
            append(text: app.name, to: &out)
            append(text: app.shortVersion, to: &out)
            append(text: app.version, to: &out)
            append(app.bundleBytes ?? .max, to: &out)
            append(app.dynamicBytes ?? .max, to: &out)
            append(UInt64.max, to: &out)
            append(answers(of: app), to: &out)
            out.append(0)
        }
        return out
    }

    private static func answers(of app: MtdApp) -> UInt16 {
        let six = [app.adHoc, app.fromStore, app.beta, app.deviceVpp, app.managed, app.validated]
        return six.enumerated().reduce(0) { all, one in
            all | (one.element.map { $0 ? 2 : 1 } ?? 0) << (2 * UInt16(one.offset))
        }
    }

    private static func append(text: String?, to out: inout Data) {
        guard let text = text else {
            return append(absent, to: &out)
        }
        let utf8 = Array(String(text.prefix(longestText)).utf8.prefix(Int(absent) - 1))
        append(UInt16(utf8.count), to: &out)
        out.append(contentsOf: utf8)
    }

    private static func append<T: FixedWidthInteger>(_ number: T, to out: inout Data) {
        withUnsafeBytes(of: number.bigEndian) { out.append(contentsOf: $0) }
    }
}
