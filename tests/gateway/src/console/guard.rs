//! Who may see a page: the holder of a session's cookie, and for the JSON also of the password.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use agent_logic::model::Digest;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::Desk;
use super::session::Session;
use crate::credential::basic;
use crate::refusal::Refusal;

/// The console's only user.
pub(super) const ADMIN: &str = "admin";

/// The session's cookie.
pub(super) const COOKIE: &str = "mtd-session";

/// Passes a request in a session on; others are sent to the login.
pub(super) async fn session(State(desk): State<Arc<Desk>>, mut request: Request, next: Next) -> Response {
    match find(&desk, request.headers()) {
        Some(session) => {
            request.extensions_mut().insert(session);
            next.run(request).await
        }
        None => Redirect::to("/login").into_response(),
    }
}

/// Passes a request in a session or with the password on.
pub(super) async fn session_or_password(
    State(desk): State<Arc<Desk>>,
    request: Request,
    next: Next,
) -> Response {
    if find(&desk, request.headers()).is_some() {
        return next.run(request).await;
    }
    let password = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.strip_prefix("Basic "))
        .and_then(|encoded| basic(encoded.trim()))
        .filter(|(user, _)| user == ADMIN);
    let Some((_, password)) = password else {
        return challenge();
    };
    if let Err(seconds) = desk.lockout.check(Instant::now()) {
        return Refusal::throttled(seconds).into_response();
    }
    let digest = Digest::of(password.reveal().as_bytes());
    let remembered = *desk.remembered.lock().unwrap_or_else(PoisonError::into_inner) == Some(digest);
    let right = if remembered { Ok(true) } else { super::login::check(&desk, password).await };
    match right {
        Ok(true) => {
            *desk.remembered.lock().unwrap_or_else(PoisonError::into_inner) = Some(digest);
            next.run(request).await
        }
        Ok(false) => challenge(),
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

fn find(desk: &Desk, headers: &HeaderMap) -> Option<Session> {
    desk.sessions.find(cookie(headers, COOKIE)?, Instant::now())
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
