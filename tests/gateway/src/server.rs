//! The listeners: TLS with an optional client certificate for devices, plain HTTP for people; deadlines and bounds.
//!
//! ```text
//!   accept ─▶ seat among strangers ─▶ hello ─▶ turn ─▶ handshake ─┬─ no certificate ─────────────────▶ requests
//!                                                                 └─ certificate: seat among devices ─▶ requests
//! ```

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service as _;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{Acceptor, ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls::{HandshakeKind, RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

use crate::api::Gateway;
use crate::crowd::{Crowd, Holder, Seat};
use crate::failure::SetupError;
use crate::home::{self, Home};
use crate::limits::Limits;
use crate::metrics::Handshake;
use crate::peer::{Peer, PeerCertificate};
use crate::stop::Stopping;

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

/// The connections of one gateway.
#[derive(Debug)]
pub struct Crowds {
    /// Those that showed no certificate.
    pub strangers: Arc<Crowd>,
    /// Those that showed one.
    pub devices: Arc<Crowd>,
    /// Those of the console.
    pub people: Arc<Crowd>,
}

impl Crowds {
    /// Room as `limits` have it.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let room = |most| Crowd::new(most);
        Self { strangers: room(limits.strangers), devices: room(limits.devices), people: room(limits.people) }
    }
}

/// Serves devices until the gateway stops.
pub async fn serve_devices(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    tls: TlsAcceptor,
    router: Router,
    stopping: Stopping,
) {
    while let Some((stream, from)) = accept(&listener, &stopping).await {
        gateway.connections.fetch_add(1, Ordering::Relaxed);
        let from = Holder::from_address(from.ip());
        let seat = gateway.crowds.strangers.enter(from);
        let (gateway, tls, router) = (Arc::clone(&gateway), Arc::clone(tls.config()), router.clone());
        let stopping = stopping.clone();
        tokio::spawn(async move {
            let limits = &gateway.limits;
            let stream = tokio::select! {
                stream = shake_hands(stream, tls, &gateway, from) => stream,
                () = seat.lost() => Err(Handshake::Failed),
                () = stopping.begun() => Err(Handshake::Failed),
            };
            let stream = match stream {
                Ok(stream) => stream,
                Err(how) => return gateway.metrics.shook_hands(how),
            };
            let connection = stream.get_ref().1;
            let leaf = connection.peer_certificates().and_then(|chain| chain.first());
            let peer = Peer {
                certificate: leaf.and_then(|leaf| PeerCertificate::parse(leaf)),
                resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
            };
            let how = if peer.resumed { Handshake::Resumed } else { Handshake::Full };
            gateway.metrics.shook_hands(how);
            let seat = match &peer.certificate {
                Some(shown) => gateway.crowds.devices.enter(Holder::Device(shown.device)),
                None => seat,
            };
            serve_connection(stream, router, Some(peer), limits, &seat, &stopping).await;
        });
    }
}

/// Serves people, and those who read figures, until the gateway stops.
pub async fn serve_people(gateway: Arc<Gateway>, listener: TcpListener, router: Router, stopping: Stopping) {
    while let Some((stream, from)) = accept(&listener, &stopping).await {
        let seat = gateway.crowds.people.enter(Holder::from_address(from.ip()));
        let (gateway, router, stopping) = (Arc::clone(&gateway), router.clone(), stopping.clone());
        tokio::spawn(async move {
            serve_connection(stream, router, None, &gateway.limits, &seat, &stopping).await;
        });
    }
}

/// The next connection; none once the gateway stops.
async fn accept(listener: &TcpListener, stopping: &Stopping) -> Option<(TcpStream, SocketAddr)> {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopping.begun() => return None,
        };
        match accepted {
            Ok((stream, from)) => {
                if stream.set_nodelay(true).is_ok() {
                    return Some((stream, from));
                }
            }
            Err(error) => {
                log::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn shake_hands(
    stream: TcpStream,
    tls: Arc<ServerConfig>,
    gateway: &Gateway,
    from: Holder,
) -> Result<TlsStream<TcpStream>, Handshake> {
    let limits = &gateway.limits;
    let hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
    let started = tokio::time::timeout(limits.hello, hello).await.ok().and_then(Result::ok);
    let started = started.ok_or(Handshake::Failed)?;
    let wait = gateway.handshakes.turn(from, Instant::now()).map_err(|_| Handshake::Refused)?;
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let shaken = tokio::time::timeout(limits.handshake, started.into_stream(tls)).await;
    shaken.ok().and_then(Result::ok).ok_or(Handshake::Failed)
}

async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    peer: Option<Peer>,
    limits: &Limits,
    seat: &Seat,
    stopping: &Stopping,
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
        .header_read_timeout(limits.head)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    let served = tokio::select! {
        served = tokio::time::timeout(limits.connection, &mut serving) => served,
        () = seat.lost() => return,
        () = stopping.begun() => {
            serving.as_mut().graceful_shutdown();
            tokio::time::timeout(limits.stop, serving).await
        }
    };
    if let Ok(Err(error)) = served {
        log::debug!("a connection ended early: {error}");
    }
}

/// Pause after a failed accept, such as when file descriptors run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
