//! A form of the session's own: no handler sees another.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Form};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::session::Session;

/// A session, and a form that its own page made.
pub(super) struct Own<F>(pub(super) Session, pub(super) F);

/// A form that carries nothing but the session's token.
#[derive(Deserialize)]
pub(super) struct Plain {}

/// What every form carries.
#[derive(Deserialize)]
struct Token {
    csrf: Option<String>,
}

impl<F: DeserializeOwned + Send, S: Send + Sync> FromRequest<S> for Own<F> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let session = Extension::<Session>::from_request_parts(&mut parts, state).await;
        let Extension(session) = session.map_err(|refused| refused.into_response())?;
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let body = body.map_err(|refused| refused.into_response())?;
        let again = Request::from_parts(parts.clone(), Body::from(body.clone()));
        let token = Form::<Token>::from_request(again, state).await;
        let Form(token) = token.map_err(|refused| refused.into_response())?;
        if !session.owns(token.csrf.as_deref()) {
            return Err(forged());
        }
        let form = Form::<F>::from_request(Request::from_parts(parts, Body::from(body)), state).await;
        let Form(form) = form.map_err(|refused| refused.into_response())?;
        Ok(Self(session, form))
    }
}

fn forged() -> Response {
    (StatusCode::FORBIDDEN, "This form is not from a page of your session. Go back and load it again.\n")
        .into_response()
}
