//! Starts the two listeners and the connector.
//!
//! Rules: R4.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agent_logic::redact::Secret;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::api::{self, Gateway};
use crate::app_sync;
use crate::ca::Authority;
use crate::console;
use crate::entra::Entra;
use crate::failure::SetupError;
use crate::home::{self, Home};
use crate::notices;
use crate::push::{self, Connector};
use crate::rating;
use crate::retention;
use crate::server;
use crate::store::Store;

/// How to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// The gateway's folder.
    pub home: Home,
    /// Where devices connect.
    pub listen: SocketAddr,
    /// Where people connect; loopback unless told otherwise.
    pub console: SocketAddr,
    /// Address of the stand-in for Intune, `http://host:port`.
    pub intune: Option<String>,
    /// What the connector shows to it; the gateway's own file unless told otherwise.
    pub intune_secret: Option<PathBuf>,
    /// Minutes between the connector's heartbeats.
    pub heartbeat: Duration,
    /// How old Intune's list of a device's apps may be.
    pub app_sync: Duration,
    /// How long client certificates live.
    pub certificate_life: Duration,
    /// Whose tokens are accepted.
    pub entra: Option<Entra>,
}

/// Where a started gateway listens.
#[derive(Clone, Debug, Serialize)]
pub struct Ready {
    /// Device listener, `host:port`.
    pub gateway: SocketAddr,
    /// Console, a URL.
    pub console: String,
}

/// A started gateway; dropping it stops it.
pub struct Running {
    /// Where it listens.
    pub ready: Ready,
    /// What its requests share.
    pub gateway: Arc<Gateway>,
    tasks: JoinSet<()>,
}

impl Running {
    /// Waits until it stops, which it does not by itself.
    pub async fn wait(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Starts the gateway of `options`.
pub async fn start(options: &Options) -> Result<Running, SetupError> {
    let home = &options.home;
    let gateway = Arc::new(Gateway {
        store: Store::open(&home.database())?,
        authority: Authority::open(home, options.certificate_life)?,
        entra: options.entra.clone(),
        throttle: Default::default(),
        changed: Default::default(),
        connections: Default::default(),
        link: Default::default(),
    });
    let tls = server::tls(home)?;
    let connector = connector(options)?;
    let devices = TcpListener::bind(options.listen).await.map_err(SetupError::Listen)?;
    let people = TcpListener::bind(options.console).await.map_err(SetupError::Listen)?;
    let address = |listener: &TcpListener| listener.local_addr().map_err(SetupError::Listen);
    let ready = Ready { gateway: address(&devices)?, console: format!("http://{}/", address(&people)?) };

    let mut tasks = JoinSet::new();
    let router = api::routes(Arc::clone(&gateway));
    tasks.spawn(server::serve_devices(Arc::clone(&gateway), devices, tls, router));
    tasks.spawn(server::serve_plain(people, console::routes(Arc::clone(&gateway), home)));
    tasks.spawn(retention::run(Arc::clone(&gateway)));
    tasks.spawn(rating::run(Arc::clone(&gateway)));
    tasks.spawn(notices::run(Arc::clone(&gateway), home.clone()));
    if let Some(connector) = connector {
        let connector = Arc::new(connector);
        tasks.spawn(push::run(Arc::clone(&gateway), Arc::clone(&connector)));
        tasks.spawn(app_sync::run(Arc::clone(&gateway), connector, options.app_sync));
    }
    Ok(Running { ready, gateway, tasks })
}

fn connector(options: &Options) -> Result<Option<Connector>, SetupError> {
    let Some(url) = &options.intune else {
        return Ok(None);
    };
    let file = options.intune_secret.clone().unwrap_or_else(|| options.home.connector_secret());
    let secret = Secret::new(home::read_text(&file)?);
    Connector::new(url, secret, options.heartbeat).map(Some)
}
