//! The connector: tells Intune's stand-in the health of devices whenever it changes.
//!
//! What is still to be told is the difference between a device's health now and the health that the database
//! says was told last; so nothing is lost when the stand-in or this process is down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use agent_logic::model::{DeviceId, HealthState};
use agent_logic::redact::Secret;
use agent_logic::time::Wall;
use axum::body::{Body, Bytes};
use http_body_util::{BodyExt as _, Limited};
use hyper::client::conn::http1;
use hyper::header;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;

use crate::api::Gateway;
use crate::clock::now;
use crate::failure::SetupError;
use crate::refusal::Refusal;
use crate::state_sync::StateSync;
use crate::store::{StoreError, Tx};

/// How long the stand-in may take to answer.
pub const ANSWER_DEADLINE: Duration = Duration::from_secs(10);

/// The error code of a heartbeat while the cloud cannot read its own database.
pub const FAULT: u32 = 1;

/// Longest pause after failures.
pub const MAX_PAUSE: Duration = Duration::from_secs(30);

/// How often the database is looked at for what other processes wrote.
const TICK: Duration = Duration::from_millis(250);

/// How often the database is looked at without a cause.
const FULL_LOOK: Duration = Duration::from_secs(30);

/// The pause after the first failure; doubled with each.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The way to the stand-in.
#[derive(Debug)]
pub struct Connector {
    authority: String,
    secret: Secret<String>,
    heartbeat: Duration,
}

/// What is told of one device.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    device_id: String,
    health_state: HealthState,
    time: Wall,
}

/// What the stand-in says of the connection; read tolerantly, a later version may say more.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    connection_status: String,
}

/// What a heartbeat says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// All is well.
    Well,
    /// An administrator switched off what the integration needs.
    Incomplete,
    /// The cloud cannot say how its devices stand.
    Fault,
}

/// The last heartbeat that was taken.
#[derive(Clone, Copy, Debug)]
struct Beat {
    at: Instant,
    said: Said,
}

/// The stand-in did not take a message.
#[derive(Clone, Copy)]
pub(crate) struct NotTaken;

impl Connector {
    /// A connector to `url`, `http://host:port`.
    pub fn new(url: &str, secret: Secret<String>, heartbeat: Duration) -> Result<Self, SetupError> {
        let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let authority = authority.filter(|rest| !rest.is_empty() && !rest.contains('/'));
        let authority =
            authority.ok_or(SetupError::Bounds("the stand-in's address is http://host:port."))?.into();
        Ok(Self { authority, secret, heartbeat })
    }

    async fn send(&self, method: Method, path: &str, body: String) -> Result<Bytes, NotTaken> {
        let (status, body) = self.exchange(method, path, body, MAX_ANSWER).await?;
        if status.is_success() { Ok(body) } else { Err(NotTaken) }
    }

    /// Asks for `path` and answers the status and at most `limit` bytes of body.
    pub(crate) async fn fetch(&self, path: &str, limit: usize) -> Result<(StatusCode, Bytes), NotTaken> {
        self.exchange(Method::GET, path, String::new(), limit).await
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: String,
        limit: usize,
    ) -> Result<(StatusCode, Bytes), NotTaken> {
        let sending = async {
            let stream = TcpStream::connect(&self.authority).await.map_err(|_| NotTaken)?;
            let (mut sender, connection) =
                http1::handshake(TokioIo::new(stream)).await.map_err(|_| NotTaken)?;
            let connection = tokio::spawn(connection);
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header(header::HOST, &self.authority)
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::AUTHORIZATION, format!("Bearer {}", self.secret.reveal()))
                .body(Body::from(body))
                .map_err(|_| NotTaken)?;
            let answer = sender.send_request(request).await;
            let answer = match answer {
                Ok(answer) => {
                    let status = answer.status();
                    let body = Limited::new(answer.into_body(), limit).collect().await;
                    body.map(|body| (status, body.to_bytes())).map_err(|_| NotTaken)
                }
                Err(_) => Err(NotTaken),
            };
            connection.abort();
            answer
        };
        tokio::time::timeout(ANSWER_DEADLINE, sending).await.unwrap_or(Err(NotTaken))
    }
}

/// Tells changes and beats until the task is dropped.
pub async fn run(gateway: Arc<Gateway>, connector: Arc<Connector>) {
    let mut pause = FIRST_PAUSE;
    let mut beat: Option<Beat> = None;
    gateway.link.change(|link| {
        link.to = Some(format!("http://{}", connector.authority));
        link.heartbeat_minutes = connector.heartbeat.as_secs() / 60;
    });
    loop {
        // Read before the devices are: what is written in between wakes the wait below.
        let seen = gateway.blocking(version).await.ok();
        let told = tell(&gateway, &connector, &mut beat).await;
        gateway.link.change(|link| match told {
            Ok(Said::Well) => (link.last_synchronised, link.failures) = (Some(now()), 0),
            Ok(Said::Incomplete | Said::Fault) => link.failures = 0,
            Err(NotTaken) => {
                (link.last_failure, link.failures) = (Some(now()), link.failures.saturating_add(1));
            }
        });
        if told.is_err() {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE);
            continue;
        }
        pause = FIRST_PAUSE;
        let until_beat = beat.map_or(FULL_LOOK, |last| connector.heartbeat.saturating_sub(last.at.elapsed()));
        wait(&gateway, seen, until_beat.min(FULL_LOOK)).await;
    }
}

