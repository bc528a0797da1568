//! Who is logged in. Kept in memory by digest: a stolen database lets nobody in, a restart ends every session.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use agent_logic::model::Digest;
use agent_logic::redact::Secret;

use crate::accounts::{Access, Account};
use crate::admin::{equal, make_secret};
use crate::failure::SetupError;

/// A session ends after this long without a request.
pub(super) const IDLE: Duration = Duration::from_secs(30 * 60);

/// A session ends after this long in any case.
pub(super) const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);

/// Sessions at a time; the oldest gives way.
pub(super) const MAX_SESSIONS: usize = 32;

/// The sessions of one console.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<BTreeMap<Digest, Held>>);

#[derive(Debug)]
struct Held {
    csrf: String,
    name: String,
    access: Access,
    password: Digest,
    begun: Instant,
    used: Instant,
}

/// A session that a request is in.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// What every form of the session carries.
    pub(super) csrf: String,
    /// The account that logged in.
    pub(super) name: String,
    /// How far it reaches.
    pub(super) access: Access,
    /// Digest of the hash of its password at that time.
    password: Digest,
    key: Digest,
}

impl Sessions {
    /// Begins a session of `account` and answers the cookie's value.
    pub(super) fn begin(&self, account: &Account, now: Instant) -> Result<Secret<String>, SetupError> {
        let token = make_secret()?;
        let csrf = make_secret()?.reveal().clone();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, held| held.lives(now));
        if all.len() >= MAX_SESSIONS
            && let Some(oldest) = all.iter().min_by_key(|(_, held)| held.begun).map(|(key, _)| *key)
        {
            all.remove(&oldest);
        }
        let held = Held {
            csrf,
            name: account.name.as_str().to_owned(),
            access: account.access,
            password: Digest::of(account.hash.as_bytes()),
            begun: now,
            used: now,
        };
        all.insert(Digest::of(token.reveal().as_bytes()), held);
        Ok(token)
    }

    /// The session of a cookie's value, if it lives.
    pub(super) fn find(&self, token: &str, now: Instant) -> Option<Session> {
        let key = Digest::of(token.as_bytes());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = all.get_mut(&key).filter(|held| held.lives(now))?;
        held.used = now;
        Some(Session {
            csrf: held.csrf.clone(),
            name: held.name.clone(),
            access: held.access,
            password: held.password,
            key,
        })
    }

    /// Ends a session.
    pub(super) fn end(&self, session: &Session) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&session.key);
    }
}

impl Session {
    /// Whether it is still the account that logged in: there, with the same password and access.
    pub(super) fn is_of(&self, account: &Account) -> bool {
        account.name.as_str() == self.name
            && account.access == self.access
            && Digest::of(account.hash.as_bytes()) == self.password
    }

    /// Whether a form was made by this session's own page.
    pub(super) fn owns(&self, csrf: Option<&str>) -> bool {
        csrf.is_some_and(|csrf| equal(csrf.as_bytes(), self.csrf.as_bytes()))
    }
}

impl Held {
    fn lives(&self, now: Instant) -> bool {
        now.duration_since(self.used) < IDLE && now.duration_since(self.begun) < LONGEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(access: Access, hash: &str) -> Account {
        Account { name: "jo".parse().unwrap(), access, hash: hash.into() }
    }

    #[test]
    fn a_session_is_of_the_account_as_it_was_at_the_login() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let token = sessions.begin(&account(Access::Full, "h"), start).unwrap();
        let session = sessions.find(token.reveal(), start).unwrap();
        assert!(session.is_of(&account(Access::Full, "h")));
        assert!(!session.is_of(&account(Access::Restricted, "h")));
        assert!(!session.is_of(&account(Access::Full, "another password")));
    }

    #[test]
    fn a_session_ends_when_idle_when_old_and_when_left() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let token = sessions.begin(&account(Access::Full, "h"), start).unwrap();
        let find = |now| sessions.find(token.reveal(), now);
        let mut at = start;
        while at < start + LONGEST - IDLE {
            at += IDLE - Duration::from_secs(1);
            assert!(find(at).is_some());
        }
        assert!(find(start + LONGEST).is_none());
        let token = sessions.begin(&account(Access::Full, "h"), start).unwrap();
        assert!(sessions.find(token.reveal(), start + IDLE).is_none());
        let token = sessions.begin(&account(Access::Full, "h"), start).unwrap();
        let session = sessions.find(token.reveal(), start).unwrap();
        assert!(session.owns(Some(&session.csrf)) && !session.owns(Some("guess")) && !session.owns(None));
        sessions.end(&session);
        assert!(sessions.find(token.reveal(), start).is_none());
        assert!(sessions.find("", start).is_none());
    }

    #[test]
    fn the_oldest_session_gives_way() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let first = sessions.begin(&account(Access::Full, "h"), start).unwrap();
        for n in 1..=u64::try_from(MAX_SESSIONS).unwrap() {
            sessions.begin(&account(Access::Full, "h"), start + Duration::from_millis(n)).unwrap();
        }
        assert!(sessions.find(first.reveal(), start + Duration::from_secs(1)).is_none());
    }
}
