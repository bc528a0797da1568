//! Error notices by e-mail (seed 004): messages as files in a spool, for the partner's mail system to send.
//!
//! One task looks at what went wrong since the last look; nothing that serves devices waits for it. Of each kind at
//! most one message is written in [`PAUSE`], and it says everything that happened since the one before.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent_logic::time::Wall;

use crate::address::Address;
use crate::alerts;
use crate::api::Gateway;
use crate::clock::{self, now};
use crate::failure::SetupError;
use crate::home::{self, Home};
use crate::refusal::Refusal;
use crate::store::{Setting, StoreError, Trouble, Tx};

/// The least time between two messages of one kind.
pub const PAUSE: Duration = Duration::from_secs(60 * 60);

/// Most messages that wait in the spool; while it is full, none is written and nothing is forgotten.
pub const MAX_SPOOLED: usize = 1000;

/// Lines of one message; the rest is counted.
pub const MAX_LINES: u32 = 50;

/// How often is looked.
const LOOK: Duration = Duration::from_secs(5);

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The connector's messages are not taken.
    Connector,
    /// Reports of devices that do not follow, or chains that began unasked.
    Chain,
    /// Faults that devices counted.
    Diagnostics,
}

/// What a message is about.
pub(crate) struct Mail<'a> {
    /// In its file's name and its identifier.
    pub(crate) name: &'a str,
    pub(crate) subject: &'a str,
    /// The last line.
    pub(crate) advice: &'a str,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Connector, Self::Chain, Self::Diagnostics];

    const fn name(self) -> &'static str {
        match self {
            Self::Connector => "connector",
            Self::Chain => "chain",
            Self::Diagnostics => "diagnostics",
        }
    }

    const fn subject(self) -> &'static str {
        match self {
            Self::Connector => "The connector to Intune is in trouble",
            Self::Chain => "Reports of devices do not follow one another",
            Self::Diagnostics => "Devices report faults",
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::Connector => {
                "Until that is mended, Intune may not learn of changes. Look at the console's page Connector."
            }
            Self::Chain => {
                "A device may have been restored from a backup, or copied: look at its history. If this gateway was restored \
                 from one, sign the policy and import the indicators anew: devices hold later ones."
            }
            Self::Diagnostics => "The agent's table of codes says what each means and what to do.",
        }
    }

    const fn mail(self) -> Mail<'static> {
        Mail { name: self.name(), subject: self.subject(), advice: self.advice() }
    }

    const fn setting(self) -> Setting {
        match self {
            Self::Connector => Setting::ToldConnector,
            Self::Chain => Setting::ToldChain,
            Self::Diagnostics => Setting::ToldDiagnostics,
        }
    }
}