/// Says how the cloud fares, and tells what Intune does not know yet.
async fn tell(
    gateway: &Arc<Gateway>,
    connector: &Connector,
    beat: &mut Option<Beat>,
) -> Result<Said, NotTaken> {
    let sync = gateway.blocking(able).await;
    let due = gateway.blocking(untold).await;
    let said = match (sync, &due) {
        (Ok(sync), Ok(_)) if sync.is_complete() => Said::Well,
        (Ok(_), Ok(_)) => Said::Incomplete,
        (Err(_), _) | (_, Err(_)) => Said::Fault,
    };
    if gateway.link.read().provision_asked {
        connector.send(Method::POST, "/connector/provision", "{}".into()).await?;
        gateway.link.change(|link| link.provision_asked = false);
        *beat = None;
    }
    if beat.is_none_or(|last| last.said != said || last.at.elapsed() >= connector.heartbeat) {
        say(gateway, connector, said).await?;
        *beat = Some(Beat { at: Instant::now(), said });
    }
    match (said, due) {
        (Said::Well, Ok(due)) => tell_all(gateway, connector, due).await?,
        (Said::Incomplete | Said::Fault, _) | (Said::Well, Err(_)) => {}
    }
    Ok(said)
}

async fn tell_all(
    gateway: &Arc<Gateway>,
    connector: &Connector,
    mut due: Vec<(DeviceId, HealthState)>,
) -> Result<(), NotTaken> {
    loop {
        let more = u32::try_from(due.len()).is_ok_and(|count| count >= AT_ONCE);
        for (device, health) in due {
            tell_one(gateway, connector, device, health).await?;
        }
        if !more {
            return Ok(());
        }
        due = gateway.blocking(untold).await.map_err(|_| NotTaken)?;
    }
}

async fn tell_one(
    gateway: &Arc<Gateway>,
    connector: &Connector,
    device: DeviceId,
    health: HealthState,
) -> Result<(), NotTaken> {
    let time = now();
    let message = Message { device_id: device.reveal(), health_state: health, time };
    let body = serde_json::to_string(&message).map_err(|_| NotTaken)?;
    connector.send(Method::PUT, &format!("/connector/devices/{}", device.reveal()), body).await?;
    let kept = move |gateway: &Gateway| {
        let keep = |tx: &Tx<'_>| {
            tx.save_pushed(&device, health, time)?;
            Ok::<_, StoreError>(tx.standing(&device)?.0)
        };
        Ok(gateway.store.transact(keep)?)
    };
    let stands = gateway.blocking(kept).await.map_err(|_| NotTaken)?;
    if stands != health {
        // It changed while Intune was told, and who changed it did not see that Intune knew another.
        gateway.changed.notify_one();
    }
    Ok(())
}

/// One heartbeat, and what Intune makes of it.
async fn say(gateway: &Arc<Gateway>, connector: &Connector, said: Said) -> Result<(), NotTaken> {
    let body = match said {
        Said::Well => "{}".to_owned(),
        Said::Incomplete => "{\"setUpComplete\":false}".to_owned(),
        Said::Fault => format!("{{\"errorCode\":{FAULT}}}"),
    };
    let taken = connector.send(Method::POST, "/connector/heartbeat", body).await;
    let state = connector.send(Method::GET, "/connector/status", String::new()).await?;
    let state = serde_json::from_slice::<Status>(&state).map_err(|_| NotTaken)?;
    gateway.link.change(|link| {
        link.partner_state = Some(state.connection_status);
        if taken.is_ok() {
            link.last_heartbeat = Some(now());
        }
    });
    taken.map(drop)
}

/// What Intune is to be told, if the policy that devices are rated by can be read.
fn able(gateway: &Gateway) -> Result<StateSync, Refusal> {
    gateway.store.read(|tx| {
        tx.policy_for(None)?.ok_or(StoreError::Corrupt)?;
        Ok(StateSync::read(tx)?)
    })
}

/// Some of the devices whose health differs from what was told last.
fn untold(gateway: &Gateway) -> Result<Vec<(DeviceId, HealthState)>, Refusal> {
    Ok(gateway.store.read(|tx| tx.untold(AT_ONCE))?)
}

/// Waits for a check-in, for a write of another process since `seen`, or for `longest`.
async fn wait(gateway: &Arc<Gateway>, seen: Option<i64>, longest: Duration) {
    let started = Instant::now();
    while started.elapsed() < longest {
        if tokio::time::timeout(TICK, gateway.changed.notified()).await.is_ok() {
            return;
        }
        if gateway.blocking(version).await.ok() != seen {
            return;
        }
    }
}

fn version(gateway: &Gateway) -> Result<i64, Refusal> {
    Ok(gateway.store.data_version()?)
}

/// Devices that are read at once to be told of.
const AT_ONCE: u32 = 256;

/// Largest answer that is read from the stand-in.
const MAX_ANSWER: usize = 64 * 1024;
