//! Whether it is our child that answers on the port.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

/// One handshake.
const WITHIN: Duration = Duration::from_secs(2);

/// A handshake with the server at `address`, which must hold a certificate under `root`.
pub(super) fn handshake(address: SocketAddr, root: Vec<u8>) -> Option<()> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root)).ok()?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").ok()?;
    let mut tls = ClientConnection::new(Arc::new(config), name).ok()?;
    let mut tcp = TcpStream::connect_timeout(&address, WITHIN).ok()?;
    tcp.set_read_timeout(Some(WITHIN)).ok()?;
    while tls.is_handshaking() {
        tls.complete_io(&mut tcp).ok()?;
    }
    Some(())
}
