//! What a Linux machine can truly say of itself.
//!
//! Little: it has no screen lock, patch date or developer mode that one place could tell, and whether it is
//! rooted has no meaning where the owner is root. What is not known is left out, never guessed.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use agent_logic::event::Posture;
use agent_logic::model::Classification;
use agent_logic::wire::Facts;

/// Posture of the system under one root folder.
#[derive(Debug)]
pub struct LinuxPosture {
    root: PathBuf,
    checked_for_encryption: Option<PathBuf>,
}

impl LinuxPosture {
    /// The system under `root`; `/` is this machine. Without further calls it finds an attached debugger only.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), checked_for_encryption: None }
    }

    /// Finds [`Classification::Unencrypted`] if `folder` lies on a block device under which no layer is dm-crypt.
    ///
    /// Asked for by name, because build machines are seldom encrypted and would never be secured. It sees
    /// neither encryption by the file system nor by the drive, and says nothing of folders on no block device
    /// (overlay, tmpfs, network).
    #[must_use]
    pub fn with_encryption_check(mut self, folder: impl Into<PathBuf>) -> Self {
        self.checked_for_encryption = Some(folder.into());
        self
    }

    /// Reads it.
    #[must_use]
    pub fn read(&self) -> Posture {
        let mut posture = Posture { facts: self.facts(), ..Posture::default() };
        let encrypted = self.checked_for_encryption.as_ref().map(|folder| self.is_encrypted(folder));
        let readings = [
            (Classification::Unencrypted, encrypted.map(|encrypted| encrypted.map(|yes| !yes))),
            (Classification::AccessControlViolation, Some(self.is_traced())),
        ];
        for (classification, reading) in readings {
            match reading {
                Some(Some(true)) => posture.findings.insert(classification),
                Some(None) => posture.unknown.insert(classification),
                Some(Some(false)) | None => false,
            };
        }
        posture
    }

    /// A debugger is attached to this process; `None` where the system does not tell.
    fn is_traced(&self) -> Option<bool> {
        let status = self.text("proc/self/status")?;
        let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"))?;
        Some(tracer.trim() != "0")
    }

    fn facts(&self) -> Facts {
        let release = self.text("etc/os-release").or_else(|| self.text("usr/lib/os-release"));
        Facts {
            model: self.model(),
            os_version: release.and_then(|text| os_version(&text)).unwrap_or_default(),
            platform: "linux".into(),
            ..Facts::default()
        }
    }

    fn model(&self) -> Option<String> {
        let paths = ["sys/class/dmi/id/product_name", "sys/firmware/devicetree/base/model"];
        paths.iter().find_map(|path| clean(&self.text(path)?))
    }

    /// `None`: cannot be told.
    fn is_encrypted(&self, folder: &Path) -> Option<bool> {
        let device = folder.metadata().ok()?.dev();
        let number = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
        let node = self.root.join("sys/dev/block").join(number);
        node.exists().then(|| is_crypt(&node, MAX_LAYERS))
    }

    fn text(&self, path: &str) -> Option<String> {
        let mut bytes = Vec::new();
        let file = File::open(self.root.join(path)).ok()?;
        file.take(MAX_TEXT).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Whether this device, or every one that it is made of, is dm-crypt.
fn is_crypt(node: &Path, layers: usize) -> bool {
    let Some(layers) = layers.checked_sub(1) else { return false };
    let uuid = std::fs::read_to_string(node.join("dm/uuid")).unwrap_or_default();
    if uuid.starts_with("CRYPT-") {
        return true;
    }
    let below: Vec<PathBuf> = match node.join("slaves").read_dir() {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(_) => Vec::new(),
    };
    !below.is_empty() && below.iter().all(|node| is_crypt(node, layers))
}

/// Distribution and version, as `os-release` gives them to machines: `debian 12`.
fn os_version(release: &str) -> Option<String> {
    let value = |key: &str| {
        let line = release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        clean(line.trim().trim_matches(['"', '\'']))
    };
    let id = value("ID")?;
    Some(match value("VERSION_ID").or_else(|| value("BUILD_ID")) {
        Some(version) => format!("{id} {version}"),
        None => id,
    })
}

fn clean(text: &str) -> Option<String> {
    let kept: String = text.trim().chars().filter(|c| !c.is_control()).take(MAX_FACT).collect();
    (!kept.is_empty()).then_some(kept)
}

/// Bytes read of one file.
const MAX_TEXT: u64 = 16 * 1024;

/// Characters of one fact.
const MAX_FACT: usize = 64;

/// Devices above devices: crypt, LVM, RAID and partition are four.
const MAX_LAYERS: usize = 8;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn facts_are_what_the_system_writes_down() {
        let root = TempDir::new().unwrap();
        put(root.path(), "etc/os-release", "NAME=\"Debian\"\nID=debian\nVERSION_ID=\"12\"\n");
        put(root.path(), "sys/class/dmi/id/product_name", "Model\u{7} 5\n");
        let posture = LinuxPosture::new(root.path()).read();
        assert_eq!(posture.facts.os_version, "debian 12");
        assert_eq!(posture.facts.model.as_deref(), Some("Model 5"));
        assert_eq!(posture.facts.platform, "linux");
        assert_eq!(posture.facts.patch_level, None);
        assert!(posture.findings.is_empty());
    }

    #[test]
    fn an_attached_debugger_is_found() {
        let root = TempDir::new().unwrap();
        let findings = || LinuxPosture::new(root.path()).read().findings;
        put(root.path(), "proc/self/status", "Name:\tapp\nTracerPid:\t0\n");
        assert!(findings().is_empty());
        put(root.path(), "proc/self/status", "Name:\tapp\nTracerPid:\t4711\n");
        assert_eq!(findings(), BTreeSet::from([Classification::AccessControlViolation]));
        assert!(!LinuxPosture::new("/").is_traced().unwrap(), "the tests run without a debugger");
    }

    #[test]
    fn a_system_that_says_nothing_has_no_facts_and_no_findings() {
        let root = TempDir::new().unwrap();
        let posture = LinuxPosture::new(root.path()).with_encryption_check(root.path()).read();
        assert_eq!((posture.facts.os_version.as_str(), posture.facts.model), ("", None));
        assert!(posture.findings.is_empty(), "no such device: cannot be told");
        let unknown = [Classification::Unencrypted, Classification::AccessControlViolation];
        assert_eq!(posture.unknown, BTreeSet::from(unknown));
    }

    #[test]
    fn os_release_may_be_hostile_or_rolling() {
        assert_eq!(os_version("ID=arch\nBUILD_ID=rolling\n").unwrap(), "arch rolling");
        assert_eq!(os_version("ID='void'\n").unwrap(), "void");
        assert_eq!(os_version(""), None);
        assert_eq!(os_version("ID=\n"), None);
        assert_eq!(os_version(&format!("ID={}", "x".repeat(9_999))).unwrap().len(), MAX_FACT);
    }

    #[test]
    fn only_a_device_without_any_crypt_layer_is_unencrypted() {
        let root = TempDir::new().unwrap();
        let device = root.path().metadata().unwrap().dev();
        let number = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
        let block = root.path().join("sys/dev/block");
        let node = block.join(number);
        let findings = || {
            let posture = LinuxPosture::new(root.path());
            posture.with_encryption_check(root.path()).read().findings
        };
        let unencrypted = BTreeSet::from([Classification::Unencrypted]);

        fs::create_dir_all(node.join("slaves")).unwrap();
        assert_eq!(findings(), unencrypted, "a plain disk");
        put(&node, "dm/uuid", "LVM-abc\n");
        let disks = [root.path().join("disk1"), root.path().join("disk2")];
        for (name, disk) in ["dm-0", "sda2"].iter().zip(&disks) {
            fs::create_dir(disk).unwrap();
            symlink(disk, node.join("slaves").join(name)).unwrap();
        }
        put(&disks[0], "dm/uuid", "CRYPT-LUKS2-abc\n");
        assert_eq!(findings(), unencrypted, "a volume on an encrypted disk and a plain one");
        put(&disks[1], "dm/uuid", "CRYPT-LUKS2-def\n");
        assert_eq!(findings(), BTreeSet::new(), "a volume on encrypted disks");
        put(&node, "dm/uuid", "CRYPT-LUKS2-ghi\n");
        fs::remove_dir_all(node.join("slaves")).unwrap();
        assert_eq!(findings(), BTreeSet::new());
    }

    fn put(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
