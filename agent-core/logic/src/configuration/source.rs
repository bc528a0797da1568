//! Reads one source by the profiles.

use super::value::fits;
use super::{Fault, Finding, Key, Keys, MAX_TEXT, Meaning, Partner, Provenance, Source, Value};
use crate::command::Credential;
use crate::model::{DeviceId, TenantId};
use crate::redact::{Redacted, Secret};

/// What one source says, in valid values.
#[derive(Debug)]
pub(super) struct Spoken {
    pub(super) from: Provenance,
    pub(super) gateway: Option<Redacted<String>>,
    pub(super) device: Option<(DeviceId, &'static str)>,
    pub(super) tenant: Option<(TenantId, &'static str)>,
    pub(super) credentials: Vec<Credential>,
    /// Intune device IDs: whatever equals one is no Entra device ID.
    pub(super) intune: Vec<DeviceId>,
}

/// Reads `source` by our own keys and those of `partners`; none when it is beyond the bounds.
pub(super) fn read(partners: &[Partner], source: &Source, findings: &mut Vec<Finding>) -> Option<Spoken> {
    if !fits(&source.values) {
        findings.push(Finding { from: source.from, key: None, fault: Fault::TooLarge });
        return None;
    }
    let mut spoken = Spoken::nothing(source.from);
    let partners = partners.iter().copied().filter(|partner| *partner != Partner::Generic);
    for key in std::iter::once(Partner::Generic).chain(partners).flat_map(keys) {
        if let Err(fault) = spoken.take(source, key) {
            findings.push(Finding { from: source.from, key: Some(key.name), fault });
        }
    }
    Some(spoken)
}

fn keys(partner: Partner) -> &'static [Key] {
    match partner.keys() {
        Keys::Public(keys) => keys,
        Keys::NotPublic | Keys::None => &[],
    }
}

impl Spoken {
    const fn nothing(from: Provenance) -> Self {
        Self { from, gateway: None, device: None, tenant: None, credentials: Vec::new(), intune: Vec::new() }
    }

    /// Takes in the value of one key, if it is there and of use.
    fn take(&mut self, source: &Source, key: &'static Key) -> Result<(), Fault> {
        if matches!(key.meaning, Meaning::Console | Meaning::Personal) {
            return Ok(());
        }
        let Some(value) = source.values.get(key.name) else {
            let other_case = source.values.keys().any(|name| name.eq_ignore_ascii_case(key.name));
            return if other_case { Err(Fault::WrongCase) } else { Ok(()) };
        };
        if !key.from.contains(&source.from) {
            return Err(Fault::NotFromHere);
        }
        let Some(text) = text(value, key.meaning)? else { return Ok(()) };
        match key.meaning {
            Meaning::Gateway => {
                self.gateway.get_or_insert_with(|| Redacted::new(text.to_owned()));
            }
            Meaning::EntraDevice => keep(&mut self.device, text, key.name)?,
            Meaning::EntraTenant => keep(&mut self.tenant, text, key.name)?,
            Meaning::IntuneDevice => self.intune.push(text.parse().map_err(|_| Fault::Malformed)?),
            Meaning::EnrolmentKey => self.credentials.push(Credential::EnrolmentKey(secret(text))),
            Meaning::Code => self.credentials.push(Credential::Code(secret(text))),
            Meaning::Token => self.credentials.push(Credential::Token(secret(text))),
            Meaning::Marker(expected) if text == expected => {}
            Meaning::Marker(_) => return Err(Fault::Malformed),
            Meaning::Console | Meaning::Personal => {}
        }
        Ok(())
    }
}

/// The trimmed text of a value; none when it is empty.
fn text(value: &Value, meaning: Meaning) -> Result<Option<&str>, Fault> {
    let Value::Text(text) = value else { return Err(Fault::WrongType(value.kind())) };
    if text.reveal().len() > MAX_TEXT {
        return Err(Fault::TooLong);
    }
    let text = text.reveal().trim();
    if let Some((_, rest)) = text.split_once("{{") {
        let token = rest.split_once("}}").map_or(rest, |(token, _)| token).trim();
        let intune = meaning == Meaning::EntraDevice && token.eq_ignore_ascii_case("deviceid");
        return Err(if intune { Fault::WrongId } else { Fault::Unresolved });
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::Malformed);
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// The first key that names an ID wins; another that names another is a fault.
fn keep<T: std::str::FromStr + PartialEq>(
    kept: &mut Option<(T, &'static str)>,
    text: &str,
    key: &'static str,
) -> Result<(), Fault> {
    let id = text.parse().map_err(|_| Fault::Malformed)?;
    match kept {
        Some((present, _)) if *present != id => Err(Fault::Disagrees),
        Some(_) => Ok(()),
        None => {
            *kept = Some((id, key));
            Ok(())
        }
    }
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}
