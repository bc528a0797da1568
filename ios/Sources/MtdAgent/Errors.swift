#if canImport(MtdAgentFFI)
import MtdAgentFFI
#endif

/// What a partner reads of an error without a call for each part.
extension MtdError {
    /// What is done about it.
    public var remedy: MtdRemedy {
        fault().remedy
    }

    /// `code: sentence`, in English. Nothing of the input.
    public var summary: String {
        "\(code()): \(text())"
    }
}
