import MtdAgent

/// The app's own part of the README's example.
enum Partner {
    static let trustJson = "{}"

    static func ownerAgreed() -> Bool {
        true
    }

    static func show(_ error: MtdError) {
        print(error.summary)
    }

    static func show(_ status: MtdStatus) {
        print(status)
    }
}
