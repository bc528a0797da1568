//! The console: who stands how, why a device is blocked, and the policy. Every text of a device is hostile.
//!
//! ```text
//!   browser ─▶ guard ─▶ overview · device · policy · preferences             pages, read without JavaScript
//!      │         │        connector · audit                                    for full access only
//!      │         └ session cookie, CSRF token on every form
//!      └─▶ login ─▶ lockout ─▶ Argon2
//! ```

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use agent_logic::model::{Activation, Digest};
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware;
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};

use crate::api::Gateway;
use crate::clock::now;
use crate::home::Home;
use crate::lockout::Lockout;
use crate::refusal::Refusal;

mod audit;
mod command;
mod connector;
mod device;
mod editor;
mod find;
mod guard;
mod html;
mod login;
mod overview;
mod own;
mod page;
mod preferences;
mod route;
mod session;
mod style;
mod view;

pub use page::Page;
pub use route::Route;
pub use view::{DevicePage, DeviceView, Overview, ThreatView};

/// Largest form that is read.
pub const MAX_FORM: usize = 64 * 1024;

/// What the console's requests share.
struct Desk {
    gateway: Arc<Gateway>,
    home: Home,
    sessions: session::Sessions,
    lockout: Lockout,
    /// The password that was right last, by digest: a hash that costs memory for each reading of the JSON would be
    /// the console's main work.
    remembered: Mutex<Option<Digest>>,
}

/// The routes of the console of the gateway in `home`.
pub fn routes(gateway: Arc<Gateway>, home: &Home) -> Router {
    let desk = Arc::new(Desk {
        gateway,
        home: home.clone(),
        sessions: session::Sessions::default(),
        lockout: Lockout::default(),
        remembered: Mutex::default(),
    });
    let mut router = Router::new();
    for route in Route::ALL {
        let handler = match route {
            Route::Overview => get(overview::page),
            Route::Login => get(login::page),
            Route::LogIn => post(login::enter),
            Route::LogOut => post(login::leave),
            Route::Find => get(find::find),
            Route::Device => get(device::page),
            Route::Revoke => post(device::revoke),
            Route::Command => post(command::sign),
            Route::Policy => get(editor::page),
            Route::Sign => post(editor::sign),
            Route::Connector => get(connector::page),
            Route::Notices => post(connector::set_notices),
            Route::StateSync => post(connector::set_sync),
            Route::Provision => post(connector::provision),
            Route::Preferences => get(preferences::page),
            Route::Prefer => post(preferences::set),
            Route::Audit => get(audit::page),
            Route::Devices => get(devices),
            Route::Health => get(healthz),
        };
        router = router.route(route.path(), guarded(route, handler, &desk));
    }
    router
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .layer(middleware::map_response(guard::harden))
        .with_state(desk)
}

/// Lets in who reaches the route; the JSON also takes a password without a session.
fn guarded(route: Route, handler: MethodRouter<Arc<Desk>>, desk: &Arc<Desk>) -> MethodRouter<Arc<Desk>> {
    match (route, route.needs()) {
        (Route::Devices, _) => {
            handler.route_layer(middleware::from_fn_with_state(Arc::clone(desk), guard::session_or_password))
        }
        (_, Some(needed)) => {
            handler.route_layer(middleware::from_fn_with_state((Arc::clone(desk), needed), guard::session))
        }
        (_, None) => handler,
    }
}

async fn devices(State(desk): State<Arc<Desk>>, page: Page) -> Result<Json<Overview>, Refusal> {
    let read = move |gateway: &Gateway| Ok(gateway.store.read(|tx| Overview::read(tx, &page, now()))?);
    desk.gateway.blocking(read).await.map(Json)
}

async fn healthz(State(desk): State<Arc<Desk>>) -> Result<Json<serde_json::Value>, Refusal> {
    let counts = desk.gateway.blocking(|gateway| {
        let counts = gateway.store.read(|tx| tx.activations())?;
        let named = |(activation, count)| {
            let word = match activation {
                Activation::Pending => "pending",
                Activation::Activated => "activated",
                Activation::Deactivated => "deactivated",
            };
            (word, count)
        };
        Ok(counts.into_iter().map(named).collect::<BTreeMap<_, _>>())
    });
    let devices = counts.await?;
    let connections = desk.gateway.connections.load(Ordering::Relaxed);
    Ok(Json(serde_json::json!({ "ok": true, "connections": connections, "devices": devices })))
}
