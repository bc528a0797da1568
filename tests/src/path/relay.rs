//! Bytes as they are.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Counters;

/// Bytes of a full TLS handshake's server flights in both versions stay below this; an answer goes beyond.
/// The cloud's first flight is one certificate of one level.
const HANDSHAKE_AT_MOST: u64 = 1_400;

/// Forwards both ways.
pub(super) async fn pass(device: TcpStream, to: SocketAddr, counters: &Counters) -> std::io::Result<()> {
    let cloud = TcpStream::connect(to).await?;
    let (from_device, to_device) = device.into_split();
    let (from_cloud, to_cloud) = cloud.into_split();
    let up = copy(from_device, to_cloud, &counters.up);
    let down = copy(from_cloud, to_device, &counters.down);
    tokio::try_join!(up, down).map(|_| ())
}

/// Forwards what the device sends; keeps back what the cloud says beyond its handshake, and stays open.
pub(super) async fn withhold(device: TcpStream, to: SocketAddr, counters: &Counters) -> std::io::Result<()> {
    let cloud = TcpStream::connect(to).await?;
    let (from_device, mut to_device) = device.into_split();
    let (mut from_cloud, to_cloud) = cloud.into_split();
    let up = copy(from_device, to_cloud, &counters.up);
    let down = async {
        let mut passed = 0_u64;
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let count = from_cloud.read(&mut buffer).await?;
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
                return std::future::pending::<std::io::Result<()>>().await;
            };
            passed = passed.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
            if passed <= HANDSHAKE_AT_MOST {
                to_device.write_all(bytes).await?;
                Counters::add(&counters.down, count);
            } else {
                Counters::add(&counters.withheld, count);
            }
        }
    };
    tokio::try_join!(up, down).map(|((), ())| ())
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    counter: &AtomicU64,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
            return to.shutdown().await;
        };
        Counters::add(counter, count);
        to.write_all(bytes).await?;
    }
}
