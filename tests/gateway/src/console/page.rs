//! The console's page. No script; every value passes through [`Html::text`].

use agent_logic::model::{Activation, Level, Protection};

use super::{DeviceView, Overview, ThreatView};
use crate::clock;

/// The page as HTML.
#[must_use]
pub fn render(overview: &Overview) -> String {
    let mut html = Html(String::from(HEAD));
    summary(&mut html, overview);
    if overview.devices.is_empty() {
        html.raw(
            "<p class=\"empty\">No device is known yet. Make a code with <code>mtd-gateway code</code>.</p>",
        );
    }
    for device in &overview.devices {
        card(&mut html, device);
    }
    html.raw("<footer>Read at ").text(&clock::text(overview.time));
    html.raw(" · <a href=\"/devices.json\">as JSON</a></footer></main></body></html>\n");
    html.0
}

/// A page under construction.
struct Html(String);

impl Html {
    /// Our own markup.
    fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// A value, escaped. Controls and marks that turn the direction of text would let a name pose as another.
    fn text(&mut self, value: &str) -> &mut Self {
        for letter in value.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
                    self.0.push('\u{fffd}')
                }
                letter if letter.is_control() => self.0.push('\u{fffd}'),
                letter => self.0.push(letter),
            }
        }
        self
    }
}

fn summary(html: &mut Html, overview: &Overview) {
    html.raw("<ul class=\"tally\">");
    let of = |level| overview.devices.iter().filter(|device| device.level == Some(level)).count();
    let unknown = overview.devices.iter().filter(|device| device.level.is_none()).count();
    let rows = [
        ("high", "High", of(Level::High)),
        ("medium", "Medium", of(Level::Medium)),
        ("low", "Low", of(Level::Low)),
        ("secured", "Secured", of(Level::Secured)),
        ("unknown", "Not rated", unknown),
    ];
    for (class, name, count) in rows {
        html.raw("<li class=\"")
            .raw(class)
            .raw("\"><b>")
            .text(&count.to_string())
            .raw("</b> ")
            .raw(name)
            .raw("</li>");
    }
    html.raw("</ul>");
}

fn card(html: &mut Html, device: &DeviceView) {
    let (class, name) = pill(device);
    html.raw("<section class=\"")
        .raw(class)
        .raw("\"><header><span class=\"pill ")
        .raw(class)
        .raw("\">")
        .raw(name);
    html.raw("</span><h2>").text(&device.device_id).raw("</h2>");
    if let Some(group) = &device.group {
        html.raw("<span class=\"group\">").text(group).raw("</span>");
    }
    html.raw("</header>");
    if let Some(why) = &device.why {
        html.raw("<p class=\"why\">").text(why).raw("</p>");
    }
    facts(html, device);
    if !device.threats.is_empty() {
        threats(html, &device.threats);
    }
    html.raw("</section>");
}

fn facts(html: &mut Html, device: &DeviceView) {
    html.raw("<dl>");
    if let Some(facts) = &device.facts {
        let model = facts.model.as_deref().unwrap_or("unknown model");
        row(html, "Device", &format!("{model}, {} {}", facts.platform, facts.os_version));
        row(html, "Agent", &facts.agent_version);
    }
    let contact = device.last_contact.map_or_else(|| "never".into(), clock::text);
    row(html, "Last contact", &contact);
    row(html, "Policy", &format!("version {}", device.policy_held));
    let apps = device.inventory_count.map_or_else(|| "not shared".into(), |count| format!("{count} apps"));
    row(html, "Inventory", &apps);
    if device.restarts + device.chain_breaks > 0 {
        row(html, "Chain", &format!("{} unasked restarts, {} breaks", device.restarts, device.chain_breaks));
    }
    html.raw("</dl>");
}

fn row(html: &mut Html, name: &'static str, value: &str) {
    html.raw("<div><dt>").raw(name).raw("</dt><dd>").text(value).raw("</dd></div>");
}

fn threats(html: &mut Html, threats: &[ThreatView]) {
    html.raw(
        "<table><thead><tr><th>Level</th><th>Threat</th><th>In</th><th>Detected</th><th>What to do</th></tr>",
    );
    html.raw("</thead><tbody>");
    for threat in threats {
        let (class, name) = if threat.ignored { ("unknown", "Ignored") } else { level(threat.level) };
        html.raw("<tr><td><span class=\"pill ").raw(class).raw("\">").raw(name).raw("</span></td><td><code>");
        html.text(threat.classification).raw("</code></td><td>");
        html.text(threat.subject.as_deref().unwrap_or("–"))
            .raw("</td><td>")
            .text(&clock::text(threat.detected));
        html.raw("</td><td>").text(threat.advice).raw("</td></tr>");
    }
    html.raw("</tbody></table>");
}

fn pill(device: &DeviceView) -> (&'static str, &'static str) {
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

const fn level(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Secured => ("secured", "Secured"),
        Level::Low => ("low", "Low"),
        Level::Medium => ("medium", "Medium"),
        Level::High => ("high", "High"),
    }
}

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Devices – mtd-gateway</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root{--ink:#1b2430;--soft:#5b6776;--line:#dde3ea;--high:#b3261e;--medium:#b25c00;--low:#7a6a00;--secured:#14703c;--unknown:#5b6776}
*{box-sizing:border-box}
body{margin:0;background:#f4f6f8;color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:68rem;margin:0 auto;padding:2rem 1.25rem}
h1{font-size:1.5rem;margin:0 0 .25rem}
.sub{color:var(--soft);margin:0 0 1.5rem}
.tally{display:flex;flex-wrap:wrap;gap:.75rem;list-style:none;margin:0 0 1.5rem;padding:0}
.tally li{background:#fff;border:1px solid var(--line);border-top:3px solid var(--c);border-radius:8px;padding:.5rem 1rem;min-width:7rem;color:var(--soft)}
.tally b{display:block;font-size:1.5rem;line-height:1.2;color:var(--ink)}
.high{--c:var(--high)}.medium{--c:var(--medium)}.low{--c:var(--low)}.secured{--c:var(--secured)}.unknown{--c:var(--unknown)}
section{background:#fff;border:1px solid var(--line);border-left:4px solid var(--c);border-radius:8px;padding:1rem 1.25rem;margin:0 0 1rem}
section header{display:flex;flex-wrap:wrap;align-items:center;gap:.75rem}
h2{font:600 1rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin:0;overflow-wrap:anywhere}
.pill{background:var(--c);color:#fff;border-radius:999px;padding:.1rem .7rem;font-size:.82rem;font-weight:600;white-space:nowrap}
.group{color:var(--soft);border:1px solid var(--line);border-radius:999px;padding:0 .6rem;font-size:.82rem}
.why{margin:.75rem 0 0;font-weight:600;overflow-wrap:anywhere}
dl{display:flex;flex-wrap:wrap;gap:.25rem 2rem;margin:.75rem 0 0}
dt{color:var(--soft);font-size:.8rem}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin-top:1rem;font-size:.92rem}
th{text-align:left;color:var(--soft);font-weight:500;font-size:.8rem}
th,td{padding:.45rem .75rem .45rem 0;border-top:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
thead th{border-top:0}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.empty,footer{color:var(--soft)}a{color:inherit}
</style></head><body><main>
<h1>Devices</h1><p class="sub">Activation, protection and level of each device, and why one is blocked.</p>
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_says_cannot_become_markup() {
        let mut html = Html(String::new());
        html.text("<script>alert('x')</script>\u{202e}\u{0}&\"");
        assert_eq!(html.0, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\u{fffd}\u{fffd}&amp;&quot;");
    }
}
