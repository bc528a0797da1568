//! Who may see a page: the holder of a session's cookie, and for the JSON also of the password.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use agent_logic::model::Digest;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::Desk;
use super::html::Html;
use super::session::Session;
use crate::accounts::{self, Access, Account};
use crate::credential::basic;
use crate::refusal::Refusal;

/// The session's cookie.
pub(super) const COOKIE: &str = "mtd-session";

/// Passes a request in a session with the access that is needed on. Who has no session is sent to the login; who has
/// not that access is told so.
pub(super) async fn session(
    State((desk, needed)): State<(Arc<Desk>, Access)>,
    mut request: Request,
    next: Next,
) -> Response {
    match find(&desk, request.headers()).await {
        Ok(Some(session)) if session.access.covers(needed) => {
            request.extensions_mut().insert(session);
            next.run(request).await
        }
        Ok(Some(session)) => beyond(&session),
        Ok(None) => Redirect::to("/login").into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Passes a request in a session or with an account's password on.
pub(super) async fn session_or_password(
    State(desk): State<Arc<Desk>>,
    request: Request,
    next: Next,
) -> Response {
    match find(&desk, request.headers()).await {
        Ok(Some(_)) => return next.run(request).await,
        Ok(None) => {}
        Err(refusal) => return refusal.into_response(),
    }
    let password = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.strip_prefix("Basic "))
        .and_then(|encoded| basic(encoded.trim()));
    let Some((name, password)) = password else {
        return challenge();
    };
    if let Err(seconds) = desk.lockout.check(Instant::now()) {
        return Refusal::throttled(seconds).into_response();
    }
    let shown = |account: &Account| Digest::of(format!("{}\0{}", account.hash, password.reveal()).as_bytes());
    let remembered = *desk.remembered.lock().unwrap_or_else(PoisonError::into_inner);
    let right = match account(&desk, name.clone()).await {
        Ok(Some(held)) if Some(shown(&held)) == remembered => return next.run(request).await,
        Ok(_) => super::login::check(&desk, &name, password.clone()).await,
        Err(refusal) => Err(refusal),
    };
    match right {
        Ok(Some(account)) => {
            *desk.remembered.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown(&account));
            next.run(request).await
        }
        Ok(None) => challenge(),
        Err(refusal) => refusal.into_response(),
    }
}

/// What every answer of the console carries.
pub(super) async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; \
             base-uri 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The session that a request is in, if its account is still what it was.
async fn find(desk: &Desk, headers: &HeaderMap) -> Result<Option<Session>, Refusal> {
    let session = cookie(headers, COOKIE).and_then(|token| desk.sessions.find(token, Instant::now()));
    let Some(session) = session else { return Ok(None) };
    let lives = account(desk, session.name.clone()).await?.is_some_and(|account| session.is_of(&account));
    if !lives {
        desk.sessions.end(&session);
    }
    Ok(Some(session).filter(|_| lives))
}

async fn account(desk: &Desk, name: String) -> Result<Option<Account>, Refusal> {
    desk.gateway.blocking(move |gateway| Ok(gateway.store.read(|tx| accounts::find(tx, &name))?)).await
}

fn beyond(session: &Session) -> Response {
    let mut html = Html::new("Restricted access", "", session);
    html.raw("<h1>Restricted access</h1><p>This is for accounts with full access.</p>");
    (StatusCode::FORBIDDEN, html.page()).into_response()
}

fn challenge() -> Response {
    let value = HeaderValue::from_static("Basic realm=\"mtd-gateway console\", charset=\"UTF-8\"");
    let headers = [(header::WWW_AUTHENTICATE, value)];
    (StatusCode::UNAUTHORIZED, headers, "The password is in the file admin-password.\n").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_no_other_is_taken_for_it() {
        let headers = |text: &'static str| {
            [(header::COOKIE, HeaderValue::from_static(text))].into_iter().collect::<HeaderMap>()
        };
        assert_eq!(cookie(&headers("a=b; mtd-session=x; c=d"), COOKIE), Some("x"));
        assert_eq!(cookie(&headers("mtd-session-other=x"), COOKIE), None);
        assert_eq!(cookie(&headers("xmtd-session=y"), COOKIE), None);
    }
}
