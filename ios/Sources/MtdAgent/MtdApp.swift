import Foundation

/// One installed app, as the host or App Sync knows it. Everything but the identifier may be left unknown, and unknown is
/// not false.
public struct MtdApp {
    /// The bundle identifier: 1 to 255 bytes of UTF-8 without control characters.
    public var id: String
    /// Shown name.
    public var name: String?
    /// Marketing version.
    public var shortVersion: String?
    /// Build version.
    public var version: String?
    /// Static size in bytes.
    public var bundleBytes: UInt64?
    /// Size of its data in bytes.
    public var dynamicBytes: UInt64?
    /// Signed for the devices of a list.
    public var adHoc: Bool?
    /// From the App Store.
    public var fromStore: Bool?
    /// From a beta channel.
    public var beta: Bool?
    /// Of a device's volume purchase.
    public var deviceVpp: Bool?
    /// Deployed by the organisation.
    public var managed: Bool?
    /// Can run.
    public var validated: Bool?

    /// - Parameter id: ``id``
    public init(id: String) {
        self.id = id
    }
}

/// An app that is told by a URL scheme of its own.
public struct MtdSchemeProbe {
    /// The bundle identifier of the app.
    public var appId: String
    /// Without `://`.
    public var scheme: String

    /// - Parameters:
    ///   - appId: ``appId``
    ///   - scheme: ``scheme``
    public init(appId: String, scheme: String) {
        self.appId = appId
        self.scheme = scheme
    }
}
