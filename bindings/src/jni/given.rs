//! Buffers that Java writes, in `Buffer.java`. Numbers and texts as in [`agent_buffer::apps`].

use std::collections::HashMap;

use crate::facade::{MtdConfiguration, MtdPosture, MtdProvenance, MtdValue};
use agent_buffer::{Malformed, Reader};

/// A u16 count and that many texts.
pub(super) fn names(given: &[u8]) -> Result<Vec<String>, Malformed> {
    let mut reader = Reader::new(given);
    let names = texts(&mut reader)?;
    reader.end()?;
    Ok(names)
}

/// Four texts, then twice a u16 count and that many names: what is found, what is not known.
pub(super) fn posture(given: &[u8]) -> Result<MtdPosture, Malformed> {
    let mut reader = Reader::new(given);
    let platform = reader.kept()?.ok_or(Malformed)?;
    let os_version = reader.kept()?.ok_or(Malformed)?;
    let model = reader.kept()?;
    let patch_level = reader.kept()?;
    let findings = texts(&mut reader)?;
    let unknown = texts(&mut reader)?;
    reader.end()?;
    Ok(MtdPosture { platform, os_version, model, patch_level, findings, unknown })
}

/// A u8 count and that many configurations: u8 provenance, u16 number of values; each a text key, a u8 type, and a
/// text where it is one.
pub(super) fn configurations(given: &[u8]) -> Result<Vec<MtdConfiguration>, Malformed> {
    let mut reader = Reader::new(given);
    let count = reader.u8()?;
    let configurations = (0..count).map(|_| configuration(&mut reader)).collect::<Result<_, _>>()?;
    reader.end()?;
    Ok(configurations)
}

fn configuration(reader: &mut Reader<'_>) -> Result<MtdConfiguration, Malformed> {
    let provenance = MtdProvenance::of_number(reader.u8()?).ok_or(Malformed)?;
    let count = reader.u16()?;
    let mut values = HashMap::new();
    for _ in 0..count {
        let key = reader.text()?.ok_or(Malformed)?.to_owned();
        values.insert(key, value(reader)?);
    }
    Ok(MtdConfiguration { provenance, values })
}

fn value(reader: &mut Reader<'_>) -> Result<MtdValue, Malformed> {
    match reader.u8()? {
        0 => Ok(MtdValue::Text { text: reader.text()?.ok_or(Malformed)?.to_owned() }),
        1 => Ok(MtdValue::Integer),
        2 => Ok(MtdValue::Real),
        3 => Ok(MtdValue::Bool),
        4 => Ok(MtdValue::List),
        5 => Ok(MtdValue::Dict),
        _ => Err(Malformed),
    }
}

fn texts(reader: &mut Reader<'_>) -> Result<Vec<String>, Malformed> {
    let count = reader.u16()?;
    (0..count).map(|_| reader.kept()?.ok_or(Malformed)).collect()
}
