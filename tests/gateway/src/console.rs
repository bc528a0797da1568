//! The console: who stands how, and why a device is blocked. Every text of a device is hostile.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use agent_logic::model::{Activation, Digest};
use agent_logic::wire::ProblemKind;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};

use crate::api::Gateway;
use crate::clock::now;
use crate::credential::basic;
use crate::refusal::Refusal;
use crate::store::{Setting, StoreError};

mod page;
mod view;

pub use page::render;
pub use view::{DeviceView, Overview, ThreatView};

/// Passwords that were right, by digest: PBKDF2 for each request would be the console's main work.
type Remembered = Arc<Mutex<Option<Digest>>>;

/// The routes of the console.
pub fn routes(gateway: Arc<Gateway>) -> Router {
    let remembered = Remembered::default();
    let guarded = Router::new()
        .route("/", get(page))
        .route("/devices.json", get(devices))
        .route_layer(middleware::from_fn_with_state((Arc::clone(&gateway), remembered), guard));
    Router::new().route("/healthz", get(healthz)).merge(guarded).with_state(gateway)
}

/// Reads every device as the console shows it.
pub fn overview(gateway: &Gateway) -> Result<Overview, Refusal> {
    Ok(gateway.store.read(|tx| Overview::read(tx, now()))?)
}

async fn page(State(gateway): State<Arc<Gateway>>) -> Result<Response, Refusal> {
    let overview = gateway.blocking(overview).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, render(&overview)).into_response())
}

async fn devices(State(gateway): State<Arc<Gateway>>) -> Result<Json<Overview>, Refusal> {
    gateway.blocking(overview).await.map(Json)
}

async fn healthz(State(gateway): State<Arc<Gateway>>) -> Result<Json<serde_json::Value>, Refusal> {
    let counts = gateway.blocking(|gateway| {
        gateway.store.read(|tx| {
            let mut counts = BTreeMap::new();
            for device in tx.devices()? {
                let word = match device.activation {
                    Activation::Pending => "pending",
                    Activation::Activated => "activated",
                    Activation::Deactivated => "deactivated",
                };
                *counts.entry(word).or_insert(0_u64) += 1;
            }
            Ok::<_, Refusal>(counts)
        })
    });
    let devices = counts.await?;
    let connections = gateway.connections.load(Ordering::Relaxed);
    Ok(Json(serde_json::json!({ "ok": true, "connections": connections, "devices": devices })))
}

async fn guard(
    State((gateway, remembered)): State<(Arc<Gateway>, Remembered)>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Response {
    let password = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.strip_prefix("Basic "))
        .and_then(|encoded| basic(encoded.trim()))
        .filter(|(user, _)| user == ADMIN);
    let allowed = match password {
        Some((_, password)) => {
            gateway
                .blocking(move |gateway| {
                    let digest = Digest::of(password.reveal().as_bytes());
                    if *remembered.lock().unwrap_or_else(PoisonError::into_inner) == Some(digest) {
                        return Ok(true);
                    }
                    let stored = gateway
                        .store
                        .read(|tx| tx.get(Setting::AdminHash))
                        .map_err(|e: StoreError| Refusal::from(e))?;
                    let right = crate::admin::verify(&stored, password.reveal());
                    if right {
                        *remembered.lock().unwrap_or_else(PoisonError::into_inner) = Some(digest);
                    }
                    Ok(right)
                })
                .await
        }
        None => Ok(false),
    };
    match allowed {
        Ok(true) => next.run(request).await,
        Ok(false) => {
            let challenge =
                HeaderValue::from_static("Basic realm=\"mtd-gateway console\", charset=\"UTF-8\"");
            (
                StatusCode::UNAUTHORIZED,
                [(header::WWW_AUTHENTICATE, challenge)],
                "The password is in the file admin-password.\n",
            )
                .into_response()
        }
        Err(_) => Refusal::of(ProblemKind::Unavailable).into_response(),
    }
}

/// The console's only user.
const ADMIN: &str = "admin";
