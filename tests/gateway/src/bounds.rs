//! Bounds and shapes of a report's parts that its types do not ask for; `openapi.json` states them.

use agent_logic::model::{App, MAX_APP_TEXT, MAX_SIGNERS};
use agent_logic::wire::{InventoryPart, Report};
use serde_json::Value;

/// Whether every part of `report` is within its bound.
pub(crate) fn hold(report: &Report) -> bool {
    if report.transitions.iter().any(|transition| transition.ordinal == 0) {
        return false;
    }
    match &report.inventory {
        None | Some(InventoryPart::Digest { .. }) => true,
        Some(InventoryPart::Delta { set, .. }) => set.iter().all(app),
        Some(InventoryPart::Full { apps, .. }) => apps.iter().all(app),
    }
}

/// Whether objects stand where `report` has objects: serde reads a struct from an array too.
pub(crate) fn has_shape(body: &[u8], report: &Report) -> bool {
    // What an agent of this version writes comes back byte for byte.
    if serde_json::to_vec(report).is_ok_and(|written| written == body) {
        return true;
    }
    match (serde_json::from_slice(body), serde_json::to_value(report)) {
        (Ok(sent), Ok(read)) => is_shaped(&sent, &read),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

fn is_shaped(sent: &Value, read: &Value) -> bool {
    match (sent, read) {
        (Value::Object(sent), Value::Object(read)) => {
            read.iter().all(|(key, read)| sent.get(key).is_none_or(|sent| is_shaped(sent, read)))
        }
        (Value::Array(sent), Value::Array(read)) => {
            sent.len() == read.len() && sent.iter().zip(read).all(|(sent, read)| is_shaped(sent, read))
        }
        (_, Value::Object(_) | Value::Array(_)) => false,
        (_, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => true,
    }
}

fn app(app: &App) -> bool {
    let texts = [&app.name, &app.short_version, &app.version];
    app.signers.len() <= MAX_SIGNERS
        && texts.into_iter().flatten().all(|text| text.reveal().chars().count() <= MAX_APP_TEXT)
}
