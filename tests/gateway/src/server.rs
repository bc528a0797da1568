//! The device listener: TLS with an optional client certificate, HTTP/1.1, deadlines and bounds.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service as _;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls::{HandshakeKind, RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use crate::api::Gateway;
use crate::failure::SetupError;
use crate::home::{self, Home};
use crate::peer::{Peer, PeerCertificate};

/// Connections served at once.
pub const MAX_CONNECTIONS: usize = 1024;

/// How long a handshake may take. A phone's key store may need seconds for one signature.
pub const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(30);

/// How long a request's head may take, or the next one on a connection.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(15);

/// How long a connection may live.
pub const CONNECTION_DEADLINE: Duration = Duration::from_secs(300);

/// TLS sessions remembered for resumption, which costs the phone no signature.
const SESSIONS: usize = 10_240;

/// TLS of the device listener: our CA verifies client certificates, and none is demanded.
pub fn tls(home: &Home) -> Result<TlsAcceptor, SetupError> {
    let failed = |_| SetupError::Crypto("the server's certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(home::read(&home.ca_certificate())?)).map_err(failed)?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .allow_unauthenticated()
        // There is one CA; its name would travel with every handshake.
        .clear_root_hint_subjects()
        .build()
        .map_err(|_| SetupError::Crypto("the CA's certificate"))?;
    let certificate = CertificateDer::from(home::read(&home.server_certificate())?);
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(home::read(&home.server_key())?));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)
        .map_err(failed)?;
    config.session_storage = ServerSessionMemoryCache::new(SESSIONS);
    config.send_tls13_tickets = 1;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves devices until the task is dropped.
pub async fn serve_devices(gateway: Arc<Gateway>, listener: TcpListener, tls: TlsAcceptor, router: Router) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Some(stream) = accept(&listener).await else {
            continue;
        };
        gateway.connections.fetch_add(1, Ordering::Relaxed);
        // No room: the connection closes, and the client comes again.
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
            continue;
        };
        let (tls, router) = (tls.clone(), router.clone());
        tokio::spawn(async move {
            let _permit = permit;
            let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_DEADLINE, tls.accept(stream)).await else {
                return;
            };
            let connection = stream.get_ref().1;
            let leaf = connection.peer_certificates().and_then(|chain| chain.first());
            let peer = Peer {
                certificate: leaf.and_then(|leaf| PeerCertificate::parse(leaf)),
                resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
            };
            serve_connection(stream, router, Some(peer)).await;
        });
    }
}

/// Serves people until the task is dropped.
pub async fn serve_plain(listener: TcpListener, router: Router) {
    loop {
        let Some(stream) = accept(&listener).await else {
            continue;
        };
        tokio::spawn(serve_connection(stream, router.clone(), None));
    }
}

async fn accept(listener: &TcpListener) -> Option<TcpStream> {
    match listener.accept().await {
        Ok((stream, _)) => {
            stream.set_nodelay(true).ok()?;
            Some(stream)
        }
        Err(error) => {
            log::warn!("a connection could not be accepted: {error}");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    peer: Option<Peer>,
) {
    let inner = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        if let Some(peer) = &peer {
            request.extensions_mut().insert(peer.clone());
        }
        inner.call(request)
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_DEADLINE)
        .serve_connection(TokioIo::new(stream), service);
    if let Ok(Err(error)) = tokio::time::timeout(CONNECTION_DEADLINE, serving).await {
        log::debug!("a connection ended early: {error}");
    }
}

/// Pause after a failed accept, such as when file descriptors run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
