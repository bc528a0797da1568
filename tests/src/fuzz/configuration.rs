//! What configures a device.

use agent_logic::configuration::{MAX_TEXT, Partner, Provenance, Source, Value, read};
use agent_logic::event::Configuration;
use serde_json::Value as Json;

use super::life::{Life, SUFFIX};
use super::world::WORLD_TRUST;

/// The names under which the dictionaries of one input stand.
const SOURCES: [(&str, Provenance); 4] = [
    ("signIn", Provenance::SignIn),
    ("ios", Provenance::ManagedIos),
    ("android", Provenance::ManagedAndroid),
    ("app", Provenance::App),
];

/// Managed and app configuration: a JSON object with a dictionary for each source. Whether it leads to an
/// enrolment, which goes nowhere but to a host that both gates allow.
pub fn configuration(data: &[u8]) -> bool {
    let Ok(Json::Object(mut given)) = serde_json::from_slice::<Json>(data) else {
        return false;
    };
    let sources: Vec<Source> = SOURCES
        .into_iter()
        .filter_map(|(name, from)| match Value::from_json(given.remove(name)?)? {
            Value::Dict(values) => Some(Source { from, values }),
            Value::Text(_) | Value::Integer(_) | Value::Real(_) | Value::Bool(_) | Value::List(_) => None,
        })
        .collect();
    let configuration = read(Partner::ALL, &sources);
    let mut turned = sources.clone();
    turned.reverse();
    let same = |other: &Configuration| {
        (&configuration.gateway, configuration.device, configuration.tenant, &configuration.credential)
            == (&other.gateway, other.device, other.tenant, &other.credential)
    };
    assert!(same(&read(Partner::ALL, &turned)), "the order of the sources decides");
    if let Some(gateway) = &configuration.gateway {
        let gateway = gateway.reveal();
        assert!(!gateway.contains("{{") && gateway.len() <= MAX_TEXT && gateway.trim() == gateway);
    }
    let Some(mut life) = Life::of(Vec::new()) else { return false };
    life.configure(configuration);
    for origin in &life.origins {
        let host = origin.host.as_str();
        assert!(host == SUFFIX || host.ends_with(&format!(".{SUFFIX}")), "{host}");
        assert!(WORLD_TRUST.as_ref().is_some_and(|trust| trust.allows(origin)), "{host}: the gates differ");
    }
    let leads = !life.origins.is_empty();
    life.judge();
    leads
}
