//! Installed software as apps: what the system's package database says, else what it shows in its menu.
//!
//! A package's maker chooses every text in it. Identifiers that are none are dropped with their app; other texts
//! lose their control characters and what is beyond [`MAX_APP_TEXT`].

mod planted;
mod source;

pub use planted::PlantedApps;

pub use super::sensors::LinuxSensors;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use agent_logic::failure::CollectFailure;
use agent_logic::model::{App, AppId, MAX_APP_TEXT};
use agent_logic::redact::Redacted;

/// The software of the system under one root folder.
#[derive(Debug)]
pub struct LinuxInventory {
    root: PathBuf,
}

impl LinuxInventory {
    /// The system under `root`; `/` is this machine. Only there can rpm be asked, whose database is not text.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Every installed package by identifier, from the first source there is: dpkg, rpm, apk, menu entries.
    ///
    /// # Errors
    /// [`CollectFailure::Denied`] if the source may not be read, [`CollectFailure::Failed`] if it cannot be, or
    /// if there is none.
    pub fn apps(&self) -> Result<Vec<App>, CollectFailure> {
        let sources = [source::dpkg, source::rpm, source::apk, source::menu];
        for source in sources {
            if let Some(found) = source(&self.root).map_err(failed)? {
                return Ok(by_id(found));
            }
        }
        Err(CollectFailure::Failed)
    }
}

/// What a source says of one package, as it says it.
#[derive(Default)]
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    summary: &'a str,
    bytes: Option<u64>,
}

impl Package<'_> {
    fn app(&self) -> Option<App> {
        let mut app = App::new(self.name.parse::<AppId>().ok()?);
        app.name = clean(self.summary);
        app.version = clean(self.version);
        app.short_version = clean(short(self.version));
        app.bundle_size = self.bytes;
        Some(app)
    }
}

/// The maker's version in a packager's: without `epoch:` before it and `-revision` behind it.
fn short(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    version.rsplit_once('-').map_or(version, |(upstream, _)| upstream)
}

fn clean(text: &str) -> Option<Redacted<String>> {
    let mut kept = String::new();
    for character in text.trim().chars().filter(|character| !character.is_control()) {
        if kept.len().saturating_add(character.len_utf8()) > MAX_APP_TEXT {
            break;
        }
        kept.push(character);
    }
    let kept = kept.trim_end();
    (!kept.is_empty()).then(|| Redacted::new(kept.to_owned()))
}

/// One app for an identifier: a package installed for two architectures is one app.
fn by_id(apps: Vec<App>) -> Vec<App> {
    let mut kept = BTreeMap::new();
    for app in apps {
        kept.entry(app.id.clone()).or_insert(app);
    }
    kept.into_values().collect()
}

