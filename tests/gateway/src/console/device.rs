//! One device: its axes, open threats and their remedies, why it is blocked, and what happened.

use std::num::NonZeroU32;
use std::sync::Arc;

use agent_logic::model::{Activation, DeviceId};
use agent_logic::wire::ProblemKind;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::Desk;
use super::command;
use super::html::{Html, level};
use super::overview::{nature, state};
use super::own::{Own, Plain};
use super::session::Session;
use super::view::{DevicePage, DeviceView, ThreatView};
use crate::accounts::Access;
use crate::admin_act;
use crate::attestation::AttestationVerdict;
use crate::clock::{self, now};
use crate::refusal::Refusal;
use crate::store::{Action, By, Finder, Standing};

/// Which part of the apps is unfolded, from 1.
#[derive(Debug, Deserialize)]
pub(super) struct Shown {
    apps: Option<NonZeroU32>,
}

/// The page.
pub(super) async fn page(
    State(desk): State<Arc<Desk>>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Refusal> {
    let id: DeviceId = id.parse().map_err(|_| Refusal::of(ProblemKind::NotFound))?;
    let name = session.name.clone();
    let read = move |gateway: &crate::api::Gateway| {
        // That somebody looked at a person's apps is itself worth a line.
        gateway.store.transact(|tx| {
            let page = DevicePage::read(tx, &id, now())?;
            if page.as_ref().is_some_and(|page| page.apps.is_some()) {
                tx.audit(now(), By::console(&name), Action::InventoryRead, Some(&id.reveal()))?;
            }
            Ok::<_, Refusal>(page)
        })
    };
    let page = desk.gateway.blocking(read).await?.ok_or(Refusal::of(ProblemKind::NotFound))?;
    Ok(render(&page, shown.apps.and_then(|part| usize::try_from(part.get()).ok()), &session))
}

/// Revokes the device: it is out at its next request.
pub(super) async fn revoke(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    Own(session, Plain {}): Own<Plain>,
) -> Result<Response, Refusal> {
    let id: DeviceId = id.parse().map_err(|_| Refusal::of(ProblemKind::NotFound))?;
    let act = move |gateway: &crate::api::Gateway| {
        let by = By::console(&session.name);
        Ok::<_, Refusal>(gateway.store.transact(|tx| admin_act::revoke(tx, &id, by, now()))?)
    };
    if !desk.gateway.blocking(act).await? {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    desk.gateway.changed.notify_one();
    Ok(Redirect::to(&format!("/devices/{}", id.reveal())).into_response())
}

fn render(page: &DevicePage, part: Option<usize>, session: &Session) -> Response {
    let device = &page.device;
    let mut html = Html::new("Device", "", session);
    html.raw("<p class=\"sub\"><a href=\"/\">Devices</a></p><h1><code>").text(&device.device_id);
    html.raw("</code></h1><p class=\"sub\">").text(&nature(device)).raw("</p>");
    standing(&mut html, page);
    threats(&mut html, &device.threats);
    changes(&mut html, page);
    history(&mut html, page);
    inventory(&mut html, page, part);
    certificates(&mut html, page);
    let may = session.access.covers(Access::Full) && !device.revoked;
    if may && device.activation == Activation::Activated {
        command::section(&mut html, page, session);
    }
    if may {
        html.raw(
            "<section><h2>Revoke</h2><p class=\"soft\">Its certificate is refused at its next request. ",
        );
        html.raw("A new code lifts that when it is used.</p><form method=\"post\" action=\"/devices/");
        html.text(&device.device_id).raw("/revoke\">").token(session);
        html.raw("<button class=\"danger\">Revoke this device</button></form></section>");
    }
    html.page().into_response()
}

fn standing(html: &mut Html, page: &DevicePage) {
    let device = &page.device;
    let (class, name) = state(device);
    html.raw("<section class=\"").raw(class).raw("\"><p class=\"why\">").pill((class, name)).raw(" ");
    html.text(device.why.as_deref().unwrap_or("Nothing blocks it.")).raw("</p><dl>");
    html.row("Activation", word(&format!("{:?}", device.activation)).as_str());
    html.row("Protection", word(&format!("{:?}", device.protection)).as_str());
    html.row("Security", device.level.map_or("Not known", |found| level(found).1));
    html.row("Told to Intune", &word(&format!("{:?}", device.health)));
    html.row("Passes at required level", &passes(device));
    html.row("Group", device.group.as_deref().unwrap_or("none"));
    html.row("Enrolled by", page.credential.as_deref().unwrap_or("–"));
    html.row("Key", &attested(page));
    html.row("Last contact", &device.last_contact.map_or_else(|| "never".into(), clock::text));
    if let Some(facts) = &device.facts {
        html.row("Agent", &facts.agent_version);
        html.row("Patch level", facts.patch_level.as_deref().unwrap_or("–"));
    }
    html.row("Policy", &format!("version {}", device.policy_held));
    html.row("Indicators", &format!("version {}", device.indicators_held));
    html.row("Chain", &format!("restarted unasked: {}, broken: {}", device.restarts, device.chain_breaks));
    html.raw("</dl></section>");
}

fn threats(html: &mut Html, threats: &[ThreatView]) {
    html.raw("<section><h2>Open threats</h2>");
    if threats.is_empty() {
        html.raw("<p class=\"empty\">None.</p></section>");
        return;
    }
    html.table(&["Level", "Threat", "In", "Detected", "Received", "Found by", "What to do"]);
    for threat in threats {
        html.raw("<tr><td>").pill(if threat.ignored { ("unknown", "Ignored") } else { level(threat.level) });
        html.raw("</td><td class=\"n\"><code>").text(threat.classification);
        html.raw("</code>").fact("In", threat.subject.as_deref());
        html.line("Detected").text(&clock::text(threat.detected));
        html.line("Received").text(&clock::text(threat.received));
        html.line("Found by").raw(match threat.finder {
            Finder::Device => "The device",
            Finder::Cloud => "The cloud",
        });
        html.cell("What to do").text(threat.advice).raw("</td></tr>");
    }
    html.end_table().raw("</section>");
}

fn inventory(html: &mut Html, page: &DevicePage, part: Option<usize>) {
    html.raw("<section id=\"apps\"><h2>Apps</h2>");
    let Some(apps) = &page.apps else {
        html.raw(
            "<p class=\"empty\">The policy does not let this device share its apps, or it shared none.</p>",
        );
        html.raw("</section>");
        return;
    };
    if let Some(at) = page.synced {
        html.raw("<p class=\"soft\">Listed by Intune (App Sync) ").text(&clock::text(at)).raw(".</p>");
    }
    if page.withheld > 0 {
        html.raw("<p class=\"soft\">").text(&page.withheld.to_string());
        html.raw(
            " apps are not shown: the device counts as personal, and they are not the organisation's.</p>",
        );
    }
    let from = part.unwrap_or(1).saturating_sub(1).saturating_mul(APPS_AT_ONCE);
    html.raw(if part.is_some() { "<details open>" } else { "<details>" }).raw("<summary>");
    html.text(&apps.len().to_string()).raw(" apps</summary>");
    html.table(&["Name", "Identifier", "Version", "Managed"]);
    for app in apps.iter().skip(from).take(APPS_AT_ONCE) {
        html.raw("<tr><td>").text(app.name.as_ref().map_or("–", |name| name.reveal().as_str()));
        html.cell("Identifier").raw("<code>").text(app.id.reveal()).raw("</code>");
        let version = app.short_version.as_ref().or(app.version.as_ref());
        html.fact("Version", version.map(|version| version.reveal().as_str()));
        html.line("Managed")
            .raw(app.managed.map_or("not known", |managed| if managed { "yes" } else { "no" }));
        html.raw("</td></tr>");
    }
    html.end_table();
    for (at, _) in apps.chunks(APPS_AT_ONCE).enumerate().filter(|_| apps.len() > APPS_AT_ONCE) {
        let number = at.saturating_add(1);
        let here = part.unwrap_or(1) == number;
        html.raw("<a class=\"part\" href=\"?apps=").text(&number.to_string()).raw("#apps\"");
        html.raw(if here { " aria-current=\"page\">" } else { ">" }).text(&number.to_string()).raw("</a> ");
    }
    html.raw("</details></section>");
}

/// Apps that the page lists at a time.
const APPS_AT_ONCE: usize = 200;

fn changes(html: &mut Html, page: &DevicePage) {
    html.raw("<section><h2>Threats over time</h2>");
    if page.transitions.is_empty() {
        html.raw(
            "<p class=\"empty\">No change was reported, or it was too long ago to be kept.</p></section>",
        );
        return;
    }
    html.table(&["On the device", "Received", "What", "Threat"]);
    for line in &page.transitions {
        html.raw("<tr><td class=\"n\">").text(&clock::text(line.at.wall));
        html.line("Received").text(&clock::text(line.received));
        html.cell("What").text(&format!("{:?}", line.kind));
        html.cell("Threat").raw("<code>").raw(line.classification.name()).raw("</code></td></tr>");
    }
    html.end_table().raw("</section>");
}

fn certificates(html: &mut Html, page: &DevicePage) {
    html.raw("<section><h2>Certificates</h2>");
    html.table(&["Standing", "Issued", "Ends", "Serial", "SHA-256 of the key"]);
    for line in &page.certificates {
        html.raw("<tr><td>").raw(match line.standing {
            Standing::Pending => "Not used yet",
            Standing::Current => "Current",
            Standing::Dropped => "Dropped",
        });
        html.line("Issued").text(&clock::text(line.issued)).line("Ends").text(&clock::text(line.not_after));
        html.cell("Serial").raw("<code>").text(&line.serial).raw("</code>");
        html.cell("SHA-256 of the key").raw("<code>").text(&line.spki.to_string()).raw("</code></td></tr>");
    }
    html.end_table().raw("</section>");
}

fn history(html: &mut Html, page: &DevicePage) {
    html.raw("<section><h2>History</h2>");
    html.table(&["When", "What", "Report", "Bytes", "Apps"]);
    for line in &page.history {
        html.raw("<tr><td class=\"n\">").text(&clock::text(line.at));
        html.cell("What").raw(line.event.text());
        html.fact("Report", line.sequence.map(|n| n.to_string()).as_deref());
        html.fact("Bytes", line.wire_bytes.map(|n| n.to_string()).as_deref());
        html.fact("Apps", line.inventory.as_deref()).raw("</td></tr>");
    }
    html.end_table().raw("</section>");
}

fn passes(device: &DeviceView) -> String {
    device.passes_at.map_or_else(|| "nowhere".into(), |least| format!("{} or less strict", level(least).1))
}

/// Where the key of the current certificate lives, as far as that was proved.
fn attested(page: &DevicePage) -> String {
    let current = page.certificates.iter().find(|line| line.standing == Standing::Current);
    let Some(sent) =
        page.attestation.as_ref().filter(|sent| current.is_some_and(|own| own.spki == sent.spki))
    else {
        return "Not attested: no proof was sent".into();
    };
    match sent.verdict {
        AttestationVerdict::Attested => {
            format!("Attested by {}", sent.root.as_deref().unwrap_or("a root that is gone"))
        }
        AttestationVerdict::OtherKey => "Not attested: the proof is for another key".into(),
        AttestationVerdict::NotValidNow => "Not attested: the proof has expired, or is not valid yet".into(),
        AttestationVerdict::Untrusted => "Not attested: no root vouches for it".into(),
    }
}

/// `LowSeverity` as `Low severity`.
fn word(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push(' ');
            out.extend(letter.to_lowercase());
        } else {
            out.push(letter);
        }
    }
    out
}
