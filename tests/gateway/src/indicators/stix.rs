//! Indicators in STIX 2.1: a bundle's `indicator` objects whose pattern is a choice of single values.
//!
//! ```text
//!   bundle ─▶ indicator: living? stix? ─▶ pattern ─▶ values
//!                └ relationship `indicates` ─▶ malware: its types ─▶ classification
//! ```
//!
//! What cannot be looked for exactly is refused by the object's identifier: half of a set would look like the whole.

use std::collections::BTreeMap;
use std::fmt;

use agent_logic::model::Classification;
use agent_logic::time::Wall;
use agent_logic::wire::IndicatorKind;
use serde::Deserialize;

use super::pattern::{self, PatternFault};
use super::{hex, host};

/// Largest bundle that is read.
pub const MAX_BUNDLE: usize = 64 * 1024 * 1024;

/// Most values of one bundle.
pub(super) const MAX_VALUES: usize = 100_000;

/// Why a bundle is not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StixError {
    /// The object at fault; absent if it is the bundle.
    pub object: Option<String>,
    /// What is wrong with it.
    pub fault: StixFault,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StixFault {
    /// The file is larger than [`MAX_BUNDLE`].
    TooLarge,
    /// There are more than 100,000 values.
    TooMany,
    /// The file is no STIX bundle, or the object has not the form of its type.
    Form,
    /// The object is not of STIX 2.1.
    Version,
    /// The pattern is in another language than STIX.
    Language,
    /// The pattern is outside the supported subset.
    Pattern(PatternFault),
    /// A value is no digest, domain or identifier.
    Value,
}

/// One value to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// What it is a value of.
    pub(super) kind: IndicatorKind,
    /// The value, as sets have it.
    pub(super) value: String,
    /// What it is a sign of.
    pub(super) class: Classification,
}

/// What a bundle holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// What to look for.
    pub(super) values: Vec<Value>,
    /// Indicators that were revoked, have expired or are not valid yet.
    pub(super) passed_over: usize,
}

#[derive(Deserialize)]
struct Bundle {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    objects: Vec<serde_json::Value>,
}

/// What every object has.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

#[derive(Deserialize)]
struct Indicator {
    spec_version: Option<String>,
    pattern: String,
    pattern_type: String,
    valid_from: String,
    valid_until: Option<String>,
    #[serde(default)]
    revoked: bool,
}

#[derive(Deserialize)]
struct Malware {
    #[serde(default)]
    malware_types: Vec<String>,
}

#[derive(Deserialize)]
struct Relationship {
    relationship_type: String,
    source_ref: String,
    target_ref: String,
}

/// Reads a bundle at `now`. Indicators of malware without a type that is known here are signs of `otherwise`.
pub(super) fn read(bytes: &[u8], otherwise: Classification, now: Wall) -> Result<Read, StixError> {
    let of_bundle = |fault| StixError { object: None, fault };
    if bytes.len() > MAX_BUNDLE {
        return Err(of_bundle(StixFault::TooLarge));
    }
    let bundle: Bundle = serde_json::from_slice(bytes).map_err(|_| of_bundle(StixFault::Form))?;
    if bundle.kind != "bundle" {
        return Err(of_bundle(StixFault::Form));
    }
    let (mut indicators, mut malware, mut indicates) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for object in bundle.objects {
        let Head { kind, id } = Head::deserialize(&object).map_err(|_| of_bundle(StixFault::Form))?;
        let form = |_| StixError { object: Some(id.clone()), fault: StixFault::Form };
        match kind.as_str() {
            "indicator" => {
                let indicator = serde_json::from_value::<Indicator>(object).map_err(form)?;
                indicators.push((id, indicator));
            }
            "malware" => {
                let read = serde_json::from_value::<Malware>(object).map_err(form)?;
                malware.insert(id, read.malware_types);
            }
            "relationship" => {
                let read = serde_json::from_value::<Relationship>(object).map_err(form)?;
                if read.relationship_type == "indicates" {
                    indicates.insert(read.source_ref, read.target_ref);
                }
            }
            // Reports, identities, sightings: nothing to look for.
            _ => {}
        }
    }
    let mut out = Read::default();
    for (id, indicator) in &indicators {
        let of_object = |fault| StixError { object: Some(id.clone()), fault };
        if !lives(indicator, now).ok_or(of_object(StixFault::Form))? {
            out.passed_over += 1;
            continue;
        }
        let types = indicates.get(id).and_then(|target| malware.get(target));
        let class = types.and_then(|types| classify(types)).unwrap_or(otherwise);
        for (path, text) in patterns(indicator).map_err(of_object)? {
            let value = value(path, &text).ok_or(of_object(StixFault::Value))?;
            out.values.push(Value { kind: path, value, class });
        }
        if out.values.len() > MAX_VALUES {
            return Err(of_bundle(StixFault::TooMany));
        }
    }
    Ok(out)
}

