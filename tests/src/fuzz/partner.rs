//! What a device says to the partner's cloud.

use std::sync::LazyLock;

use agent_gateway::checkin::{self, Arrival};
use agent_gateway::csr::Request;
use agent_gateway::intake;
use agent_gateway::store::{Store, StoreError, Tx};
use agent_logic::model::DeviceId;
use agent_logic::wire::{MAX_REPORT, Policy, Report};
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use tempfile::NamedTempFile;

use super::broken;
use super::documents::round_trip;
use super::world::{DEVICE, now};

/// A report, plain or gzip, through the intake and onto a device that the cloud knows.
pub fn report(data: &[u8]) -> bool {
    let gzip: HeaderMap =
        std::iter::once((header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))).collect();
    let plain = intake::decompress(&gzip, Bytes::copy_from_slice(data)).ok();
    let body = plain.as_deref().unwrap_or(data);
    assert!(plain.is_none() || body.len() <= MAX_REPORT, "unpacked beyond the bound");
    if let Ok(report) = serde_json::from_slice::<Report>(body) {
        round_trip(&report);
    }
    applied(body)
}

/// A certificate request.
pub fn csr(data: &[u8]) -> bool {
    let Ok(request) = Request::parse(data) else {
        return false;
    };
    let urn = format!("urn:uuid:{}", request.device.reveal());
    assert!(
        request.san.windows(urn.len()).any(|window| window == urn.as_bytes()),
        "another name than the SAN's"
    );
    for part in [&request.spki, &request.subject, &request.san] {
        assert!(data.windows(part.len()).any(|window| window == part.as_slice()), "not what was signed");
    }
    true
}

/// A database that is thrown away.
struct Cloud {
    store: Store,
    device: DeviceId,
    _file: NamedTempFile,
}

static CLOUD: LazyLock<Option<Cloud>> = LazyLock::new(|| {
    let file = NamedTempFile::new().ok()?;
    let store = Store::open(file.path()).ok()?;
    let device: DeviceId = DEVICE.parse().ok()?;
    let mut policy = Policy::new(DEVICE.parse().ok()?, 1, now());
    policy.app_sync = true;
    let prepare = |tx: &Tx<'_>| {
        tx.ensure_device(&device)?;
        tx.add_policy(None, &policy, "jws", now())
    };
    store.transact::<(), StoreError>(prepare).ok()?;
    Some(Cloud { store, device, _file: file })
});

/// Why a transaction is not kept.
enum Undone {
    Done(bool),
    Failed(StoreError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// Whether the cloud answers the report; nothing is kept.
fn applied(body: &[u8]) -> bool {
    let cloud = CLOUD.as_ref().unwrap_or_else(|| broken("no database in a temporary file"));
    let arrival = Arrival { body, wire_bytes: body.len(), resumed: false, serial: "01", at: now() };
    let undone = cloud.store.transact::<(), Undone>(|tx| {
        let answer = checkin::apply(tx, &cloud.device, &arrival)?;
        let Ok(answer) = answer else { return Err(Undone::Done(false)) };
        round_trip(&answer);
        // The same again is a duplicate, and changes nothing.
        let again = checkin::apply(tx, &cloud.device, &arrival)?;
        let Ok(again) = again else { return Err(Undone::Done(false)) };
        assert_eq!(again.acknowledged, answer.acknowledged);
        assert_eq!((again.level, again.health, again.why), (answer.level, answer.health, answer.why));
        Err(Undone::Done(true))
    });
    match undone {
        Err(Undone::Done(answered)) => answered,
        Err(Undone::Failed(error)) => broken(format_args!("a report breaks the database: {error}")),
        Ok(()) => false,
    }
}
