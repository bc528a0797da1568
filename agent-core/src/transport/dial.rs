//! A TCP connection to a name, IPv6 and IPv4 raced (RFC 8305).

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use agent_logic::command::Origin;
use agent_logic::failure::SendFailure;
use tokio::net::{TcpStream, lookup_host};
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

use super::cause;

/// Connects within [`CONNECT_TIMEOUT`].
pub(super) async fn dial(origin: &Origin) -> Result<TcpStream, SendFailure> {
    timeout(CONNECT_TIMEOUT, race(origin)).await.unwrap_or(Err(SendFailure::TimedOut))
}

async fn race(origin: &Origin) -> Result<TcpStream, SendFailure> {
    let mut waiting = resolve(origin).await?;
    let mut running = JoinSet::new();
    let mut worst = SendFailure::Offline;
    loop {
        let ended = match waiting.pop_front() {
            Some(address) => {
                running.spawn(TcpStream::connect(address));
                // Elapsed: the next address starts beside this one.
                timeout(STAGGER, running.join_next()).await.unwrap_or_default()
            }
            None if running.is_empty() => return Err(worst),
            None => running.join_next().await,
        };
        match ended.map(flatten) {
            Some(Ok(stream)) => {
                // Sent at once; a failure costs time and nothing else.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Some(Err(error)) => worst = worse(worst, cause::of_connect(&error)),
            None => {}
        }
    }
}

/// Addresses in the order to try: families in turn, beginning with the resolver's first.
async fn resolve(origin: &Origin) -> Result<VecDeque<SocketAddr>, SendFailure> {
    if let Ok(address) = origin.host.parse::<IpAddr>() {
        return Ok(VecDeque::from([SocketAddr::new(address, origin.port)]));
    }
    let found = lookup_host((origin.host.as_str(), origin.port)).await.map_err(|_| SendFailure::Offline)?;
    Ok(in_turn(found.take(ADDRESSES)))
}

fn in_turn(found: impl Iterator<Item = SocketAddr>) -> VecDeque<SocketAddr> {
    let mut found = found.peekable();
    let first_is_v6 = found.peek().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = found.partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut order = VecDeque::new();
    loop {
        let pair = [first.next(), second.next()];
        if pair == [None, None] {
            return order;
        }
        order.extend(pair.into_iter().flatten());
    }
}

fn flatten(ended: Result<io::Result<TcpStream>, JoinError>) -> io::Result<TcpStream> {
    ended.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Of two failures, the one that says more: somebody answered, then somebody might have.
fn worse(a: SendFailure, b: SendFailure) -> SendFailure {
    if a == SendFailure::ConnectionRefused || b == SendFailure::Offline { a } else { b }
}

/// Until TCP stands, name resolution included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// RFC 8305 §5: Connection Attempt Delay.
const STAGGER: Duration = Duration::from_millis(250);

/// Addresses tried of those a name has.
const ADDRESSES: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns_and_none_is_lost() {
        let addresses: Vec<SocketAddr> = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let order: Vec<String> = in_turn(addresses.into_iter()).iter().map(ToString::to_string).collect();
        assert_eq!(order, ["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
    }
}
