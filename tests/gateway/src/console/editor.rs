//! The policy and what becomes of each classification, and the way to the signer.

use std::sync::Arc;

use agent_logic::redact::Secret;
use agent_logic::wire::Policy;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::Desk;
use super::own::Own;
use super::session::Session;
use crate::refusal::Refusal;
use crate::signing::{self, Document, NoSigner, Signed, Wish};
use crate::store::StoreError;

mod form;
mod page;

/// Whose policy.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Whose {
    #[serde(default)]
    group: String,
}

/// What the page shows.
struct Shown {
    policy: Policy,
    own: bool,
    groups: Vec<String>,
    signer: bool,
}

/// The page.
pub(super) async fn page(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
    Query(whose): Query<Whose>,
) -> Result<Response, Refusal> {
    show(&desk, &session, &whose.group, StatusCode::OK, None).await
}

/// Sends the change to the signer and shows what it said.
pub(super) async fn sign(
    State(desk): State<Arc<Desk>>,
    Own(session, fields): Own<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let field = |name: &str| {
        fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let group = field("group").to_owned();
    let Some(change) = form::change(&fields) else {
        return show(
            &desk,
            &session,
            &group,
            StatusCode::BAD_REQUEST,
            Some((false, "A value is missing or out of its bounds.")),
        )
        .await;
    };
    let wish = Wish {
        name: session.name.clone(),
        password: Secret::new(field("password").into()),
        document: Document::Policy {
            group: Some(group.clone()).filter(|group| !group.is_empty()),
            change: Box::new(change),
        },
    };
    let (status, good, text) = ask_signer(&desk, wish).await?;
    show(&desk, &session, &group, status, Some((good, &text))).await
}

/// Sends a wish to the signer: the status to answer with, whether it is signed, and a sentence for people.
pub(super) async fn ask_signer(desk: &Arc<Desk>, wish: Wish) -> Result<(StatusCode, bool, String), Refusal> {
    let home = desk.home.clone();
    let answer = desk.gateway.blocking(move |_| Ok::<_, Refusal>(signing::ask(&home, &wish))).await?;
    Ok(match answer {
        Ok(Signed::Version(version)) => {
            desk.gateway.changed.notify_one();
            (
                StatusCode::OK,
                true,
                format!("Version {version} is signed. Open threats are rated by it from now on."),
            )
        }
        Ok(Signed::Command) => {
            (StatusCode::OK, true, "Signed. The device gets it at its next check-in.".into())
        }
        Ok(Signed::WrongPassword) => (StatusCode::FORBIDDEN, false, "The password is not right.".into()),
        Ok(Signed::Locked(seconds)) => (
            StatusCode::TOO_MANY_REQUESTS,
            false,
            format!("Too many wrong passwords. Come again in {seconds} seconds."),
        ),
        Ok(Signed::Refused(why)) => (StatusCode::BAD_REQUEST, false, format!("Not signed: {why}")),
        Err(NoSigner) => (StatusCode::SERVICE_UNAVAILABLE, false, NO_SIGNER.into()),
    })
}

async fn show(
    desk: &Arc<Desk>,
    session: &Session,
    group: &str,
    status: StatusCode,
    says: Option<(bool, &str)>,
) -> Result<Response, Refusal> {
    let (home, name) = (desk.home.clone(), group.to_owned());
    let read = move |gateway: &crate::api::Gateway| {
        gateway.store.read(|tx| {
            let group = Some(name.as_str()).filter(|name| !name.is_empty());
            Ok::<_, Refusal>(Shown {
                policy: tx.policy_for(group)?.ok_or(StoreError::Corrupt)?.policy,
                own: group.is_none_or(|name| tx.has_own_policy(name).unwrap_or(false)),
                groups: tx.groups()?,
                signer: signing::is_there(&home),
            })
        })
    };
    let shown = desk.gateway.blocking(read).await?;
    let page = page::render(session, group, &shown, says);
    Ok((status, page).into_response())
}

const NO_SIGNER: &str =
    "No signer is running, so nothing can be signed here. Start one: mtd-gateway signer --dir <folder>";
