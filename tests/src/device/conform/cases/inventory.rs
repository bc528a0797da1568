//! The apps: whole, as a change, as a digest, and not at all.

use agent_logic::model::{App, Digest};
use agent_logic::wire::{InventoryPart, Order, Report, set_digest};

use super::super::Outcome;
use super::super::device::Device;
use super::{NOT_ENROLLED, expect, parse, with_identity};

pub(super) fn unknown(device: &mut Device) -> Outcome {
    let digest = Digest::of(b"apps that nobody sent");
    tell(device, InventoryPart::Digest { digest }, true)
}

pub(super) fn full(device: &mut Device) -> Outcome {
    let apps = apps(&["com.example.a", "com.example.b"]);
    tell(device, InventoryPart::Full { digest: set_digest(&apps), apps }, false)
}

pub(super) fn delta(device: &mut Device) -> Outcome {
    let base = set_digest(&apps(&["com.example.a", "com.example.b"]));
    let digest = set_digest(&apps(&["com.example.b", "com.example.c"]));
    let removed = apps(&["com.example.a"]).into_iter().map(|app| app.id).collect();
    let delta = InventoryPart::Delta { base, digest, set: apps(&["com.example.c"]), removed };
    tell(device, delta, false)
}

pub(super) fn foreign(device: &mut Device) -> Outcome {
    let digest = set_digest(&apps(&["com.example.d"]));
    let base = Digest::of(b"apps of another device");
    tell(
        device,
        InventoryPart::Delta { base, digest, set: apps(&["com.example.d"]), removed: Vec::new() },
        true,
    )
}

pub(super) fn dropped(device: &mut Device) -> Outcome {
    let none = device.report();
    let Some(_taken) = with_identity(device, |device| device.check_in(&none)) else { return NOT_ENROLLED };
    let digest = set_digest(&apps(&["com.example.b", "com.example.c"]));
    tell(device, InventoryPart::Digest { digest }, true)
}

fn tell(device: &mut Device, part: InventoryPart, asks: bool) -> Outcome {
    if !device.policy.as_ref().is_some_and(|policy| policy.app_sync) {
        return Outcome::Skip("the policy lets no apps be shared; turn appSync on to try it");
    }
    let report = Report { inventory: Some(part), ..device.report() };
    let answer = with_identity(device, |device| device.check_in(&report));
    expect(answer, |answer| {
        parse(answer).is_some_and(|read| read.orders.contains(&Order::FullInventory) == asks)
    })
}

fn apps(ids: &[&str]) -> Vec<App> {
    ids.iter().filter_map(|id| id.parse().ok()).map(App::new).collect()
}