fn patterns(indicator: &Indicator) -> Result<Vec<(IndicatorKind, String)>, StixFault> {
    if indicator.spec_version.as_deref() != Some("2.1") {
        return Err(StixFault::Version);
    }
    if indicator.pattern_type != "stix" {
        return Err(StixFault::Language);
    }
    pattern::read(&indicator.pattern).map_err(StixFault::Pattern)
}

/// Whether an indicator counts at `now`; absent if its times are none.
fn lives(indicator: &Indicator, now: Wall) -> Option<bool> {
    let from = time(&indicator.valid_from)?;
    let until = match &indicator.valid_until {
        Some(text) => Some(time(text)?),
        None => None,
    };
    Some(!indicator.revoked && from <= now && until.is_none_or(|until| now < until))
}

/// A time as STIX writes it: `2026-01-01T00:00:00Z`, with or without a fraction, which does not count.
fn time(text: &str) -> Option<Wall> {
    let (head, fraction) = text.strip_suffix('Z')?.split_once('.').unwrap_or((text.strip_suffix('Z')?, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = format!("{head}Z").parse::<der::DateTime>().ok()?.unix_duration();
    u64::try_from(seconds.as_millis()).ok().map(Wall)
}

/// The value as sets have it.
fn value(kind: IndicatorKind, text: &str) -> Option<String> {
    match kind {
        IndicatorKind::Package => {
            text.parse::<agent_logic::model::AppId>().ok().map(|id| id.reveal().to_owned())
        }
        IndicatorKind::SignerSha1 => hex(text, 40),
        IndicatorKind::SignerSha256 | IndicatorKind::FileSha256 => hex(text, 64),
        // A URL is no domain name, although its host is one.
        IndicatorKind::Domain => {
            host(text).filter(|host| text.trim_end_matches('.').eq_ignore_ascii_case(host))
        }
    }
}

/// The first type of STIX's `malware-type-ov` that the table of classifications knows.
fn classify(types: &[String]) -> Option<Classification> {
    types.iter().find_map(|word| {
        Some(match word.as_str() {
            "adware" => Classification::Adware,
            "backdoor" | "remote-access-trojan" => Classification::Backdoor,
            "bot" | "ddos" => Classification::Bot,
            "downloader" | "dropper" => Classification::AppDropper,
            "exploit-kit" => Classification::Exploit,
            "keylogger" | "spyware" | "screen-capture" => Classification::Spyware,
            "ransomware" => Classification::Ransomware,
            "resource-exploitation" => Classification::Cryptojacking,
            "rootkit" | "bootkit" => Classification::RootEnabler,
            "trojan" => Classification::Trojan,
            "virus" => Classification::Virus,
            "worm" => Classification::Worm,
            _ => return None,
        })
    })
}

impl fmt::Display for StixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.object {
            Some(id) => write!(f, "STIX object {id}: {}", self.fault),
            None => write!(f, "STIX bundle: {}", self.fault),
        }
    }
}

impl fmt::Display for StixFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("the file is larger than 64 MiB. Split it."),
            Self::TooMany => f.write_str("there are more than 100,000 values. Split it."),
            Self::Form => f.write_str("it has not the form of STIX 2.1. Check the file."),
            Self::Version => f.write_str("it is not of STIX 2.1. Convert it."),
            Self::Language => f.write_str("its pattern is in another language than STIX. Leave it out."),
            Self::Pattern(fault) => write!(f, "{fault} Leave it out, or write it anew."),
            Self::Value => f.write_str("a value is no digest, domain name or app identifier. Correct it."),
        }
    }
}

impl std::error::Error for StixError {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Wall = Wall(1_795_000_000_000);
    const SHA256: &str = "2f3bc9ebe8c249f0416f5b0367f34b4b8f6aaa7d351dc5b4912fe2558491b6b7";

    fn indicator(id: &str, pattern: &str) -> serde_json::Value {
        json!({
            "type": "indicator", "spec_version": "2.1", "id": id, "pattern": pattern, "pattern_type": "stix",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
            "valid_from": "2026-01-01T00:00:00Z",
        })
    }

    fn bundle(objects: &[serde_json::Value]) -> Result<Read, StixError> {
        let bundle = json!({ "type": "bundle", "id": "bundle--1", "objects": objects });
        read(bundle.to_string().as_bytes(), Classification::MaliciousApp, NOW)
    }

    fn fault(object: serde_json::Value) -> StixFault {
        let error = bundle(&[object]).unwrap_err();
        assert_eq!(error.object.as_deref(), Some("indicator--1"), "{error}");
        assert!(error.to_string().contains("indicator--1"));
        error.fault
    }

