//! Starts the listener.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tokio::net::TcpListener;

use crate::api::{StandIn, routes};
use crate::clock::{self, Clock};
use crate::compliance::RequiredLevel;
use crate::settings::Settings;
use crate::store::{Store, StoreError};

/// Where a started stand-in listens.
#[derive(Clone, Debug, Serialize)]
pub struct Ready {
    /// Its address, a URL without a path.
    pub intune: String,
}

/// Why the stand-in did not start.
#[derive(Debug)]
pub enum StartError {
    /// A file could not be read or written.
    File(PathBuf, std::io::Error),
    /// The database failed.
    Store(StoreError),
    /// The address cannot be listened on.
    Listen(std::io::Error),
    /// The secret's file is empty.
    NoSecret(PathBuf),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}. Check the path.", path.display()),
            Self::Store(error) => write!(f, "{error}"),
            Self::Listen(error) => write!(f, "cannot listen: {error}. Name another address."),
            Self::NoSecret(path) => {
                write!(f, "{} is empty. Name the gateway's connector-secret.", path.display())
            }
        }
    }
}

impl std::error::Error for StartError {}

/// Binds `listen` and answers where, and the task to run.
pub async fn start(
    dir: &Path,
    listen: SocketAddr,
    required: Option<RequiredLevel>,
    secret_file: &Path,
) -> Result<(Ready, impl Future<Output = std::io::Result<()>> + Send + 'static), StartError> {
    start_at(dir, listen, required, secret_file, clock::system()).await
}

/// [`start`] with this clock.
pub async fn start_at(
    dir: &Path,
    listen: SocketAddr,
    required: Option<RequiredLevel>,
    secret_file: &Path,
    clock: Clock,
) -> Result<(Ready, impl Future<Output = std::io::Result<()>> + Send + 'static), StartError> {
    std::fs::create_dir_all(dir).map_err(|error| StartError::File(dir.into(), error))?;
    let secret = std::fs::read_to_string(secret_file)
        .map_err(|error| StartError::File(secret_file.into(), error))?
        .trim()
        .to_owned();
    if secret.is_empty() {
        return Err(StartError::NoSecret(secret_file.into()));
    }
    let store = Store::open(&dir.join("intune.db")).map_err(StartError::Store)?;
    prepare(&store, required).map_err(StartError::Store)?;
    let listener = TcpListener::bind(listen).await.map_err(StartError::Listen)?;
    let ready = Ready { intune: format!("http://{}", listener.local_addr().map_err(StartError::Listen)?) };
    let router = routes(Arc::new(StandIn { store, secret, clock }));
    Ok((ready, async move { axum::serve(listener, router).await }))
}

/// Graph's defaults connect no platform; a new stand-in connects both, so that what a partner says counts.
fn prepare(store: &Store, required: Option<RequiredLevel>) -> Result<(), StoreError> {
    if store.settings()?.is_none() {
        let both = Settings { android_enabled: true, ios_enabled: true, ..Settings::default() };
        store.set_settings(&both)?;
    }
    required.map_or(Ok(()), |level| store.set_required(level))
}