/// Looks again and again, until the task is dropped.
pub async fn run(gateway: Arc<Gateway>, home: Home) {
    loop {
        let home = home.clone();
        if gateway.blocking(move |gateway| look(gateway, &home, now())).await.is_err() {
            log::error!("an error notice was not written");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Writes what is to be told at `now`.
pub fn look(gateway: &Gateway, home: &Home, now: Wall) -> Result<(), Refusal> {
    let trouble = gateway.link.read().trouble();
    for kind in Kind::ALL {
        gateway.store.transact(|tx| tell(tx, home, kind, trouble.as_deref(), now))?;
    }
    Ok(gateway.store.transact(|tx| alerts::look(tx, home, now))?)
}

/// Stores where notices go; none is written while there is no address. What went wrong before is not told.
pub fn address(tx: &Tx<'_>, to: Option<&Address>) -> Result<(), StoreError> {
    for kind in [Kind::Chain, Kind::Diagnostics] {
        save(tx, kind, Told { at: told(tx, kind)?.at, seen: tx.last_trouble(trouble(kind))? })?;
    }
    tx.set(Setting::NoticesTo, to.map_or("", Address::as_str))
}

/// Where notices go.
pub fn addressee(tx: &Tx<'_>) -> Result<Option<Address>, StoreError> {
    Ok(tx.find(Setting::NoticesTo)?.and_then(|text| text.parse().ok()))
}

/// What was told of a kind.
#[derive(Clone, Copy, Default)]
struct Told {
    /// When, milliseconds since 1970 UTC.
    at: u64,
    /// The last line of the database that was.
    seen: u64,
}

fn told(tx: &Tx<'_>, kind: Kind) -> Result<Told, StoreError> {
    let text = tx.find(kind.setting())?.unwrap_or_default();
    let (at, seen) = text.split_once(' ').unwrap_or_default();
    Ok(Told { at: at.parse().unwrap_or_default(), seen: seen.parse().unwrap_or_default() })
}

fn save(tx: &Tx<'_>, kind: Kind, told: Told) -> Result<(), StoreError> {
    tx.set(kind.setting(), &format!("{} {}", told.at, told.seen))
}

const fn trouble(kind: Kind) -> Option<Trouble> {
    match kind {
        Kind::Connector => None,
        Kind::Chain => Some(Trouble::Chain),
        Kind::Diagnostics => Some(Trouble::Diagnostics),
    }
}

fn tell(tx: &Tx<'_>, home: &Home, kind: Kind, connector: Option<&str>, now: Wall) -> Result<(), StoreError> {
    let Some(to) = addressee(tx)? else { return Ok(()) };
    let told = told(tx, kind)?;
    if told.at != 0 && now.since(Wall(told.at)) < PAUSE {
        return Ok(());
    }
    let (lines, seen) = match trouble(kind) {
        None => match connector {
            Some(trouble) => (vec![trouble.to_owned()], 0),
            None => return Ok(()),
        },
        Some(trouble) => tx.troubles(trouble, told.seen, MAX_LINES)?,
    };
    if lines.is_empty() {
        return Ok(());
    }
    match spool(&home.spool(), &kind.mail(), &to, &lines, now) {
        Ok(()) => save(tx, kind, Told { at: now.0, seen }),
        Err(error) => {
            log::error!("an error notice was not written: {error}");
            Ok(())
        }
    }
}

/// Writes one message. A reader of the folder never sees half of one: it gets its name when it is whole.
pub(crate) fn spool(
    folder: &Path,
    mail: &Mail<'_>,
    to: &Address,
    lines: &[String],
    now: Wall,
) -> Result<(), SetupError> {
    home::make_private_dir(folder)?;
    let failed = |error| SetupError::File(folder.into(), error);
    if fs::read_dir(folder).map_err(failed)?.count() >= MAX_SPOOLED {
        return Err(SetupError::Bounds("the spool is full. Let the mail system empty it."));
    }
    let name = format!("{}-{}", now.0, mail.name);
    let (part, whole) = (folder.join(format!(".{name}")), folder.join(format!("{name}.eml")));
    // One that a crash left behind.
    let _ = fs::remove_file(&part);
    home::write_private(&part, message(mail, to, lines, now).as_bytes())?;
    fs::rename(&part, &whole).map_err(failed)
}

/// The message, after RFC 5322.
fn message(mail: &Mail<'_>, to: &Address, lines: &[String], now: Wall) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "From: mtd-gateway <mtd-gateway@localhost>\r\nTo: {to}\r\nDate: {date}\r\n\
         Message-ID: <{at}.{kind}@mtd-gateway.localhost>\r\nSubject: {subject}\r\nAuto-Submitted: auto-generated\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
        date = clock::mail(now),
        at = now.0,
        kind = mail.name,
        subject = mail.subject,
    );
    for line in lines {
        let _ = write!(out, "{line}\r\n");
    }
    let _ = write!(out, "\r\n{}\r\n", mail.advice);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_spool_takes_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let to = "ops@example.com".parse().unwrap();
        let write = |at| spool(folder.path(), &Kind::Chain.mail(), &to, &["x".into()], Wall(at));
        for at in 0..MAX_SPOOLED {
            fs::write(folder.path().join(at.to_string()), "").unwrap();
        }
        assert!(write(7).is_err());
        fs::remove_file(folder.path().join("0")).unwrap();
        assert!(write(7).is_ok() && write(8).is_err());
    }
}
