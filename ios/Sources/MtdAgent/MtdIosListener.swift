#if canImport(MtdAgentFFI)
import MtdAgentFFI
#endif

/// Is told how the start went, and of changes from then on. Must return soon.
public protocol MtdIosListener: AnyObject {
    /// The agent runs: say here whether the owner agreed, and hand in what a sign-in gave. Called on the queue
    /// `mtd-platform`. What it throws is dropped.
    func started(agent: MtdAgent) throws

    /// The agent does not run. It is tried again after the first unlock, after a minute or at the next contact where
    /// the remedy is `waitForUnlock`, `retry` or `startOver`. Called on the queue `mtd-platform`.
    ///
    /// - Parameter error: 505 in an app extension
    func notStarted(error: MtdError)

    /// The status changed. Called on the thread `mtd-agent`.
    func statusChanged(status: MtdStatus)

    /// The agent does nothing any more after an internal fault; the app keeps running.
    func inert(error: MtdError)

    /// The answer to `MtdAgent.visit`. Called on the thread `mtd-agent`. A host that never asks needs none.
    func webVerdict(answer: MtdWebAnswer)
}

extension MtdIosListener {
    public func webVerdict(answer: MtdWebAnswer) {}
}
