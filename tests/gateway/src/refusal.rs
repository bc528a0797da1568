//! A request that is refused: a problem document.

use agent_logic::wire::{MediaType, ProblemKind};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::store::StoreError;

/// Why a request is refused, and how the client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    kind: ProblemKind,
    /// Where HTTP demands another than the kind's own.
    status: Option<StatusCode>,
    retry_after: Option<u64>,
}

impl Refusal {
    /// A credential is missing or not known: 401 with a challenge.
    pub const UNKNOWN_CREDENTIAL: Self =
        Self { status: Some(StatusCode::UNAUTHORIZED), ..Self::of(ProblemKind::CredentialRefused) };

    /// Nothing is at this address for this method: 405.
    pub const NO_SUCH_METHOD: Self =
        Self { status: Some(StatusCode::METHOD_NOT_ALLOWED), ..Self::of(ProblemKind::NotFound) };

    /// A problem of this kind, with its own status.
    #[must_use]
    pub const fn of(kind: ProblemKind) -> Self {
        Self { kind, status: None, retry_after: None }
    }

    /// Too many requests; to be repeated after `seconds`.
    #[must_use]
    pub const fn throttled(seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..Self::of(ProblemKind::Throttled) }
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
        Self { retry_after: Some(UNAVAILABLE_PAUSE), ..Self::of(ProblemKind::Unavailable) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut problem = self.kind.problem();
        if let Some(status) = self.status {
            problem.status = status.as_u16();
        }
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        log::debug!("refused: {status} {:?}", self.kind);
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MediaType::PROBLEM));
        if self.status == Some(StatusCode::UNAUTHORIZED) {
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
