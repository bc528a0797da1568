//! The inventory as one buffer: one crossing for all apps, parsed in one pass.
//!
//! Big-endian. A `text` is a u16 count of bytes, then UTF-8; count 65,535 says that the text is not known.
//!
//! ```text
//! buffer   u8   version, 1
//!          u16  number of apps, at most 5,000
//!          app  each, nothing after the last
//!
//! app      text identifier: 1 to 255 bytes, no control characters; always known
//!          text installer: the same, or not known
//!          text name · text short version · text version
//!          u64  static size in bytes · u64 size of its data in bytes · u64 last update in milliseconds since
//!               1970; all ones: not known
//!          u16  six answers of two bits, lowest first: ad hoc signed, from the store, beta, device VPP,
//!               managed, can run; 0 not known, 1 no, 2 yes
//!          u8   number of signers, at most 8
//!          signer each
//!
//! signer   u8   1: SHA-1 follows, 2: SHA-256 follows, 3: both, SHA-1 first
//!          20 bytes · 32 bytes
//! ```
//!
//! A buffer that differs in anything is refused whole: a list that is short by an app would look like its removal.
//! Names and versions lose their control characters and what is beyond 255 bytes.

use agent_logic::model::{App, AppId, Digest, Sha1, Signer};
use agent_logic::redact::Redacted;
use agent_logic::time::Wall;

use crate::{Malformed, Reader};

/// First byte of a buffer.
pub const VERSION: u8 = 1;

/// Most apps of a buffer, as many as the agent keeps.
pub const MAX_APPS: usize = 5_000;

/// Longest buffer: the most apps with about 800 bytes each.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Most signers of an app.
const MAX_SIGNERS: u8 = 8;

/// Least bytes of an app: identifier of one byte, four lengths, sizes, answers, no signer.
const LEAST_APP: usize = 3 + 4 * 2 + 3 * 8 + 2 + 1;

/// The apps in `buffer`.
///
/// # Errors
/// [`Malformed`] if it is not exactly one list of apps.
pub fn parse(buffer: &[u8]) -> Result<Vec<App>, Malformed> {
    let mut reader = Reader::new(buffer);
    if buffer.len() > MAX_BYTES || reader.u8()? != VERSION {
        return Err(Malformed);
    }
    let count = usize::from(reader.u16()?);
    if count > MAX_APPS || count > reader.left() / LEAST_APP {
        return Err(Malformed);
    }
    let mut apps: Vec<App> = Vec::with_capacity(count);
    for _ in 0..count {
        let before = apps.last().and_then(|app| app.installer.as_ref());
        let app = app(&mut reader, before)?;
        apps.push(app);
    }
    reader.end()?;
    Ok(apps)
}

/// The next app; `before` installed the one before it, and most likely this one too.
fn app(reader: &mut Reader<'_>, before: Option<&AppId>) -> Result<App, Malformed> {
    let mut app = App::new(id(reader.text()?.ok_or(Malformed)?)?);
    app.installer = match (reader.text()?, before) {
        (None, _) => None,
        (Some(text), Some(before)) if before.reveal() == text => Some(before.clone()),
        (Some(text), Some(_) | None) => Some(id(text)?),
    };
    app.name = reader.kept()?.map(Redacted::new);
    app.short_version = reader.kept()?.map(Redacted::new);
    app.version = reader.kept()?.map(Redacted::new);
    app.bundle_size = number(reader)?;
    app.dynamic_size = number(reader)?;
    app.updated = number(reader)?.map(Wall);
    let answers = reader.u16()?;
    if answers >> (6 * 2) != 0 {
        return Err(Malformed);
    }
    app.ad_hoc_signed = answer(answers)?;
    app.app_store_vendable = answer(answers >> 2)?;
    app.beta = answer(answers >> 4)?;
    app.device_vpp = answer(answers >> 6)?;
    app.managed = answer(answers >> 8)?;
    app.validated = answer(answers >> 10)?;
    let signers = reader.u8()?;
    if signers > MAX_SIGNERS {
        return Err(Malformed);
    }
    app.signers = Vec::with_capacity(usize::from(signers));
    for _ in 0..signers {
        app.signers.push(signer(reader)?);
    }
    Ok(app)
}

fn id(text: &str) -> Result<AppId, Malformed> {
    text.parse().map_err(|_| Malformed)
}

fn number(reader: &mut Reader<'_>) -> Result<Option<u64>, Malformed> {
    reader.u64().map(|number| Some(number).filter(|number| *number != u64::MAX))
}

const fn answer(bits: u16) -> Result<Option<bool>, Malformed> {
    match bits & 0b11 {
        0 => Ok(None),
        1 => Ok(Some(false)),
        2 => Ok(Some(true)),
        _ => Err(Malformed),
    }
}

fn signer(reader: &mut Reader<'_>) -> Result<Signer, Malformed> {
    let (sha1, sha256) = match reader.u8()? {
        1 => (true, false),
        2 => (false, true),
        3 => (true, true),
        _ => return Err(Malformed),
    };
    let sha1 = if sha1 { Some(Sha1::new(*reader.array()?)) } else { None };
    let sha256 = if sha256 { Some(Digest::new(*reader.array()?)) } else { None };
    Ok(Signer { sha1, sha256 })
}

#[cfg(test)]
mod tests;
