//! [`Sensors`] of a Linux machine.

use std::path::PathBuf;

use agent_core::ports::Sensors;
use agent_logic::event::Posture;
use agent_logic::failure::CollectFailure;
use agent_logic::model::App;

use super::inventory::{LinuxInventory, PlantedApps};
use super::posture::LinuxPosture;

/// Posture and apps of this machine. As it is made it reads apps and facts and has no findings.
#[derive(Debug)]
pub struct LinuxSensors {
    posture: LinuxPosture,
    inventory: Option<LinuxInventory>,
    planted: Option<PlantedApps>,
}

impl LinuxSensors {
    /// This machine.
    #[must_use]
    pub fn new() -> Self {
        Self::of_root("/")
    }

    /// The system under `root`.
    pub fn of_root(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self {
            posture: LinuxPosture::new(root.clone()),
            inventory: Some(LinuxInventory::new(root)),
            planted: None,
        }
    }

    /// As [`LinuxPosture::with_encryption_check`].
    #[must_use]
    pub fn with_encryption_check(mut self, folder: impl Into<PathBuf>) -> Self {
        self.posture = self.posture.with_encryption_check(folder);
        self
    }

    /// Changes the list of apps by what stands in `file`; see [`PlantedApps`].
    #[must_use]
    pub fn with_planted(mut self, file: impl Into<PathBuf>) -> Self {
        self.planted = Some(PlantedApps::new(file));
        self
    }

    /// A machine whose apps may not be read, as a phone without the permission.
    #[must_use]
    pub fn without_apps(mut self) -> Self {
        self.inventory = None;
        self
    }
}

impl Default for LinuxSensors {
    fn default() -> Self {
        Self::new()
    }
}

impl Sensors for LinuxSensors {
    fn posture(&self) -> Result<Posture, CollectFailure> {
        Ok(self.posture.read())
    }

    fn apps(&self) -> Result<Vec<App>, CollectFailure> {
        let inventory = self.inventory.as_ref().ok_or(CollectFailure::Denied)?;
        let apps = inventory.apps()?;
        match &self.planted {
            Some(planted) => planted.apply(apps),
            None => Ok(apps),
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_planted_app_stands_among_the_others() {
        let root = TempDir::new().unwrap();
        std::fs::create_dir_all(root.path().join("lib/apk/db")).unwrap();
        std::fs::write(root.path().join("lib/apk/db/installed"), "P:musl\nV:1\n").unwrap();
        let file = root.path().join("planted.json");
        let sensors = LinuxSensors::of_root(root.path()).with_planted(&file);
        assert_eq!(sensors.apps().unwrap().len(), 1);
        std::fs::write(&file, r#"{"set":[{"id":"com.spy"}]}"#).unwrap();
        assert_eq!(sensors.apps().unwrap().len(), 2);
        assert_eq!(sensors.without_apps().apps(), Err(CollectFailure::Denied));
    }

    #[test]
    fn this_machine_is_secured_unless_asked_about_encryption() {
        let posture = LinuxSensors::new().posture().unwrap();
        assert!(posture.findings.is_empty());
        assert_eq!(posture.facts.platform, "linux");
        println!("{:?}", posture.facts);
    }
}
