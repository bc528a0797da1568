//! What the partner's connector says and asks for, behind a shared secret.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;

use super::{Failure, StandIn, blocking, is_guid};
use crate::apps::{self, App, NoList};
use crate::compliance::HealthState;
use crate::partner::Heartbeat;

/// What the connector says of a device.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Message {
    device_id: String,
    health_state: HealthState,
    time: u64,
}

/// A heartbeat. One with an error code says that the partner cannot do its part; one whose setup is not complete, that
/// its administrator switched off what the integration needs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Beat {
    #[serde(default)]
    error_code: Option<u32>,
    #[serde(default = "complete")]
    set_up_complete: bool,
}

const fn complete() -> bool {
    true
}

/// The connector's routes.
pub(super) fn routes(stand_in: &Arc<StandIn>) -> Router<Arc<StandIn>> {
    Router::new()
        .route("/connector/devices/{id}", put(report))
        .route("/connector/devices/{id}/InstalledApplicationList", get(installed))
        .route("/connector/devices/{id}/ManagedApplicationList", get(managed))
        .route("/connector/heartbeat", post(beat))
        .route("/connector/status", get(super::status))
        .route("/connector/provision", post(provision))
        .route_layer(middleware::from_fn_with_state(Arc::clone(stand_in), guard))
}

async fn report(
    State(stand_in): State<Arc<StandIn>>,
    Path(id): Path<String>,
    Json(message): Json<Message>,
) -> Result<StatusCode, Failure> {
    if message.device_id != id || !is_guid(&id) {
        return Ok(StatusCode::BAD_REQUEST);
    }
    blocking(stand_in, move |stand_in| {
        if stand_in.ground()?.1.blocks() {
            return Ok(StatusCode::FORBIDDEN);
        }
        let now = (stand_in.clock)();
        stand_in.store.report(&id, message.health_state, message.time, now)?;
        stand_in.store.synchronised(now)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

async fn beat(State(stand_in): State<Arc<StandIn>>, Json(beat): Json<Beat>) -> Result<StatusCode, Failure> {
    blocking(stand_in, move |stand_in| {
        if stand_in.store.contact()?.deprovisioned {
            return Ok(StatusCode::FORBIDDEN);
        }
        let heard = Heartbeat { error: beat.error_code, complete: beat.set_up_complete };
        stand_in.store.beat(heard, (stand_in.clock)())?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// The partner's half of setting up again what the administrator took away.
async fn provision(State(stand_in): State<Arc<StandIn>>) -> Result<StatusCode, Failure> {
    blocking(stand_in, |stand_in| stand_in.store.provision(true)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn installed(
    State(stand_in): State<Arc<StandIn>>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    list(stand_in, id, apps::installed).await
}

async fn managed(State(stand_in): State<Arc<StandIn>>, Path(id): Path<String>) -> Result<Response, Failure> {
    list(stand_in, id, apps::managed).await
}

async fn list(stand_in: Arc<StandIn>, id: String, write: fn(&[App]) -> String) -> Result<Response, Failure> {
    blocking(stand_in, move |stand_in| {
        let (settings, state) = stand_in.ground()?;
        if state.blocks() {
            return Ok(StatusCode::FORBIDDEN.into_response());
        }
        let Some(record) = stand_in.store.managed(&id)? else {
            return Ok(StatusCode::NOT_FOUND.into_response());
        };
        stand_in.store.synchronised((stand_in.clock)())?;
        Ok(match apps::shared(&settings, &record.managed, stand_in.store.apps(&id)?) {
            Ok(apps) => ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], write(&apps)).into_response(),
            // For the partner there is no list; 403 says that it gets none of any device.
            Err(NoList::Off | NoList::NotIos) => StatusCode::NOT_FOUND.into_response(),
        })
    })
    .await
}

async fn guard(
    State(stand_in): State<Arc<StandIn>>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Response {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.strip_prefix("Bearer "));
    match shown {
        Some(secret) if equal(secret.as_bytes(), stand_in.secret.as_bytes()) => next.run(request).await,
        _ => (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response(),
    }
}

/// Compares without a branch on where the two differ.
fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_compare_whole() {
        assert!(equal(b"abc", b"abc"));
        assert!(!equal(b"abc", b"abd"));
        assert!(!equal(b"abc", b"ab"));
    }
}
