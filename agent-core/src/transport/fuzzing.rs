//! Doors to the parsers behind TLS.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use agent_logic::command::{Enrol, Origin};
use agent_logic::event::{Answer, Certificate, Enrolled, Traffic, Verified};
use agent_logic::failure::{EnrolFailure, SendFailure, Unreadable};
use agent_logic::redact::Bytes as Sealed;
use agent_logic::time::Wall;
use agent_logic::wire::{MAX_ANSWER, Manifest};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::HOST;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::Builder;

use super::est::issued::{self, Issuers};
use super::est::{self, MAX_BODY, attributes as demands};
use super::line::Line;
use super::reply::Reply;
use super::signed::{self, Opened};
use super::{check_in, config, indicators};
use crate::trust::Trust;

/// Judges what a server says to a device that trusts `trust` and believes it is `now`.
pub struct Reading {
    trust: Trust,
    issuers: Issuers,
    now: Wall,
}

/// What became of a signed document.
#[derive(Clone, Debug)]
pub enum Document<T> {
    /// The signature holds.
    Genuine(Verified<T>),
    /// The signature holds, and the form is not known.
    Unknown,
    /// The signature does not hold, or is over another kind of document.
    Forged,
}

/// A reply that was read whole.
pub struct Heard(Reply);

/// Reads `said`, the bytes of one HTTP answer on a fresh connection.
///
/// # Errors
/// As an exchange.
pub fn hear(said: &[u8]) -> Result<Heard, SendFailure> {
    let runtime = Builder::new_current_thread().build().map_err(|_| SendFailure::Offline)?;
    let tape = Tape { said: said.to_vec(), at: 0, asked: false, reader: None };
    runtime.block_on(async {
        let mut line = Line::over(tape, Wall::default()).await?;
        let request = Request::get("/").header(HOST, "localhost").body(Full::new(Bytes::new()));
        let request = request.map_err(|_| SendFailure::Offline)?;
        line.exchange(request, MAX_ANSWER).await.map(Heard)
    })
}

/// Base64 as EST has it.
///
/// # Errors
/// What is no base64 is unreadable.
pub fn base64(body: &[u8]) -> Result<Vec<u8>, EnrolFailure> {
    est::unwrap(body)
}

/// The certificates in certs-only PKCS#7.
///
/// # Errors
/// What is none is unreadable.
pub fn pkcs7(message: &[u8]) -> Result<Vec<Vec<u8>>, EnrolFailure> {
    est::pkcs7::certificates(message)
}

/// Whether a P-256 key meets `csrattrs`.
///
/// # Errors
/// Unmet, or unreadable.
pub fn attributes(der: &[u8]) -> Result<(), EnrolFailure> {
    demands::check(der)
}

/// Opens a compact JWS.
#[must_use]
pub fn document<T: DeserializeOwned>(jws: &str, kind: &str, trust: &Trust) -> Document<T> {
    match signed::open(jws, kind, &trust.policy_keys) {
        Opened::Genuine(document) => Document::Genuine(document),
        Opened::Unknown => Document::Unknown,
        Opened::Forged => Document::Forged,
    }
}

impl Reading {
    /// A reading under `trust` at `now`.
    #[must_use]
    pub fn new(trust: Trust, now: Wall) -> Self {
        let roots = Arc::new(trust.roots.clone());
        let issuers = Issuers::new(roots, config::provider().signature_verification_algorithms);
        Self { trust, issuers, now }
    }

    /// As the answer to a check-in.
    ///
    /// # Errors
    /// As a check-in.
    pub fn check_in(&self, heard: &Heard) -> Result<Answer, SendFailure> {
        let parsed = check_in::read(&heard.0, self.now)?;
        Ok(check_in::answer(parsed, &self.trust.policy_keys, Traffic::default(), Wall::default()))
    }

    /// As the answer to an enrolment for the key whose SubjectPublicKeyInfo is `key`.
    ///
    /// # Errors
    /// As an enrolment.
    pub fn enrolment(&self, heard: &Heard, key: &[u8], enrol: &Enrol) -> Result<Enrolled, EnrolFailure> {
        est::outcome(&heard.0, key, &self.issuers, enrol, self.now)
    }

    /// As what an enrolment issued.
    ///
    /// # Errors
    /// As an enrolment.
    pub fn issued(
        &self,
        chain: Vec<Vec<u8>>,
        key: &[u8],
        enrol: &Enrol,
    ) -> Result<Certificate, EnrolFailure> {
        issued::check(chain, key, enrol, &self.issuers)
    }
}

impl Heard {
    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// The body, decompressed.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.0.body()
    }

    /// Where a redirect within `origin` leads.
    #[must_use]
    pub fn redirect(&self, origin: &Origin) -> Option<String> {
        est::same_origin(&self.0, origin)
    }

    /// As an indicator set.
    ///
    /// # Errors
    /// As a download.
    pub fn indicators(&self, manifest: &Manifest) -> Result<Sealed, Unreadable> {
        indicators::check(self.body(), manifest).map(|()| Sealed::new(self.body().to_vec()))
    }
}

/// The most bytes a body may have, whatever it is.
pub const LARGEST: usize = if MAX_ANSWER > MAX_BODY { MAX_ANSWER } else { MAX_BODY };

/// A peer that has its words ready and says them once it was asked.
struct Tape {
    said: Vec<u8>,
    at: usize,
    asked: bool,
    reader: Option<Waker>,
}

impl AsyncRead for Tape {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.asked {
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let left = self.said.get(self.at..).unwrap_or_default();
        let now = left.get(..left.len().min(buffer.remaining())).unwrap_or_default();
        buffer.put_slice(now);
        let passed = now.len();
        self.at = self.at.saturating_add(passed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tape {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.asked = true;
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
