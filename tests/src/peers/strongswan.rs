//! strongSwan's `pki`: an EST client with its own TLS stack and its own ASN.1.
//!
//! Seen with version 5.9.8:
//!
//! - It speaks TLS 1.2 and sends no `Content-Transfer-Encoding`.
//! - It reads base64 on one line only, against RFC 8951 §3.1: a server that breaks lines is not understood.
//! - It cannot write a URI into a subjectAltName; the request comes from [`OpenSsl::request`], over a key that
//!   `pki` made.
//!
//! [`OpenSsl::request`]: super::OpenSsl::request

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::child::{run, succeed};
use super::{Missing, PeerError, on_path};

const PROGRAM: &str = "pki";
/// One EST exchange on loopback, or one key.
const ENDS_WITHIN: Duration = Duration::from_secs(30);
/// Seconds between two polls after a 202, and until it gives up.
const POLL: &str = "1";
const GIVE_UP: &str = "10";

/// The program.
pub struct StrongSwan(PathBuf);

/// A first enrolment.
#[derive(Clone, Copy)]
pub struct Enrolment<'a> {
    /// Scheme, host and port; the path is the program's own.
    pub url: &'a str,
    /// The trust anchor, a PEM file.
    pub ca: &'a Path,
    /// The PKCS#10 request, a DER file.
    pub request: &'a Path,
    /// Sent by HTTP Basic as the user's name.
    pub user: &'a str,
    /// Sent by HTTP Basic as the password.
    pub code: &'a str,
}

/// A renewal under the present certificate.
#[derive(Clone, Copy)]
pub struct Renewal<'a> {
    /// Scheme, host and port; the path is the program's own.
    pub url: &'a str,
    /// The trust anchor, a PEM file.
    pub ca: &'a Path,
    /// The PKCS#10 request, a DER file.
    pub request: &'a Path,
    /// The present certificate, a PEM file.
    pub certificate: &'a Path,
    /// The present key, a PEM file.
    pub key: &'a Path,
}

impl StrongSwan {
    /// Looks for `pki` on the search path; another program of that name is not taken for it.
    ///
    /// # Errors
    ///
    /// [`Missing::StrongSwan`].
    pub fn find() -> Result<Self, PeerError> {
        let program = on_path(PROGRAM).ok_or(Missing::StrongSwan)?;
        let mut help = Command::new(&program);
        help.arg("--help");
        let said = run(help, PROGRAM, &[], ENDS_WITHIN)?.out;
        let said = String::from_utf8_lossy(&said);
        if said.contains("strongSwan") && said.contains("--est ") {
            Ok(Self(program))
        } else {
            Err(Missing::StrongSwan.into())
        }
    }

    /// Writes a new P-256 key, PEM, to `key`.
    ///
    /// # Errors
    ///
    /// What the program or the disk refused.
    pub fn generate_key(&self, key: &Path) -> Result<(), PeerError> {
        let mut pki = self.command("--gen");
        pki.args(["--type", "ecdsa", "--size", "256", "--outform", "pem"]);
        Ok(fs::write(key, succeed(pki, PROGRAM, &[], ENDS_WITHIN)?)?)
    }

    /// Fetches `cacerts` from `url` over a connection that `ca` (a PEM file) vouches for; the certificates, PEM.
    ///
    /// # Errors
    ///
    /// What the program, the server or the disk refused.
    pub fn ca_certificates(&self, url: &str, ca: &Path) -> Result<String, PeerError> {
        let folder = tempfile::tempdir()?;
        let mut pki = self.command("--estca");
        pki.args(["--url", url, "--outform", "pem"]).arg("--cacert").arg(ca);
        pki.arg("--caout").arg(folder.path().join("ca.pem"));
        succeed(pki, PROGRAM, &[], ENDS_WITHIN)?;
        let mut all = String::new();
        for entry in fs::read_dir(folder.path())? {
            all.push_str(&fs::read_to_string(entry?.path())?);
        }
        Ok(all)
    }

    /// `simpleenroll`; the certificate, PEM.
    ///
    /// # Errors
    ///
    /// What the program or the server refused.
    pub fn enrol(&self, how: Enrolment<'_>) -> Result<String, PeerError> {
        let mut pki = self.est(how.url, how.ca, how.request);
        pki.args(["--userpass", &format!("{}:{}", how.user, how.code)]);
        Ok(text(succeed(pki, PROGRAM, &[], ENDS_WITHIN)?))
    }

    /// `simplereenroll`; the new certificate, PEM.
    ///
    /// # Errors
    ///
    /// What the program or the server refused.
    pub fn renew(&self, how: Renewal<'_>) -> Result<String, PeerError> {
        let mut pki = self.est(how.url, how.ca, how.request);
        pki.arg("--cert").arg(how.certificate).arg("--key").arg(how.key);
        Ok(text(succeed(pki, PROGRAM, &[], ENDS_WITHIN)?))
    }

    /// Whether `certificate` chains to `ca` (PEM files) and is valid now, in this program's opinion.
    ///
    /// # Errors
    ///
    /// What it found wrong.
    pub fn verify(&self, certificate: &Path, ca: &Path) -> Result<(), PeerError> {
        let mut pki = self.command("--verify");
        pki.arg("--in").arg(certificate).arg("--cacert").arg(ca);
        succeed(pki, PROGRAM, &[], ENDS_WITHIN).map(drop)
    }

    fn est(&self, url: &str, ca: &Path, request: &Path) -> Command {
        let mut pki = self.command("--est");
        pki.args(["--url", url, "--interval", POLL, "--maxpolltime", GIVE_UP, "--outform", "pem"]);
        pki.arg("--cacert").arg(ca).arg("--in").arg(request);
        pki
    }

    fn command(&self, operation: &str) -> Command {
        let mut pki = Command::new(&self.0);
        pki.arg(operation);
        pki
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}
