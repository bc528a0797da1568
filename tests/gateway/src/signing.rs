//! The signer process: it holds the policy key, and the console asks it over a Unix socket.
//!
//! ```text
//!   browser ── change, password ──▶ serve ── one line of JSON ──▶ signer: password? bounds? ─▶ policy key
//! ```
//!
//! The serving process faces devices and must be taken as stolen one day. Therefore the signer believes nothing of
//! it: each request carries the administrator's password, typed anew for each signature, and the signer checks it
//! against hashes in its own folder, which the serving process does not open. Accounts with restricted access are not there.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use agent_logic::model::DeviceId;
use agent_logic::redact::Secret;
use agent_logic::wire::SignedCommand;
use serde::{Deserialize, Serialize};

use crate::accounts;
use crate::admin::{self, Match};
use crate::clock::now;
use crate::command;
use crate::failure::SetupError;
use crate::home::{self, Home};
use crate::lockout::Lockout;
use crate::policy::{self, Change};
use crate::store::{Action, By, Place, Store};

/// What the console asks to be signed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wish {
    /// The account that asks.
    pub name: String,
    /// Its password.
    pub password: Secret<String>,
    /// What to sign.
    pub document: Document,
}

/// What can be signed for the console.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Document {
    /// The next policy.
    Policy {
        /// The group whose policy changes; everybody's if absent.
        group: Option<String>,
        /// What changes.
        change: Box<Change>,
    },
    /// A command for one device.
    Command {
        /// The device.
        device: DeviceId,
        /// What it is to do.
        command: SignedCommand,
    },
}

/// What the signer answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Signed {
    /// The policy of this version is signed and stored.
    Version(u64),
    /// The command is signed and stored.
    Command,
    /// The password is not the administrator's.
    WrongPassword,
    /// Too many wrong passwords; none is looked at for so many seconds.
    Locked(u64),
    /// The change is out of its bounds, or cannot be stored.
    Refused(String),
}

/// The signer does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSigner;

/// Longest request and answer.
pub const MAX_LINE: u64 = 64 * 1024;

/// How long either side waits for the other.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// A signer that listens.
pub struct Signing {
    listener: UnixListener,
    home: Home,
    store: Store,
    lockout: Lockout,
}

impl Signing {
    /// Listens in the folder of `home`. A socket that another signer left is replaced, one that answers is not.
    pub fn open(home: &Home) -> Result<Self, SetupError> {
        let path = home.signer_socket();
        if UnixStream::connect(&path).is_ok() {
            return Err(SetupError::Bounds("a signer is running for this folder already."));
        }
        let _ = std::fs::remove_file(&path);
        crate::signer::Signer::open(home)?;
        home::read_text(&home.signer_hash())?;
        let store = Store::open(&home.database())?;
        let listener = UnixListener::bind(&path).map_err(SetupError::Listen)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
            .map_err(|error| SetupError::File(path, error))?;
        Ok(Self { listener, home: home.clone(), store, lockout: Lockout::default() })
    }

    /// Answers one after another, without end.
    pub fn run(&self) {
        for stream in self.listener.incoming().flatten() {
            if let Err(error) = self.answer(&stream) {
                log::warn!("a request to the signer was not answered: {error}");
            }
        }
    }

    fn answer(&self, stream: &UnixStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(DEADLINE))?;
        stream.set_write_timeout(Some(DEADLINE))?;
        let mut line = Vec::new();
        BufReader::new(stream.take(MAX_LINE)).read_until(b'\n', &mut line)?;
        let answer = match serde_json::from_slice::<Wish>(&line) {
            Ok(wish) => self.sign(&wish, Instant::now()),
            Err(_) => Signed::Refused("The request cannot be read.".into()),
        };
        let mut text = serde_json::to_vec(&answer)?;
        text.push(b'\n');
        (&*stream).write_all(&text)
    }

    fn sign(&self, wish: &Wish, at: Instant) -> Signed {
        if let Err(seconds) = self.lockout.check(at) {
            return Signed::Locked(seconds);
        }
        let stored = accounts::signer_hash(&self.home, &wish.name).unwrap_or_default();
        if admin::verify(&stored, wish.password.reveal()) == Match::Wrong {
            self.lockout.failed(at);
            self.note_refusal();
            return Signed::WrongPassword;
        }
        self.lockout.succeeded();
        let (home, store, by) = (&self.home, &self.store, By::signer(&wish.name));
        let signed = match &wish.document {
            Document::Policy { group, change } => policy::change(home, store, group.as_deref(), change, by)
                .map(|policy| Signed::Version(policy.version)),
            Document::Command { device, command } => {
                command::sign(home, store, *device, *command, command::DEFAULT_DAYS, by)
                    .map(|()| Signed::Command)
            }
        };
        match signed {
            Ok(signed) => signed,
            Err(SetupError::Bounds(what)) => Signed::Refused(what.into()),
            Err(error) => {
                log::error!("a document was not signed: {error}");
                Signed::Refused("It could not be signed; the signer's log says why.".into())
            }
        }
    }

    fn note_refusal(&self) {
        let noted = self
            .store
            .transact(|tx| tx.audit(now(), Place::Signer, Action::PolicyRefused, Some("wrong password")));
        if let Err(error) = noted {
            log::error!("a refusal was not noted: {error}");
        }
    }
}

impl Drop for Signing {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.home.signer_socket());
    }
}

/// Asks the signer of `home`.
pub fn ask(home: &Home, wish: &Wish) -> Result<Signed, NoSigner> {
    let ask = || {
        let stream = UnixStream::connect(home.signer_socket())?;
        stream.set_read_timeout(Some(DEADLINE))?;
        stream.set_write_timeout(Some(DEADLINE))?;
        let mut text = serde_json::to_vec(wish)?;
        text.push(b'\n');
        (&stream).write_all(&text)?;
        let mut line = Vec::new();
        BufReader::new((&stream).take(MAX_LINE)).read_until(b'\n', &mut line)?;
        Ok::<_, std::io::Error>(serde_json::from_slice(&line)?)
    };
    ask().map_err(|_| NoSigner)
}

/// Whether a signer listens for `home`.
#[must_use]
pub fn is_there(home: &Home) -> bool {
    UnixStream::connect(home.signer_socket()).is_ok()
}
