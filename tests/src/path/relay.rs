//! Bytes as they are.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Counters;

/// The record that a TLS 1.3 client may send in the middle of the server's flight (RFC 8446, appendix D.4).
const CHANGE_CIPHER_SPEC: usize = 6;

/// Forwards both ways.
pub(super) async fn pass(device: TcpStream, to: SocketAddr, counters: &Counters) -> std::io::Result<()> {
    let cloud = TcpStream::connect(to).await?;
    cloud.set_nodelay(true)?;
    let (from_device, to_device) = device.into_split();
    let (from_cloud, to_cloud) = cloud.into_split();
    let up = copy(from_device, to_cloud, &counters.up);
    let down = copy(from_cloud, to_device, &counters.down);
    tokio::try_join!(up, down).map(|_| ())
}

/// Forwards what the device sends and the cloud's first flight of TLS 1.3. What the cloud says once the device
/// has ended the handshake is its answer: kept back, and the connection stays open.
pub(super) async fn withhold(
    mut device: TcpStream,
    to: SocketAddr,
    counters: &Counters,
) -> std::io::Result<()> {
    let mut cloud = TcpStream::connect(to).await?;
    let (mut sent, mut answer) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    let (mut heard, mut ended) = (false, false);
    loop {
        tokio::select! {
            count = device.read(&mut sent) => {
                let Some(bytes) = sent.get(..count?).filter(|bytes| !bytes.is_empty()) else {
                    return cloud.shutdown().await;
                };
                ended |= heard && bytes.len() > CHANGE_CIPHER_SPEC;
                Counters::add(&counters.up, bytes.len());
                cloud.write_all(bytes).await?;
            }
            count = cloud.read(&mut answer) => {
                let Some(bytes) = answer.get(..count?).filter(|bytes| !bytes.is_empty()) else {
                    return std::future::pending().await;
                };
                heard = true;
                if ended {
                    Counters::add(&counters.withheld, bytes.len());
                } else {
                    Counters::add(&counters.down, bytes.len());
                    device.write_all(bytes).await?;
                }
            }
        }
    }
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
