//! Coming in and leaving.

use std::sync::Arc;
use std::time::Instant;

use agent_logic::redact::Secret;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::Desk;
use super::guard::{COOKIE, cookie};
use super::html::Html;
use super::own::{Own, Plain};
use super::session::LONGEST;
use crate::accounts::{self, ADMIN, Account};
use crate::admin::{self, Match, equal, make_secret};
use crate::clock::now;
use crate::refusal::Refusal;
use crate::store::{Action, By, Place, Setting, StoreError};

/// Ties the login's form to the page it was on.
const LOGIN_COOKIE: &str = "mtd-login";

/// The login's form.
#[derive(Deserialize)]
pub(super) struct Login {
    #[serde(default)]
    csrf: String,
    #[serde(default = "admin")]
    name: String,
    password: Secret<String>,
}

fn admin() -> String {
    ADMIN.into()
}

/// The form.
pub(super) async fn page() -> Response {
    form(StatusCode::OK, None)
}

/// Checks the password and begins a session.
pub(super) async fn enter(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Form(login): Form<Login>,
) -> Response {
    let tied = cookie(&headers, LOGIN_COOKIE)
        .is_some_and(|token| !token.is_empty() && equal(token.as_bytes(), login.csrf.as_bytes()));
    if !tied {
        return form(StatusCode::FORBIDDEN, Some("The form was too old. Please log in here."));
    }
    if let Err(seconds) = desk.lockout.check(Instant::now()) {
        let text = format!("Too many wrong passwords. Come again in {seconds} seconds.");
        return form(StatusCode::TOO_MANY_REQUESTS, Some(&text));
    }
    match check(&desk, &login.name, login.password).await {
        Ok(Some(account)) => begin(&desk, &account).await,
        Ok(None) => form(StatusCode::UNAUTHORIZED, Some("The name or the password is not right.")),
        Err(refusal) => refusal.into_response(),
    }
}

/// Ends the session.
pub(super) async fn leave(State(desk): State<Arc<Desk>>, Own(session, Plain {}): Own<Plain>) -> Response {
    desk.sessions.end(&session);
    note(&desk, Some(&session.name), Action::LoggedOut).await;
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    with_cookie(Redirect::to("/login").into_response(), &gone)
}

/// The account called `name` if `password` is its. Counts wrong ones; makes an old hash anew.
pub(super) async fn check(
    desk: &Arc<Desk>,
    name: &str,
    password: Secret<String>,
) -> Result<Option<Account>, Refusal> {
    let name = name.to_owned();
    let right = desk.gateway.blocking(move |gateway| {
        let (account, admin) = gateway
            .store
            .read(|tx| Ok::<_, StoreError>((accounts::find(tx, &name)?, tx.get(Setting::AdminHash)?)))?;
        // An account that is not there costs as much time as one that is.
        let stored = account.as_ref().map_or(&admin, |account| &account.hash);
        let matched = admin::verify(stored, password.reveal());
        let Some(mut account) = account else { return Ok(None) };
        match matched {
            Match::Wrong => return Ok(None),
            Match::Right => {}
            Match::Old => {
                if let Ok(hash) = admin::hash(&password) {
                    gateway.store.transact(|tx| tx.set(Setting::AdminHash, &hash))?;
                    account.hash = hash;
                }
            }
        }
        Ok(Some(account))
    });
    let right = right.await?;
    if right.is_some() {
        desk.lockout.succeeded();
    } else {
        let locked = desk.lockout.failed(Instant::now());
        note(desk, None, if locked { Action::LockedOut } else { Action::LoginRefused }).await;
    }
    Ok(right)
}

async fn begin(desk: &Arc<Desk>, account: &Account) -> Response {
    let Ok(token) = desk.sessions.begin(account, Instant::now()) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    note(desk, Some(account.name.as_str()), Action::LoggedIn).await;
    let age = LONGEST.as_secs();
    // No `Secure`: the listener speaks plain HTTP and is for loopback, or for a proxy that adds TLS.
    let value = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}", token.reveal());
    with_cookie(Redirect::to("/").into_response(), &value)
}

async fn note(desk: &Arc<Desk>, name: Option<&str>, action: Action) {
    let name = name.map(str::to_owned);
    let noted = desk
        .gateway
        .blocking(move |gateway| {
            let by = name.as_deref().map_or_else(|| Place::Console.into(), By::console);
            let noted = gateway.store.transact(|tx| tx.audit(now(), by, action, None));
            Ok(noted.map_err(|e: StoreError| e)?)
        })
        .await;
    if noted.is_err() {
        log::error!("an action of the administrator was not noted");
    }
}

fn form(status: StatusCode, says: Option<&str>) -> Response {
    let Ok(token) = make_secret() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut html = Html::bare("Log in");
    html.raw("<form class=\"login\" method=\"post\" action=\"/login\"><h1>mtd-gateway</h1>");
    if let Some(says) = says {
        html.raw("<p class=\"bad\" role=\"alert\">").text(says).raw("</p>");
    }
    html.raw("<input type=\"hidden\" name=\"csrf\" value=\"").text(token.reveal()).raw("\">");
    html.raw(
        "<label for=\"name\">Name</label>\
         <input id=\"name\" name=\"name\" value=\"admin\" autocomplete=\"username\" maxlength=\"64\" required>\
         <label for=\"password\">Password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required autofocus>\
         <button>Log in</button><p class=\"soft\">The password of <code>admin</code> is in the file \
         <code>admin-password</code> of the gateway's folder.</p></form>",
    );
    let tie = format!("{LOGIN_COOKIE}={}; Path=/login; HttpOnly; SameSite=Strict", token.reveal());
    with_cookie((status, html.page()).into_response(), &tie)
}

fn with_cookie(mut response: Response, value: &str) -> Response {
    match HeaderValue::from_str(value) {
        Ok(value) => {
            response.headers_mut().append(header::SET_COOKIE, value);
            response
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
