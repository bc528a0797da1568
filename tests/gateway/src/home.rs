//! The gateway's folder.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::failure::SetupError;

/// Where everything of one gateway lies.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// The gateway in `dir`.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self(dir.into())
    }

    /// The folder itself.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0
    }

    /// The CA's certificate, DER.
    #[must_use]
    pub fn ca_certificate(&self) -> PathBuf {
        self.0.join("ca.der")
    }

    /// The CA's key, PKCS#8.
    #[must_use]
    pub fn ca_key(&self) -> PathBuf {
        self.0.join("ca.key")
    }

    /// The server's certificate, DER.
    #[must_use]
    pub fn server_certificate(&self) -> PathBuf {
        self.0.join("server.der")
    }

    /// The server's key, PKCS#8.
    #[must_use]
    pub fn server_key(&self) -> PathBuf {
        self.0.join("server.key")
    }

    /// The key of the backup pin; used when the server's key must be given up.
    #[must_use]
    pub fn backup_key(&self) -> PathBuf {
        self.0.join("server-backup.key")
    }

    /// The folder that only the signing process opens.
    #[must_use]
    pub fn signer(&self) -> PathBuf {
        self.0.join("signer")
    }

    /// The policy key, PKCS#8.
    #[must_use]
    pub fn policy_key(&self) -> PathBuf {
        self.signer().join("policy.key")
    }

    /// The signer's own copy of the console's password hash: what the serving process can write does not count.
    #[must_use]
    pub fn signer_hash(&self) -> PathBuf {
        self.signer().join("admin-hash")
    }

    /// The signer's own copy of the password hashes of the other accounts with full access.
    #[must_use]
    pub fn signer_accounts(&self) -> PathBuf {
        self.signer().join("accounts.json")
    }

    /// Where the signer listens.
    #[must_use]
    pub fn signer_socket(&self) -> PathBuf {
        self.0.join("signer.sock")
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join("gateway.db")
    }

    /// Error notices that wait for the mail system.
    #[must_use]
    pub fn spool(&self) -> PathBuf {
        self.0.join("spool")
    }

    /// The console's password.
    #[must_use]
    pub fn admin_password(&self) -> PathBuf {
        self.0.join("admin-password")
    }

    /// What the connector shows to Intune's stand-in.
    #[must_use]
    pub fn connector_secret(&self) -> PathBuf {
        self.0.join("connector-secret")
    }

    /// What the partner's app compiles in.
    #[must_use]
    pub fn trust(&self) -> PathBuf {
        self.0.join("trust.json")
    }
}

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>, SetupError> {
    fs::read(path).map_err(|error| SetupError::File(path.into(), error))
}

/// Reads a secret's text without the white space around it.
pub fn read_text(path: &Path) -> Result<String, SetupError> {
    let text = fs::read_to_string(path).map_err(|error| SetupError::File(path.into(), error))?;
    Ok(text.trim().to_owned())
}

/// Writes a new file that only its owner reads.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), SetupError> {
    write_new(path, bytes, 0o600)
}

/// Writes a new file that everybody may read.
pub fn write_public(path: &Path, bytes: &[u8]) -> Result<(), SetupError> {
    write_new(path, bytes, 0o644)
}

/// Makes a folder that only its owner enters, unless it is there.
pub fn make_private_dir(path: &Path) -> Result<(), SetupError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| SetupError::File(path.into(), error))
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), SetupError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| SetupError::File(path.into(), error))
}
