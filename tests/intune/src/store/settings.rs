//! What the administrator set, and what is known of the partner.

use rusqlite::{OptionalExtension as _, params};

use super::{Store, StoreError, json, unjson, unword, word};
use crate::compliance::{RequiredLevel, Rule};
use crate::evaluate::AppProtection;
use crate::partner::{Contact, Heartbeat};
use crate::settings::Settings;

/// The rules of one group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupRule {
    /// Of the compliance policy.
    pub rule: Option<Rule>,
    /// Of the app protection policy.
    pub protection: Option<AppProtection>,
}

impl Store {
    /// The level that is required of users whose groups have no rule.
    pub fn required(&self) -> Result<RequiredLevel, StoreError> {
        self.value("required-level")?.map_or(Ok(RequiredLevel::Secured), unword)
    }

    /// Sets the level that is required of users whose groups have no rule.
    pub fn set_required(&self, level: RequiredLevel) -> Result<(), StoreError> {
        self.set_value("required-level", &word(&level)?)
    }

    /// The connector's toggles; absent before they were ever set.
    pub fn settings(&self) -> Result<Option<Settings>, StoreError> {
        self.value("settings")?.map(|text| unjson(&text)).transpose()
    }

    /// Sets the connector's toggles.
    pub fn set_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        self.set_value("settings", &json(settings)?)
    }

    /// Sets the rules of a group. Case counts.
    pub fn set_group(&self, name: &str, rules: &GroupRule) -> Result<(), StoreError> {
        self.connection().execute(
            "INSERT OR REPLACE INTO group_rule (name, rule, protection) VALUES (?1, ?2, ?3)",
            params![
                name,
                rules.rule.map(|rule| json(&rule)).transpose()?,
                rules.protection.map(|policy| json(&policy)).transpose()?,
            ],
        )?;
        Ok(())
    }

    /// The rules of a user in `groups`: of each kind the strictest.
    pub fn rules(&self, groups: &[String]) -> Result<GroupRule, StoreError> {
        let mut strictest = GroupRule::default();
        for name in groups {
            let Some(group) = self.group(name)? else { continue };
            strictest.rule = strictest.rule.into_iter().chain(group.rule).min_by_key(|rule| rule.tolerates());
            strictest.protection = strictest
                .protection
                .into_iter()
                .chain(group.protection)
                .min_by_key(|policy| policy.maximum_allowed_device_threat_level);
        }
        if strictest.rule.is_none() {
            strictest.rule = Some(Rule::RequiredLevel(self.required()?));
        }
        Ok(strictest)
    }

    /// What is known of the partner.
    pub fn contact(&self) -> Result<Contact, StoreError> {
        let number =
            |name| self.value(name)?.map(|text| text.parse().map_err(|_| StoreError::Corrupt)).transpose();
        Ok(Contact {
            deprovisioned: self.value("deprovisioned")?.is_some(),
            heartbeat: number("last-heartbeat")?,
            synchronised: number("last-synchronised")?,
            error: self
                .value("partner-error")?
                .map(|text| text.parse().map_err(|_| StoreError::Corrupt))
                .transpose()?,
            incomplete: self.value("partner-incomplete")?.is_some(),
        })
    }

    /// Takes the connector's heartbeat.
    pub fn beat(&self, heard: Heartbeat, now: u64) -> Result<(), StoreError> {
        self.set_value("last-heartbeat", &now.to_string())?;
        match heard.error {
            Some(code) => self.set_value("partner-error", &code.to_string())?,
            None => self.drop_value("partner-error")?,
        }
        if heard.complete {
            self.drop_value("partner-incomplete")?;
        } else {
            self.set_value("partner-incomplete", "yes")?;
        }
        self.synchronised(now)
    }

    /// Notes that the partner sent something.
    pub fn synchronised(&self, now: u64) -> Result<(), StoreError> {
        self.set_value("last-synchronised", &now.to_string())
    }

    /// Takes the connection away, or lets the partner set it up again.
    pub fn provision(&self, there: bool) -> Result<(), StoreError> {
        if there {
            return self.drop_value("deprovisioned");
        }
        self.drop_value("last-heartbeat")?;
        self.drop_value("partner-error")?;
        self.drop_value("partner-incomplete")?;
        self.set_value("deprovisioned", "yes")
    }

    /// The connector's last heartbeat, milliseconds since 1970 UTC.
    pub fn last_heartbeat(&self) -> Result<Option<u64>, StoreError> {
        Ok(self.contact()?.heartbeat)
    }

    fn group(&self, name: &str) -> Result<Option<GroupRule>, StoreError> {
        let found: Option<(Option<String>, Option<String>)> = self
            .connection()
            .query_row("SELECT rule, protection FROM group_rule WHERE name = ?1", [name], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((rule, protection)) = found else { return Ok(None) };
        Ok(Some(GroupRule {
            rule: rule.map(|text| unjson(&text)).transpose()?,
            protection: protection.map(|text| unjson(&text)).transpose()?,
        }))
    }

    fn value(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .connection()
            .query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0))
            .optional()?)
    }

    fn set_value(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)";
        self.connection().execute(sql, [name, value])?;
        Ok(())
    }

    fn drop_value(&self, name: &str) -> Result<(), StoreError> {
        self.connection().execute("DELETE FROM setting WHERE name = ?1", [name])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::LeastBlocked;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("intune.db")).unwrap();
        (folder, store)
    }

    #[test]
    fn settings_outlive_the_process() {
        let (folder, store) = store();
        store.set_required(RequiredLevel::Medium).unwrap();
        store.set_settings(&Settings { app_sync: true, ..Settings::default() }).unwrap();
        store.beat(Heartbeat { error: Some(7), complete: true }, 5).unwrap();
        drop(store);
        let store = Store::open(&folder.path().join("intune.db")).unwrap();
        assert_eq!(store.required().unwrap(), RequiredLevel::Medium);
        assert!(store.settings().unwrap().unwrap().app_sync);
        let contact = store.contact().unwrap();
        assert_eq!((contact.heartbeat, contact.synchronised, contact.error), (Some(5), Some(5), Some(7)));
        store.beat(Heartbeat::WELL, 6).unwrap();
        assert_eq!(store.contact().unwrap().error, None, "the next good heartbeat ends the error");
    }

    #[test]
    fn the_strictest_rule_of_a_users_groups_counts_and_case_does() {
        let (_folder, store) = store();
        store.set_required(RequiredLevel::High).unwrap();
        let rule = |rule| GroupRule { rule: Some(rule), protection: None };
        store.set_group("Sales", &rule(Rule::RequiredLevel(RequiredLevel::Medium))).unwrap();
        store.set_group("Board", &rule(Rule::BlockedFrom(LeastBlocked::Low))).unwrap();
        let of = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|name| (*name).into()).collect();
            store.rules(&groups).unwrap().rule.unwrap().tolerates()
        };
        assert_eq!(of(&[]), RequiredLevel::High);
        assert_eq!(of(&["Sales"]), RequiredLevel::Medium);
        assert_eq!(of(&["sales"]), RequiredLevel::High);
        assert_eq!(of(&["Sales", "Board"]), RequiredLevel::Secured);
        assert_eq!(of(&["Board", "Sales"]), RequiredLevel::Secured);
    }

    #[test]
    fn a_connection_taken_away_forgets_its_heartbeat() {
        let (_folder, store) = store();
        store.beat(Heartbeat::WELL, 5).unwrap();
        store.provision(false).unwrap();
        let contact = store.contact().unwrap();
        assert_eq!((contact.deprovisioned, contact.heartbeat), (true, None));
        store.provision(true).unwrap();
        assert!(!store.contact().unwrap().deprovisioned);
    }
}
