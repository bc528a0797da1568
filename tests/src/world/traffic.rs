//! What an exchange costs in bytes above TCP, as the transport counts it.

use agent_logic::command::Exchange;
use agent_logic::event::{Answer, Traffic};
use serde::Serialize;

/// A handshake of TLS 1.3 in which both sides show a chain of two certificates on P-256, with HTTP's own lines.
const HANDSHAKE: Traffic = Traffic { up: 1_800, down: 2_600 };

/// What a signed document adds to its payload: header and signature. The payload is written in base64.
const SIGNATURE: u64 = 250;

/// Bytes of a cloud that answers at length.
const AT_LENGTH: u64 = 600 * 1_024;

/// The cost of an exchange and its answer.
pub(super) fn traffic(exchange: &Exchange, answer: &Answer, at_length: bool) -> Traffic {
    let signed = |bytes: u64| SIGNATURE + bytes * 4 / 3;
    let policy = answer.policy.clone().map_or(0, |policy| signed(written(&policy.into_inner())));
    let manifest = answer.manifest.clone().map_or(0, |set| signed(written(&set.into_inner())));
    let commands = answer.commands.iter().cloned().map(|command| signed(written(&command.into_inner())));
    let length = if at_length { AT_LENGTH } else { 0 };
    let down = written(&answer.reply) + policy + manifest + commands.sum::<u64>() + length;
    let up = u64::try_from(exchange.body.as_slice().len()).unwrap_or(u64::MAX);
    Traffic { up: HANDSHAKE.up + up, down: HANDSHAKE.down + down }
}

fn written(value: &impl Serialize) -> u64 {
    serde_json::to_vec(value).map_or(0, |bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX))
}
