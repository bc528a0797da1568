//! A form of the session's own: no handler sees another.

use axum::extract::{FromRequest, RawForm, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, RequestExt as _};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_urlencoded::de::Error;

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

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Response> {
        let session = request.extract_parts::<Extension<Session>>().await;
        let Extension(session) = session.map_err(|refused| refused.into_response())?;
        let form = RawForm::from_request(request, state).await;
        let RawForm(form) = form.map_err(|refused| refused.into_response())?;
        let token: Token = serde_urlencoded::from_bytes(&form).map_err(|error| unread(&error))?;
        if !session.owns(token.csrf.as_deref()) {
            return Err(forged());
        }
        let form = serde_urlencoded::from_bytes(&form).map_err(|error| unread(&error))?;
        Ok(Self(session, form))
    }
}

fn unread(error: &Error) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, format!("This form cannot be read: {error}.\n")).into_response()
}

fn forged() -> Response {
    (StatusCode::FORBIDDEN, "This form is not from a page of your session. Go back and load it again.\n")
        .into_response()
}
