//! What the administrator of Intune sets, what devices say to device management, and Graph's reading side.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use super::{Failure, StandIn, blocking, is_guid};
use crate::apps::App;
use crate::compliance::Rule;
use crate::evaluate::AppProtection;
use crate::graph::{self, CONNECTOR, Collection, Connector, ManagedDevice};
use crate::managed::Managed;
use crate::store::{GroupRule, StoreError};

/// The rules of a group; the compliance rule in either of its wordings.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GroupBody {
    #[serde(default)]
    compliance: Option<Rule>,
    #[serde(default)]
    app_protection: Option<AppProtection>,
}

/// Graph's routes.
pub(super) fn graph() -> Router<Arc<StandIn>> {
    Router::new()
        .route("/deviceManagement/mobileThreatDefenseConnectors", get(connectors))
        .route("/deviceManagement/mobileThreatDefenseConnectors/{id}", get(connector).patch(change_connector))
        .route("/deviceManagement/managedDevices", get(managed_devices))
        .route("/deviceManagement/managedDevices/{id}", get(managed_device))
}

/// Sets the rules of a group.
pub(super) async fn set_group(
    State(stand_in): State<Arc<StandIn>>,
    Path(name): Path<String>,
    Json(body): Json<GroupBody>,
) -> Result<StatusCode, Failure> {
    let rules = GroupRule { rule: body.compliance, protection: body.app_protection };
    blocking(stand_in, move |stand_in| stand_in.store.set_group(&name, &rules)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes what Intune's own enrolment says of a device.
pub(super) async fn manage(
    State(stand_in): State<Arc<StandIn>>,
    Path(id): Path<String>,
    Json(managed): Json<Managed>,
) -> Result<StatusCode, Failure> {
    if !is_guid(&id) {
        return Ok(StatusCode::BAD_REQUEST);
    }
    blocking(stand_in, move |stand_in| stand_in.store.manage(&id, &managed, (stand_in.clock)())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the apps that a device lists at its check-in with device management.
pub(super) async fn set_apps(
    State(stand_in): State<Arc<StandIn>>,
    Path(id): Path<String>,
    Json(apps): Json<Vec<App>>,
) -> Result<StatusCode, Failure> {
    let known =
        blocking(stand_in, move |stand_in| stand_in.store.set_apps(&id, &apps, (stand_in.clock)())).await?;
    Ok(if known { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND })
}

/// Adds the connection again.
pub(super) async fn provision(State(stand_in): State<Arc<StandIn>>) -> Result<StatusCode, Failure> {
    blocking(stand_in, |stand_in| stand_in.store.provision(true)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the connection away.
pub(super) async fn deprovision(State(stand_in): State<Arc<StandIn>>) -> Result<StatusCode, Failure> {
    blocking(stand_in, |stand_in| stand_in.store.provision(false)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn connectors(State(stand_in): State<Arc<StandIn>>) -> Result<Json<Collection<Connector>>, Failure> {
    blocking(stand_in, |stand_in| {
        Ok(Json(Collection::new("mobileThreatDefenseConnectors", vec![read_connector(stand_in)?])))
    })
    .await
}

async fn connector(
    State(stand_in): State<Arc<StandIn>>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    if id != CONNECTOR {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    blocking(stand_in, |stand_in| Ok(Json(read_connector(stand_in)?).into_response())).await
}

async fn change_connector(
    State(stand_in): State<Arc<StandIn>>,
    Path(id): Path<String>,
    Json(change): Json<serde_json::Value>,
) -> Result<Response, Failure> {
    if id != CONNECTOR {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    blocking(stand_in, |stand_in| {
        // The settings are there once the partner made contact (seed 004).
        if stand_in.store.contact()?.heartbeat.is_none() {
            return Ok(StatusCode::CONFLICT.into_response());
        }
        let Some(changed) = graph::patch(&stand_in.store.settings()?.unwrap_or_default(), change) else {
            return Ok(StatusCode::BAD_REQUEST.into_response());
        };
        stand_in.store.set_settings(&changed)?;
        Ok(Json(read_connector(stand_in)?).into_response())
    })
    .await
}

async fn managed_devices(
    State(stand_in): State<Arc<StandIn>>,
) -> Result<Json<Collection<ManagedDevice>>, Failure> {
    blocking(stand_in, |stand_in| {
        let mut devices = Vec::new();
        for id in stand_in.store.device_ids()? {
            devices.extend(read_device(stand_in, id)?);
        }
        Ok(Json(Collection::new("managedDevices", devices)))
    })
    .await
}

async fn managed_device(
    State(stand_in): State<Arc<StandIn>>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    blocking(stand_in, |stand_in| {
        Ok(match read_device(stand_in, id)? {
            Some(device) => Json(device).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        })
    })
    .await
}

fn read_connector(stand_in: &StandIn) -> Result<Connector, StoreError> {
    let (settings, state) = stand_in.ground()?;
    Ok(Connector::new(&settings, &stand_in.store.contact()?, state))
}

/// A device that is enrolled in device management: others are not among Graph's managed devices.
fn read_device(stand_in: &StandIn, id: String) -> Result<Option<ManagedDevice>, StoreError> {
    let Some(record) = stand_in.store.managed(&id)?.filter(|record| record.managed.enrolled) else {
        return Ok(None);
    };
    let reported = stand_in.store.device(&id)?;
    let state = stand_in.view(id.clone())?.compliance_state;
    Ok(Some(ManagedDevice::new(&id, &record, reported.as_ref(), state)))
}
