/// Every code of `MtdError.code()`, by name. A number never changes its meaning.
///
/// Written by `cargo xtask parity --write` from the table of the core.
public enum MtdCode {
    /// The configuration names no gateway, device ID or tenant.
    public static let configurationIncomplete: UInt16 = 101
    /// The gateway is not a host under https, with or without a port.
    public static let gatewayMalformed: UInt16 = 102
    /// The gateway is not under the host that the app was built for.
    public static let gatewayNotAllowed: UInt16 = 103
    /// The device is registered with another gateway, which a configuration cannot change.
    public static let gatewayChanged: UInt16 = 104
    /// A configured value has another type than its key demands.
    public static let valueWrongType: UInt16 = 110
    /// A configured value is a token that the MDM did not resolve.
    public static let valueUnresolved: UInt16 = 111
    /// A configured value is not in the form that its key demands.
    public static let valueMalformed: UInt16 = 112
    /// An Intune device ID stands where the Entra device ID is expected.
    public static let valueWrongId: UInt16 = 113
    /// A configured value is longer than the bound.
    public static let valueTooLong: UInt16 = 114
    /// A configuration has more values, or nests deeper, than the bound.
    public static let sourceTooLarge: UInt16 = 115
    /// A configuration key differs from a known one by upper and lower case.
    public static let keyWrongCase: UInt16 = 116
    /// Two configurations name different device IDs or tenants.
    public static let sourcesDisagree: UInt16 = 117
    /// A configuration key stands in a source that may not set it.
    public static let keyNotFromHere: UInt16 = 118
    /// The user wanted to leave, which the policy prevents.
    public static let unenrolmentPrevented: UInt16 = 130
    /// The trust that the app was built with cannot be used.
    public static let trustUnusable: UInt16 = 131
    /// The agent was stopped.
    public static let stopped: UInt16 = 132
    /// Too many inputs wait.
    public static let inputsCrowded: UInt16 = 133
    /// An argument is absent, of the wrong type, or cannot be read.
    public static let argument: UInt16 = 134
    /// A blocking call on a thread of the agent's own.
    public static let wouldBlock: UInt16 = 135
    /// A blocking call on the app's main thread.
    public static let mainThread: UInt16 = 136
    /// The key store is locked until the device is unlocked for the first time.
    public static let keyLocked: UInt16 = 201
    /// The key store did not answer in time.
    public static let keyBusy: UInt16 = 202
    /// The key is no longer in the key store.
    public static let keyGone: UInt16 = 203
    /// The key store cannot make or use a key of this kind.
    public static let keyUnsupported: UInt16 = 204
    /// The CA demands what the key store cannot give.
    public static let demandUnmet: UInt16 = 205
    /// The issued certificate is not for this key, device ID, CA or use.
    public static let certificateInvalid: UInt16 = 206
    /// The activation credential is not accepted for this device.
    public static let credentialRefused: UInt16 = 210
    /// The activation credential was used already.
    public static let credentialBurnt: UInt16 = 211
    /// The activation credential has expired.
    public static let credentialExpired: UInt16 = 212
    /// The device is in no enrolment group.
    public static let notEligible: UInt16 = 213
    /// The device has a living certificate that this credential may not replace.
    public static let alreadyEnrolled: UInt16 = 214
    /// The cloud does not know the device's certificate.
    public static let certificateRequired: UInt16 = 215
    /// The administrator revoked the device.
    public static let revoked: UInt16 = 216
    /// There is no network, no name or no route.
    public static let offline: UInt16 = 301
    /// The cloud did not answer in time.
    public static let timedOut: UInt16 = 302
    /// Nothing listens at the gateway's address.
    public static let connectionRefused: UInt16 = 303
    /// The server refused the device's certificate during the handshake.
    public static let certificateRefused: UInt16 = 305
    /// The server's certificate does not chain to the partner's CA.
    public static let unknownIssuer: UInt16 = 310
    /// The server's certificate is for another name.
    public static let wrongName: UInt16 = 311
    /// The server's key is not pinned.
    public static let wrongPin: UInt16 = 312
    /// The server's certificate has expired or is not valid yet.
    public static let notValidNow: UInt16 = 313
    /// The server's certificate, or the proof of its key, is malformed.
    public static let handshakeMalformed: UInt16 = 314
    /// The cloud got too many requests.
    public static let throttled: UInt16 = 401
    /// The cloud cannot answer at present.
    public static let unavailable: UInt16 = 402
    /// The cloud redirected, which is not followed.
    public static let redirected: UInt16 = 404
    /// The answer ended early.
    public static let answerTruncated: UInt16 = 405
    /// The answer is larger than the bound.
    public static let answerTooLarge: UInt16 = 406
    /// The answer is not what the contract says.
    public static let answerMalformed: UInt16 = 407
    /// The signature of a document does not hold.
    public static let documentForged: UInt16 = 408
    /// The CA cannot read the certificate request.
    public static let requestInvalid: UInt16 = 410
    /// The cloud cannot read the report.
    public static let reportInvalid: UInt16 = 411
    /// The report does not follow the last one that the cloud holds.
    public static let chainBroken: UInt16 = 412
    /// The report is larger than the cloud allows.
    public static let reportTooLarge: UInt16 = 413
    /// There is no such thing at the gateway.
    public static let notFound: UInt16 = 414
    /// The cloud named a problem of a later version.
    public static let problemUnknown: UInt16 = 419
    /// A signed document is of another kind than its place demands.
    public static let documentWrongKind: UInt16 = 420
    /// A signed document is for another tenant.
    public static let documentWrongTenant: UInt16 = 421
    /// A signed document is older than the one in force.
    public static let documentOld: UInt16 = 422
    /// A signed document has expired.
    public static let documentExpired: UInt16 = 423
    /// A signed command is for another device.
    public static let commandWrongDevice: UInt16 = 424
    /// A signed command was obeyed before.
    public static let commandRepeated: UInt16 = 425
    /// More signed commands are in flight than are remembered.
    public static let commandsCrowded: UInt16 = 426
    /// The system does not allow reading apps or settings.
    public static let collectDenied: UInt16 = 501
    /// There is no space left.
    public static let storageFull: UInt16 = 502
    /// The storage reported an error.
    public static let storageIo: UInt16 = 503
    /// What is stored cannot be read.
    public static let storageUnreadable: UInt16 = 504
    /// Another process holds the folder.
    public static let storageBusy: UInt16 = 505
    /// What is stored was written by a later version.
    public static let storageNewer: UInt16 = 506
    /// Apps or settings cannot be read in full.
    public static let collectFailed: UInt16 = 507
    /// More changes waited than are kept; the oldest are lost.
    public static let transitionsOverflowed: UInt16 = 508
    /// More threats were found than are kept open.
    public static let threatsOverflowed: UInt16 = 509
    /// More apps are installed than are reported.
    public static let appsOverflowed: UInt16 = 510
    /// More than half of the apps are missing; they are read again.
    public static let appsDoubted: UInt16 = 511
    /// Three starts did not come to rest; what can be derived again was dropped.
    public static let startRepaired: UInt16 = 512
    /// The system gives no randomness, no memory or no thread.
    public static let system: UInt16 = 513
    /// The native library is not there, or is for another device.
    public static let library: UInt16 = 514
    /// What was stored was lost and was given up; the device activates anew.
    public static let startedOver: UInt16 = 515
    /// The agent's shell gave a command up.
    public static let lost: UInt16 = 901
    /// An internal fault; the agent does nothing any more.
    public static let inert: UInt16 = 902
}
