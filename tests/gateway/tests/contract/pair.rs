//! A gateway and the real stand-in for Intune, with the connector between.

use std::time::{Duration, Instant};

use agent_gateway::serve::Options;
use axum::body::Body;
use hyper::Method;
use intune_stand_in::store::Store;
use serde_json::Value;

use crate::connector::stand_in;
use crate::world::{World, plain_send, request};

/// How long the connector may take to tell something.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway and a stand-in for Intune that lets low threats in.
pub(crate) struct Pair {
    pub(crate) world: World,
    pub(crate) intune: Store,
    address: String,
    _folder: tempfile::TempDir,
}

impl Pair {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "s3cret\n").unwrap();
        let dir = folder.path().join("intune");
        let (address, _serving) = stand_in(&dir, "127.0.0.1:0", &secret).await;
        let world = World::with(|options| {
            options.intune = Some(address.clone());
            options.intune_secret = Some(secret);
            options.app_sync = Duration::from_millis(200);
            change(options);
        })
        .await;
        let address = address.trim_start_matches("http://").to_owned();
        Self { world, intune: Store::open(&dir.join("intune.db")).unwrap(), address, _folder: folder }
    }

    /// What Intune shows at `path`.
    pub(crate) async fn shown(&self, path: &str) -> Value {
        let answer = plain_send(&self.address, request(Method::GET, path, Body::empty())).await;
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Waits until Intune shows `wanted` at `pointer` of `path`.
    pub(crate) async fn shows(&self, path: &str, pointer: &str, wanted: &str) {
        let started = Instant::now();
        loop {
            let shown = self.shown(path).await;
            if shown.pointer(pointer).and_then(Value::as_str) == Some(wanted) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "{path} is {shown}, {pointer} not {wanted}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
