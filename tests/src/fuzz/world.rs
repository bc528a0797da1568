//! Whom the targets trust and who they are: what the seeds were captured with.

use std::sync::LazyLock;

use agent_core::fuzzing::Reading;
use agent_core::trust::Trust;
use agent_logic::command::{Authority, Credential, Enrol, Origin, Slot};
use agent_logic::model::DeviceId;
use agent_logic::redact::{Bytes, Secret};
use agent_logic::time::Wall;

use super::broken;

/// The device of the seeds.
pub(super) const DEVICE: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";

/// The SubjectPublicKeyInfo of its key.
pub(super) const SPKI: &[u8] = include_bytes!("../../fuzz/world/spki.der");

const TRUST: &str = include_str!("../../fuzz/world/trust.json");
const NOW: &str = include_str!("../../fuzz/world/now");

/// What the device trusts.
pub(super) static WORLD_TRUST: LazyLock<Option<Trust>> = LazyLock::new(|| Trust::from_json(TRUST).ok());

static READING: LazyLock<Option<Reading>> =
    LazyLock::new(|| WORLD_TRUST.clone().map(|trust| Reading::new(trust, now())));

/// The device's reading of what its cloud says.
pub(super) fn reading() -> &'static Reading {
    READING.as_ref().unwrap_or_else(|| broken("tests/fuzz/world is not whole"))
}

/// When the seeds were captured.
pub(super) fn now() -> Wall {
    Wall(NOW.trim().parse().unwrap_or_default())
}

/// The enrolment whose answer is judged; `None` if the device's name is none.
pub(super) fn enrolment() -> Option<Enrol> {
    let device: DeviceId = DEVICE.parse().ok()?;
    Some(Enrol {
        origin: origin(),
        authority: Authority::Credential(Credential::Code(Secret::new("code".into()))),
        slot: Slot::A,
        device,
        request: Bytes::default(),
        trusted: now(),
    })
}

/// Where the cloud is.
pub(super) fn origin() -> Origin {
    Origin { host: "localhost".into(), port: 443 }
}