    #[test]
    fn each_kind_is_read_and_classified_by_the_malware_it_indicates() {
        let read = bundle(&[
            json!({ "type": "identity", "id": "identity--1", "name": "x" }),
            indicator("indicator--1", "[domain-name:value = 'C2.Bad.Example']"),
            indicator("indicator--2", &format!("[file:hashes.'SHA-256' = '{}']", SHA256.to_uppercase())),
            indicator("indicator--3", "[app:id='com.bad.a'] OR [app:id='com.bad.b']"),
            json!({ "type": "malware", "id": "malware--1", "is_family": true, "malware_types": ["unknown", "worm"] }),
            json!({
                "type": "relationship", "id": "relationship--1", "relationship_type": "indicates",
                "source_ref": "indicator--3", "target_ref": "malware--1",
            }),
        ])
        .unwrap();
        let value = |kind, value: &str, class| Value { kind, value: value.into(), class };
        let wanted = vec![
            value(IndicatorKind::Domain, "c2.bad.example", Classification::MaliciousApp),
            value(IndicatorKind::FileSha256, SHA256, Classification::MaliciousApp),
            value(IndicatorKind::Package, "com.bad.a", Classification::Worm),
            value(IndicatorKind::Package, "com.bad.b", Classification::Worm),
        ];
        assert_eq!(read, Read { values: wanted, passed_over: 0 });
    }

    #[test]
    fn what_is_revoked_or_out_of_its_time_is_passed_over() {
        let with = |key: &str, value: serde_json::Value| {
            let mut object = indicator("indicator--1", "[app:id='com.bad']");
            object[key] = value;
            bundle(&[object]).unwrap()
        };
        for (key, value) in [
            ("revoked", json!(true)),
            ("valid_until", json!("2026-02-01T00:00:00Z")),
            ("valid_from", json!("2100-01-01T00:00:00.5Z")),
        ] {
            assert_eq!(with(key, value), Read { values: Vec::new(), passed_over: 1 }, "{key}");
        }
        assert_eq!(with("valid_until", json!("2100-01-01T00:00:00Z")).values.len(), 1);
    }

    #[test]
    fn what_cannot_be_looked_for_is_refused_by_its_identifier() {
        let with = |key: &str, value: serde_json::Value| {
            let mut object = indicator("indicator--1", "[app:id='com.bad']");
            object[key] = value;
            fault(object)
        };
        assert_eq!(with("spec_version", json!(null)), StixFault::Version);
        assert_eq!(with("spec_version", json!("2.0")), StixFault::Version);
        assert_eq!(with("pattern_type", json!("yara")), StixFault::Language);
        assert_eq!(with("valid_from", json!("yesterday")), StixFault::Form);
        assert_eq!(with("pattern", json!(7)), StixFault::Form);
        for (pattern, wanted) in [
            ("[url:value = 'https://bad.example/x']", StixFault::Pattern(PatternFault::Path)),
            (
                "[file:hashes.MD5 = '0cc175b9c0f1b6a831c399e269772661']",
                StixFault::Pattern(PatternFault::Path),
            ),
            ("[domain-name:value = 'https://bad.example/x']", StixFault::Value),
            ("[domain-name:value = '1.2.3.4']", StixFault::Value),
            ("[file:hashes.'SHA-256' = '31A6']", StixFault::Value),
            ("[app:id = '']", StixFault::Value),
        ] {
            assert_eq!(fault(indicator("indicator--1", pattern)), wanted, "{pattern}");
        }
    }

    #[test]
    fn a_bundle_is_bounded_and_is_one() {
        let of_bundle = |bytes: &[u8]| read(bytes, Classification::Spyware, NOW).unwrap_err();
        assert_eq!(of_bundle(b"[]"), StixError { object: None, fault: StixFault::Form });
        assert_eq!(of_bundle(br#"{"type":"indicator"}"#).fault, StixFault::Form);
        assert_eq!(of_bundle(br#"{"type":"bundle","objects":[7]}"#).fault, StixFault::Form);
        let large = vec![b' '; MAX_BUNDLE + 1];
        assert_eq!(of_bundle(&large).fault, StixFault::TooLarge);
        let values: Vec<String> = (0..60).map(|n| format!("'com.bad{n}'")).collect();
        let pattern = format!("[app:id IN ({})]", values.join(","));
        let many: Vec<_> =
            (0..=MAX_VALUES / 60).map(|n| indicator(&format!("indicator--{n}"), &pattern)).collect();
        assert_eq!(bundle(&many).unwrap_err().fault, StixFault::TooMany);
        assert_eq!(bundle(&many[1..]).unwrap().values.len(), MAX_VALUES / 60 * 60);
    }
}
