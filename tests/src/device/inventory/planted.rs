//! A change of the inventory for the story: an app appears, changes or goes without being installed.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::PathBuf;

use agent_logic::failure::CollectFailure;
use agent_logic::model::{App, AppId};
use serde::Deserialize;

/// A file of JSON, `{"set":[App…],"removed":["id"…]}`, read anew at each collect. No file changes nothing.
#[derive(Debug)]
pub struct PlantedApps {
    file: PathBuf,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default)]
    set: Vec<App>,
    #[serde(default)]
    removed: Vec<AppId>,
}

impl PlantedApps {
    /// The changes in `file`.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into() }
    }

    /// `apps` without the removed ones, and with the set ones in place of those with the same identifier.
    ///
    /// # Errors
    /// [`CollectFailure::Failed`] if the file is there and cannot be read.
    pub fn apply(&self, apps: Vec<App>) -> Result<Vec<App>, CollectFailure> {
        let Change { set, removed } = self.read()?;
        let is_kept = |app: &App| !removed.contains(&app.id) && !set.iter().any(|new| new.id == app.id);
        let mut apps: Vec<App> = apps.into_iter().filter(is_kept).collect();
        apps.extend(set);
        apps.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(apps)
    }

    fn read(&self) -> Result<Change, CollectFailure> {
        let file = match File::open(&self.file) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Change::default()),
            Err(_) => return Err(CollectFailure::Failed),
        };
        serde_json::from_reader(file.take(MAX_FILE)).map_err(|_| CollectFailure::Failed)
    }
}

/// Bytes read of the file.
const MAX_FILE: u64 = 1024 * 1024;

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn apps_are_planted_changed_and_removed_at_each_reading() {
        let temp = TempDir::new().unwrap();
        let file = temp.path().join("planted.json");
        let planted = PlantedApps::new(&file);
        let apps = ["bash", "curl", "zlib"].map(|id| App::new(id.parse().unwrap())).to_vec();
        assert_eq!(planted.apply(apps.clone()).unwrap(), apps);

        let text =
            r#"{"set":[{"id":"com.spy","name":"Spy"},{"id":"bash","version":"9"}],"removed":["curl"]}"#;
        std::fs::write(&file, text).unwrap();
        let changed = planted.apply(apps.clone()).unwrap();
        let ids: Vec<&str> = changed.iter().map(|app| app.id.reveal()).collect();
        assert_eq!(ids, ["bash", "com.spy", "zlib"]);
        assert_eq!(changed[0].version.as_ref().unwrap().reveal(), "9");

        std::fs::write(&file, "{}").unwrap();
        assert_eq!(planted.apply(apps.clone()).unwrap(), apps);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_no_empty_change() {
        let temp = TempDir::new().unwrap();
        let file = temp.path().join("planted.json");
        for text in ["", "null", r#"{"set":[{"id":""}]}"#, r#"{"sets":[]}"#] {
            std::fs::write(&file, text).unwrap();
            let planted = PlantedApps::new(&file).apply(Vec::new());
            assert_eq!(planted, Err(CollectFailure::Failed), "{text}");
        }
    }
}
