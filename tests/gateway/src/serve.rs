//! Starts the listeners and the connector.
//!
//! Rules: R4.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agent_logic::redact::Secret;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::api::{self, Gateway};
use crate::app_sync;
use crate::ca::Authority;
use crate::console;
use crate::entra::Entra;
use crate::failure::SetupError;
use crate::found;
use crate::home::{self, Home};
use crate::limits::Limits;
use crate::metrics::{self, Metrics};
use crate::notices;
use crate::pace::Pace;
use crate::push::{self, Connector};
use crate::rating;
use crate::retention;
use crate::server::{self, Crowds};
use crate::stop::Stop;
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
    /// Where Prometheus connects; loopback unless told otherwise, there is no login.
    pub metrics: SocketAddr,
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
    /// What clients may take.
    pub limits: Limits,
}

impl Options {
    /// The gateway of `home` on loopback, at ports that the system picks; no Intune, no Entra.
    #[must_use]
    pub fn on_loopback(home: &Home) -> Self {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            home: home.clone(),
            listen: anywhere,
            console: anywhere,
            metrics: anywhere,
            intune: None,
            intune_secret: None,
            heartbeat: Duration::from_secs(15 * 60),
            app_sync: Duration::from_secs(60 * 60),
            certificate_life: Duration::from_secs(24 * 60 * 60),
            entra: None,
            limits: Limits::default(),
        }
    }
}

/// Where a started gateway listens.
#[derive(Clone, Debug, Serialize)]
pub struct Ready {
    /// Device listener, `host:port`.
    pub gateway: SocketAddr,
    /// Console, a URL.
    pub console: String,
    /// Figures for Prometheus, a URL.
    pub metrics: String,
}

/// A started gateway; dropping it stops it.
pub struct Running {
    /// Where it listens.
    pub ready: Ready,
    /// What its requests share.
    pub gateway: Arc<Gateway>,
    tasks: JoinSet<()>,
    stop: Stop,
}

impl Running {
    /// Takes no new connection, lets requests that have begun come to their end, and stops. What was acknowledged is on
    /// the disk before it is; a request that takes longer than its limits is cut off.
    pub async fn stop(self) {
        let Self { gateway, mut tasks, stop, ready: _ } = self;
        if !stop.all(gateway.limits.stop).await {
            log::warn!("requests that took too long were cut off");
        }
        tasks.shutdown().await;
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
        limits: options.limits,
        crowds: Crowds::new(&options.limits),
        handshakes: Pace::new(options.limits.handshakes, options.limits.hello),
        requests: Pace::new(options.limits.requests, Duration::ZERO),
        metrics: Metrics::default(),
    });
    raise_descriptors(options.limits.descriptors());
    let tls = server::tls(home)?;
    let connector = connector(options)?;
    let devices = TcpListener::bind(options.listen).await.map_err(SetupError::Listen)?;
    let people = TcpListener::bind(options.console).await.map_err(SetupError::Listen)?;
    let figures = TcpListener::bind(options.metrics).await.map_err(SetupError::Listen)?;
    let address = |listener: &TcpListener| listener.local_addr().map_err(SetupError::Listen);
    let ready = Ready {
        gateway: address(&devices)?,
        console: format!("http://{}/", address(&people)?),
        metrics: format!("http://{}/metrics", address(&figures)?),
    };

    let mut tasks = JoinSet::new();
    let router = api::routes(Arc::clone(&gateway));
    let (stop, stopping) = Stop::new();
    tasks.spawn(server::serve_devices(Arc::clone(&gateway), devices, tls, router, stopping.clone()));
    let router = console::routes(Arc::clone(&gateway), home);
    tasks.spawn(server::serve_people(Arc::clone(&gateway), people, router, stopping.clone()));
    let router = metrics::routes(Arc::clone(&gateway));
    tasks.spawn(server::serve_people(Arc::clone(&gateway), figures, router, stopping));
    tasks.spawn(retention::run(Arc::clone(&gateway)));
    tasks.spawn(rating::run(Arc::clone(&gateway)));
    tasks.spawn(found::run(Arc::clone(&gateway)));
    tasks.spawn(notices::run(Arc::clone(&gateway), home.clone()));
    if let Some(connector) = connector {
        let connector = Arc::new(connector);
        tasks.spawn(push::run(Arc::clone(&gateway), Arc::clone(&connector)));
        tasks.spawn(app_sync::run(Arc::clone(&gateway), connector, options.app_sync));
    }
    Ok(Running { ready, gateway, tasks, stop })
}

/// Asks for `wanted` descriptors: many systems give a process 1,024 at first.
fn raise_descriptors(wanted: u64) {
    let held = getrlimit(Resource::Nofile);
    let wanted = held.maximum.map_or(wanted, |most| most.min(wanted));
    if held.current.is_some_and(|now| now < wanted) {
        let asked = Rlimit { current: Some(wanted), maximum: held.maximum };
        if let Err(error) = setrlimit(Resource::Nofile, asked) {
            log::warn!("there may be too few descriptors for every connection: {error}");
        }
    }
}

fn connector(options: &Options) -> Result<Option<Connector>, SetupError> {
    let Some(url) = &options.intune else {
        return Ok(None);
    };
    let file = options.intune_secret.clone().unwrap_or_else(|| options.home.connector_secret());
    let secret = Secret::new(home::read_text(&file)?);
    Connector::new(url, secret, options.heartbeat).map(Some)
}
