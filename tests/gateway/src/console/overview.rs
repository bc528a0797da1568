//! The devices, worst first, a page at a time.

use std::sync::Arc;

use agent_logic::model::{Activation, Protection};
use axum::Extension;
use axum::extract::State;
use axum::response;

use super::Desk;
use super::find;
use super::html::{Html, level};
use super::page::Page;
use super::session::Session;
use super::view::{DeviceView, Overview};
use crate::clock::{self, now};
use crate::refusal::Refusal;
use crate::store::{StoreError, Tally, Tx};

/// The page.
pub(super) async fn page(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
    page: Page,
) -> Result<response::Html<String>, Refusal> {
    let read = move |gateway: &crate::api::Gateway| {
        let read = |tx: &Tx<'_>| Ok::<_, StoreError>((Overview::read(tx, &page, now())?, tx.activations()?));
        Ok(gateway.store.read(read)?)
    };
    let (overview, activations) = desk.gateway.blocking(read).await?;
    Ok(render(&overview, &activations, &session))
}

/// The overview as HTML.
fn render(
    overview: &Overview,
    activations: &[(Activation, u64)],
    session: &Session,
) -> response::Html<String> {
    let mut html = Html::new("Devices", "/", session);
    html.raw("<h1>Devices</h1><p class=\"sub\">Who stands how, and why a device is blocked.</p>");
    if overview.settling {
        html.raw("<p class=\"note\">The policy has changed. Devices are being rated by it; counts and order follow.</p>");
    }
    tally(&mut html, &overview.tally, activations);
    if overview.tally != Tally::default() {
        find::form(&mut html, "");
    }
    if overview.devices.is_empty() {
        html.raw(if overview.tally == Tally::default() {
            "<p class=\"empty\">No device is known yet. Make a code with <code>mtd-gateway code</code>.</p>"
        } else {
            "<p class=\"empty\">There are no more. <a href=\"/\">From the beginning</a></p>"
        });
        return html.page();
    }
    html.raw("<div class=\"list\">");
    html.table(&["State", "Device", "What it is", "Why blocked", "Last contact"]);
    for device in &overview.devices {
        row(&mut html, device);
    }
    html.end_table().raw("</div><footer>Read at ").text(&clock::text(overview.time));
    if let Some(next) = &overview.next {
        html.raw(" · <a href=\"/?after=").text(next).raw("\" rel=\"next\">next page</a>");
    }
    html.raw(" · <a href=\"/devices.json\">as JSON</a></footer>");
    html.page()
}

/// Class and name of a device's state.
pub(super) fn state(device: &DeviceView) -> (&'static str, &'static str) {
    if device.revoked {
        return ("unknown", "Revoked");
    }
    match (device.activation, device.protection, device.level) {
        (Activation::Pending, _, _) => ("unknown", "Pending"),
        (Activation::Deactivated, _, _) => ("unknown", "Deactivated"),
        (Activation::Activated, Protection::Disconnected, _) => ("unknown", "Disconnected"),
        (Activation::Activated, Protection::Protected, None) => ("unknown", "Activated"),
        (Activation::Activated, Protection::Protected, Some(found)) => level(found),
    }
}

/// The system by its maker's name for it; one that is not known as the device says.
fn system(platform: &str) -> &str {
    match platform {
        "android" => "Android",
        "ios" => "iOS",
        "linux" => "Linux",
        other => other,
    }
}

/// Model and system.
pub(super) fn nature(device: &DeviceView) -> String {
    device.facts.as_ref().map_or_else(String::new, |facts| {
        let model = facts.model.as_ref().map_or_else(String::new, |model| format!("{model}, "));
        format!("{model}{} {}", system(&facts.platform), facts.os_version)
    })
}

/// How many there are; a level's tile leads to where the list comes to it.
fn tally(html: &mut Html, tally: &Tally, activations: &[(Activation, u64)]) {
    let at = |wanted| activations.iter().filter(|(stage, _)| *stage == wanted).map(|(_, count)| count).sum();
    let (pending, left): (u64, u64) = (at(Activation::Pending), at(Activation::Deactivated));
    let silent = tally.unrated.saturating_sub(pending).saturating_sub(left);
    html.raw("<ul class=\"tally\">");
    for (class, name, count, begins) in [
        ("high", "High", tally.high, Some("/")),
        ("medium", "Medium", tally.medium, Some(AFTER_HIGH)),
        ("low", "Low", tally.low, Some(AFTER_MEDIUM)),
        ("secured", "Secured", tally.secured, Some(AFTER_LOW)),
        ("unknown", "Disconnected or revoked", silent, None),
        ("unknown", "Pending", pending, None),
        ("unknown", "Deactivated", left, None),
    ] {
        html.raw("<li class=\"").raw(class).raw("\"><b>").text(&count.to_string()).raw("</b> ");
        match begins {
            Some(begins) => html.raw("<a href=\"").raw(begins).raw("\">").raw(name).raw("</a></li>"),
            None => html.raw(name).raw("</li>"),
        };
    }
    html.raw("</ul>");
}

/// Behind the last identifier that a level can have.
const AFTER_HIGH: &str = "/?after=high:ffffffff-ffff-ffff-ffff-ffffffffffff";
const AFTER_MEDIUM: &str = "/?after=medium:ffffffff-ffff-ffff-ffff-ffffffffffff";
const AFTER_LOW: &str = "/?after=low:ffffffff-ffff-ffff-ffff-ffffffffffff";

fn row(html: &mut Html, device: &DeviceView) {
    html.raw("<tr><td>")
        .pill(state(device))
        .raw("</td><td class=\"n\"><a href=\"/devices/")
        .text(&device.device_id);
    html.raw("\"><code>").text(&device.device_id).raw("</code></a>");
    if let Some(group) = &device.group {
        html.raw("<br><span class=\"soft\">").text(group).raw("</span>");
    }
    html.raw("</td><td>").text(&nature(device));
    html.fact("Why blocked", device.why.as_deref());
    html.line("Last contact")
        .text(&device.last_contact.map_or_else(|| "never".into(), clock::text))
        .raw("</td></tr>");
}
