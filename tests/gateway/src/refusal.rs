//! A request that is refused: a problem document.

use agent_logic::wire::{MediaType, ProblemKind};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::store::StoreError;

/// Why a request is refused, and how the client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    kind: ProblemKind,
    challenge: bool,
    retry_after: Option<u64>,
}

impl Refusal {
    /// A credential is missing or not known: 401 with a challenge.
    pub const UNKNOWN_CREDENTIAL: Self =
        Self { kind: ProblemKind::CredentialRefused, challenge: true, retry_after: None };

    /// A problem of this kind, with its own status.
    #[must_use]
    pub const fn of(kind: ProblemKind) -> Self {
        Self { kind, challenge: false, retry_after: None }
    }

    /// Too many requests; to be repeated after `seconds`.
    #[must_use]
    pub const fn throttled(seconds: u64) -> Self {
        Self { kind: ProblemKind::Throttled, challenge: false, retry_after: Some(seconds) }
    }

    /// What kind of problem.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        self.kind
    }
}

impl From<ProblemKind> for Refusal {
    fn from(kind: ProblemKind) -> Self {
        Self::of(kind)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        log::error!("the database failed: {error}");
        Self { kind: ProblemKind::Unavailable, challenge: false, retry_after: Some(UNAVAILABLE_PAUSE) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut problem = self.kind.problem();
        if self.challenge {
            problem.status = StatusCode::UNAUTHORIZED.as_u16();
        }
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        log::debug!("refused: {status} {:?}", self.kind);
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MediaType::PROBLEM));
        if self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"est\""));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Seconds after which a client may come again when the database failed.
const UNAVAILABLE_PAUSE: u64 = 30;
