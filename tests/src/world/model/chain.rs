//! The reports as they leave: each follows the acknowledged one before it, and is sent byte for byte until it is
//! acknowledged itself (W1, W2).

use agent_logic::model::{ChainId, Digest};
use agent_logic::redact::Bytes;
use agent_logic::wire::Report;

use super::{Violation, hold};

#[derive(Debug, Default)]
pub(in crate::world) struct Chain {
    sent: Option<Sent>,
}

/// The last report that left.
#[derive(Debug)]
struct Sent {
    chain: ChainId,
    sequence: u64,
    digest: Digest,
    acknowledged: bool,
}

impl Chain {
    /// Whether the report leaves for the first time.
    pub(in crate::world) fn sends(&mut self, report: &Report, body: &Bytes) -> Result<bool, Violation> {
        let digest = Digest::of(body.as_slice());
        let (chain, sequence) = (report.chain, report.sequence);
        let seen = || format!("report {sequence} of {chain}");
        let last = self.sent.as_ref().filter(|last| last.chain == chain);
        if let Some(last) = last.filter(|last| last.sequence == sequence) {
            return hold(last.digest == digest, "a report is sent again byte for byte", seen).map(|()| false);
        }
        let links = match last {
            None => sequence == 1 && report.previous.is_none(),
            Some(last) => sequence == last.sequence + 1 && report.previous == Some(last.digest),
        };
        hold(links, "reports are chained", seen)?;
        let answered = last.is_none_or(|last| last.acknowledged);
        hold(answered, "a report is sent until it is acknowledged", seen)?;
        self.sent = Some(Sent { chain, sequence, digest, acknowledged: false });
        Ok(true)
    }

    /// An authenticated answer to `body` was heard; whether it is the first.
    pub(in crate::world) fn answered(&mut self, body: &Bytes) -> bool {
        let digest = Digest::of(body.as_slice());
        let sent = self.sent.as_mut().filter(|sent| sent.digest == digest && !sent.acknowledged);
        sent.map(|sent| sent.acknowledged = true).is_some()
    }
}
