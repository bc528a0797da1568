//! One TLS connection to the partner's cloud that carries HTTP/1.1.

use std::sync::Arc;
use std::time::Duration;

use agent_logic::command::Origin;
use agent_logic::failure::{Distrust, DistrustReason, SendFailure, Unreadable};
use agent_logic::time::Wall;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::clock::TrustedClock;
use super::dial::dial;
use super::meter::{FirstFailure, Meter, Metered, Watched};
use super::reply::Reply;
use super::verifier::PinnedVerifier;
use super::{cause, reply};
use crate::x509::Certificate;

/// What a connection needs.
pub(super) struct Route<'a> {
    pub(super) origin: &'a Origin,
    pub(super) config: Arc<ClientConfig>,
    pub(super) verifier: &'a PinnedVerifier,
    pub(super) clock: &'a TrustedClock,
    pub(super) meter: Arc<Meter>,
}

/// An open connection. The server is authenticated.
pub(super) struct Line {
    sender: SendRequest<Full<Bytes>>,
    driver: Driver,
    first: FirstFailure,
    server_valid_until: Wall,
}

impl Line {
    /// Connects and authenticates the server.
    pub(super) async fn open(route: &Route<'_>) -> Result<Self, SendFailure> {
        let name = ServerName::try_from(route.origin.host.clone()).map_err(|_| SendFailure::Offline)?;
        let tcp = Metered::new(dial(route.origin).await?, Arc::clone(&route.meter));

        route.verifier.reset();
        let connector = TlsConnector::from(Arc::clone(&route.config));
        let tls = timeout(HANDSHAKE_TIMEOUT, connector.connect(name, tcp))
            .await
            .map_err(|_| SendFailure::TimedOut)?
            .map_err(|error| cause::of_handshake(&error, route.verifier.proven()))?;

        let leaf = tls.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let server_valid_until = valid_until(leaf)?;
        // A resumed session is not verified again; its certificate may have ended meanwhile.
        if server_valid_until < route.clock.now() {
            return Err(SendFailure::NotTrusted(Distrust {
                reason: DistrustReason::Validity,
                presented: Vec::new(),
            }));
        }

        Self::over(tls, server_valid_until).await
    }

    /// A line over `stream`, whose other end is authenticated.
    pub(super) async fn over<S>(stream: S, server_valid_until: Wall) -> Result<Self, SendFailure>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let first = FirstFailure::default();
        let stream = TokioIo::new(Watched::new(stream, first.clone()));
        let (sender, connection) = Builder::new()
            .max_buf_size(MAX_BUFFER)
            .max_headers(MAX_HEADERS)
            .handshake(stream)
            .await
            .map_err(|error| cause::of_http(&error))?;
        let driver = tokio::spawn(async move {
            // Its failure reaches the request, or `first`.
            let _ = connection.await;
        });
        Ok(Self { sender, driver: Driver(driver), first, server_valid_until })
    }

    /// The end of the server's certificate.
    pub(super) const fn server_valid_until(&self) -> Wall {
        self.server_valid_until
    }

    /// Sends one request and reads the whole answer, whose body is at most `limit` bytes, before and after
    /// decompression.
    pub(super) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
        limit: usize,
    ) -> Result<Reply, SendFailure> {
        let response = self.sender.send_request(request).await.map_err(|error| self.failure(&error))?;
        let (head, body) = response.into_parts();
        if head.status.is_success() {
            let body = self.read(body, limit).await?;
            let body = reply::decode(&head.headers, body, limit)?;
            return Ok(Reply::new(Response::from_parts(head, body)));
        }
        // The status decides; a body that cannot be read changes nothing about it.
        let body = self
            .read(body, MAX_PROBLEM)
            .await
            .and_then(|body| reply::decode(&head.headers, body, MAX_PROBLEM))
            .unwrap_or_default();
        Ok(Reply::new(Response::from_parts(head, body)))
    }

    /// Whether the server keeps the connection for one more request.
    pub(super) async fn is_reusable(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    /// Says goodbye.
    pub(super) async fn close(self) {
        let Self { sender, mut driver, .. } = self;
        // Without a sender the connection ends by itself.
        drop(sender);
        let _ = timeout(GOODBYE_TIMEOUT, &mut driver.0).await;
    }

    async fn read(&self, mut body: Incoming, limit: usize) -> Result<Vec<u8>, SendFailure> {
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > limit {
            return Err(TOO_LARGE);
        }
        let mut whole = Vec::with_capacity(announced);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| self.failure(&error))?;
            let Ok(data) = frame.into_data() else { continue };
            if whole.len().saturating_add(data.len()) > limit {
                return Err(TOO_LARGE);
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole)
    }

    fn failure(&self, error: &hyper::Error) -> SendFailure {
        self.first.take().unwrap_or_else(|| cause::of_http(error))
    }
}

/// Moves the bytes; ends with the line.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn valid_until(leaf: Option<&CertificateDer<'_>>) -> Result<Wall, SendFailure> {
    let malformed =
        || SendFailure::NotTrusted(Distrust { reason: DistrustReason::Malformed, presented: Vec::new() });
    let leaf = Certificate::parse(leaf.ok_or_else(malformed)?).map_err(|_| malformed())?;
    Ok(leaf.not_after)
}

const TOO_LARGE: SendFailure = SendFailure::Unreadable(Unreadable::TooLarge);

/// A key in hardware may take seconds to sign.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);

/// For close_notify to leave; the answer is there already.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);

/// HTTP's read buffer, which bounds the head of an answer. hyper takes no less than 8 KiB.
const MAX_BUFFER: usize = 64 * 1024;

/// Headers of an answer.
const MAX_HEADERS: usize = 64;

/// A problem document.
const MAX_PROBLEM: usize = 16 * 1024;