fn failed(error: io::Error) -> CollectFailure {
    log::warn!("inventory: {:?}", error.kind());
    if error.kind() == ErrorKind::PermissionDenied { CollectFailure::Denied } else { CollectFailure::Failed }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn dpkg_names_what_is_installed() {
        let root = TempDir::new().unwrap();
        put(
            root.path(),
            "var/lib/dpkg/status",
            "Package: bash\nStatus: install ok installed\nInstalled-Size: 7163\nArchitecture: amd64\n\
             Version: 1:5.2.15-2+b7\nDescription: GNU Bourne Again SHell\n Bash is a shell.\n Package: no\n\n\
             Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n\
             Package: half\nStatus: install reinstreq half-installed\nVersion: 1\n\n\
             Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9\n\n\
             Package: libc6\nStatus: hold ok installed\nArchitecture: i386\nVersion: 2.36-9\n\n",
        );
        let apps = LinuxInventory::new(root.path()).apps().unwrap();
        assert_eq!(ids(&apps), ["bash", "libc6"]);
        let bash = &apps[0];
        assert_eq!(bash.version.as_ref().unwrap().reveal(), "1:5.2.15-2+b7");
        assert_eq!(bash.short_version.as_ref().unwrap().reveal(), "5.2.15");
        assert_eq!(bash.name.as_ref().unwrap().reveal(), "GNU Bourne Again SHell");
        assert_eq!(bash.bundle_size, Some(7163 * 1024));
        assert_eq!((bash.managed, &bash.installer), (None, &None));
        assert_eq!(apps[1].bundle_size, None);
    }

    #[test]
    fn apk_names_what_is_installed() {
        let root = TempDir::new().unwrap();
        put(
            root.path(),
            "lib/apk/db/installed",
            "C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\nS:388000\nI:634880\nT:the musl c library\nF:lib\nR:a\n\n\
             P:zlib\nV:1.3-r2\nI:x\n",
        );
        let apps = LinuxInventory::new(root.path()).apps().unwrap();
        assert_eq!(ids(&apps), ["musl", "zlib"]);
        assert_eq!(apps[0].bundle_size, Some(634_880));
        assert_eq!(apps[0].short_version.as_ref().unwrap().reveal(), "1.2.4");
        assert_eq!(apps[0].name.as_ref().unwrap().reveal(), "the musl c library");
        assert_eq!(apps[1].bundle_size, None);
    }

    #[test]
    fn rpm_answers_in_lines() {
        let apps = source::parse_rpm("bash\t5.1.8\t9.el9\t7738634\tThe GNU shell\twith a tab\nbad line\n");
        assert_eq!(ids(&apps), ["bash"]);
        assert_eq!(apps[0].version.as_ref().unwrap().reveal(), "5.1.8-9.el9");
        assert_eq!(apps[0].short_version.as_ref().unwrap().reveal(), "5.1.8");
        assert_eq!(apps[0].bundle_size, Some(7_738_634));
    }

    #[test]
    fn without_packages_the_menu_counts() {
        let root = TempDir::new().unwrap();
        let menu = "usr/share/applications";
        put(
            root.path(),
            &format!("{menu}/org.example.Editor.desktop"),
            "# comment\n[Desktop Entry]\nType=Application\nName=Editor\nName[fr]=Éditeur\n\
             [Desktop Action new]\nName=New window\n",
        );
        put(root.path(), &format!("{menu}/link.desktop"), "[Desktop Entry]\nType=Link\nName=A page\n");
        put(root.path(), &format!("{menu}/mimeinfo.cache"), "[Desktop Entry]\nType=Application\n");
        let apps = LinuxInventory::new(root.path()).apps().unwrap();
        assert_eq!(ids(&apps), ["org.example.Editor"]);
        assert_eq!(apps[0].name.as_ref().unwrap().reveal(), "Editor");
    }

    #[test]
    fn hostile_texts_are_dropped_or_cut() {
        let root = TempDir::new().unwrap();
        let huge = "ü".repeat(100_000);
        let long_id = "x".repeat(MAX_APP_TEXT + 1);
        put(
            root.path(),
            "var/lib/dpkg/status",
            &format!(
                "Package: {long_id}\nStatus: install ok installed\n\n\
                 Package: nul\0byte\nStatus: install ok installed\n\n\
                 Package:\nStatus: install ok installed\n\n\
                 Status: install ok installed\n\n\
                 Package: fine\nStatus: install ok installed\nVersion: {huge}\n\
                 Installed-Size: 99999999999999999999\nDescription: a\u{7}b\u{1b}[31mc\r\n\n\
                 Package: large\nStatus: install ok installed\nInstalled-Size: 18446744073709551615\n\n\
                 :\n\n no key\n\nPackage: last\nStatus: install ok installed"
            ),
        );
        let apps = LinuxInventory::new(root.path()).apps().unwrap();
        assert_eq!(ids(&apps), ["fine", "large", "last"]);
        assert_eq!(apps[0].name.as_ref().unwrap().reveal(), "ab[31mc");
        let version = apps[0].version.as_ref().unwrap().reveal();
        assert_eq!(version.len(), MAX_APP_TEXT - 1, "ü has two bytes");
        assert_eq!(apps[0].bundle_size, None);
        assert_eq!(apps[1].bundle_size, Some(u64::MAX));
    }

    #[test]
    fn bytes_that_are_no_text_hide_no_other_package() {
        let root = TempDir::new().unwrap();
        put(root.path(), "var/lib/dpkg/status", "");
        let mut bytes = b"Package: a\nStatus: install ok installed\nDescription: \xff\xfe\n\n".to_vec();
        bytes.extend(b"Package: b\nStatus: install ok installed\n");
        fs::write(root.path().join("var/lib/dpkg/status"), bytes).unwrap();
        assert_eq!(ids(&LinuxInventory::new(root.path()).apps().unwrap()), ["a", "b"]);
    }

    #[test]
    fn a_system_without_any_source_has_no_empty_inventory() {
        let root = TempDir::new().unwrap();
        assert_eq!(LinuxInventory::new(root.path()).apps(), Err(CollectFailure::Failed));
        // An empty package database is damage, or a container without packages: the next source is asked.
        put(root.path(), "var/lib/dpkg/status", "");
        assert_eq!(LinuxInventory::new(root.path()).apps(), Err(CollectFailure::Failed));
    }

    #[test]
    fn this_machine_has_software() {
        let Ok(apps) = LinuxInventory::new("/").apps() else {
            println!("not run: this machine has none of the sources");
            return;
        };
        println!("{} apps", apps.len());
        assert!(!apps.is_empty());
        assert!(apps.is_sorted_by(|a, b| a.id < b.id));
    }

    fn put(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn ids(apps: &[App]) -> Vec<&str> {
        apps.iter().map(|app| app.id.reveal()).collect()
    }
}
