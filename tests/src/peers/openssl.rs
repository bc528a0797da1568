//! The `openssl` program: a TLS client, and a writer of certificate requests.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::child::{run, succeed};
use super::{Missing, PeerError, on_path};

const PROGRAM: &str = "openssl";
/// One exchange on loopback, or one request.
const ENDS_WITHIN: Duration = Duration::from_secs(20);

/// The program.
pub struct OpenSsl(PathBuf);

/// A client certificate.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    /// The certificate, a PEM file.
    pub certificate: &'a Path,
    /// Its key, a PEM file.
    pub key: &'a Path,
}

/// One connection that sends `request` and reads until the server closes.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    /// Where to connect.
    pub address: SocketAddr,
    /// The name for SNI and for the check of the server's certificate.
    pub host: &'a str,
    /// The trust anchor, a PEM file.
    pub ca: &'a Path,
    /// The client certificate, if any.
    pub identity: Option<Identity<'a>>,
    /// Sent once the handshake is done; should ask for `Connection: close`.
    pub request: &'a [u8],
}

/// What came of an [`Exchange`].
pub struct Exchanged {
    /// Whether the program ended without an error.
    pub clean: bool,
    /// The bytes of the server.
    pub answer: Vec<u8>,
    /// The program's account: protocol version, cipher suite, alerts.
    pub account: String,
}

impl OpenSsl {
    /// Looks for the program on the search path.
    ///
    /// # Errors
    ///
    /// [`Missing::OpenSsl`].
    pub fn find() -> Result<Self, PeerError> {
        on_path(PROGRAM).map(Self).ok_or_else(|| Missing::OpenSsl.into())
    }

    /// Writes a PKCS#10 request for `device`, DER, under the key in `key` (PEM) to `request`: subject
    /// `CN=<device>`, subjectAltName `URI:urn:uuid:<device>`.
    ///
    /// # Errors
    ///
    /// What the program or the disk refused.
    pub fn request(&self, device: &str, key: &Path, request: &Path) -> Result<(), PeerError> {
        let mut openssl = Command::new(&self.0);
        openssl.args(["req", "-new", "-sha256", "-outform", "der"]);
        openssl.args(["-subj", &format!("/CN={device}")]);
        openssl.args(["-addext", &format!("subjectAltName=URI:urn:uuid:{device}")]);
        openssl.arg("-key").arg(key).arg("-out").arg(request);
        succeed(openssl, PROGRAM, &[], ENDS_WITHIN).map(drop)
    }

    /// The fields of `certificate` (a PEM file) as text.
    ///
    /// # Errors
    ///
    /// What the program refused.
    pub fn print(&self, certificate: &Path) -> Result<String, PeerError> {
        let mut openssl = Command::new(&self.0);
        openssl.args(["x509", "-noout", "-text"]).arg("-in").arg(certificate);
        let said = succeed(openssl, PROGRAM, &[], ENDS_WITHIN)?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }

    /// The certificates in `pkcs7` (DER, certs-only), PEM.
    ///
    /// # Errors
    ///
    /// What the program refused.
    pub fn certificates(&self, pkcs7: &[u8]) -> Result<String, PeerError> {
        let mut openssl = Command::new(&self.0);
        openssl.args(["pkcs7", "-inform", "der", "-print_certs"]);
        let said = succeed(openssl, PROGRAM, pkcs7, ENDS_WITHIN)?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }

    /// One `s_client` connection. A refused handshake is an [`Exchanged`] too.
    ///
    /// # Errors
    ///
    /// Only what kept the program from running.
    pub fn exchange(&self, how: Exchange<'_>) -> Result<Exchanged, PeerError> {
        let mut openssl = Command::new(&self.0);
        openssl.args(["s_client", "-brief", "-ign_eof", "-verify_return_error"]);
        openssl.args(["-connect", &how.address.to_string(), "-servername", how.host]);
        openssl.args(["-verify_hostname", how.host]).arg("-CAfile").arg(how.ca);
        if let Some(identity) = how.identity {
            openssl.arg("-cert").arg(identity.certificate).arg("-key").arg(identity.key);
        }
        let ended = run(openssl, PROGRAM, how.request, ENDS_WITHIN)?;
        Ok(Exchanged { clean: ended.status.success(), answer: ended.out, account: ended.err })
    }
}

impl Exchanged {
    /// The status of the HTTP answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        let answer = String::from_utf8_lossy(&self.answer);
        answer.strip_prefix("HTTP/1.1 ")?.split_whitespace().next()?.parse().ok()
    }

    /// The body of the HTTP answer.
    #[must_use]
    pub fn body(&self) -> Option<String> {
        let answer = String::from_utf8_lossy(&self.answer).into_owned();
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
    }

    /// The protocol version, as in `TLSv1.3`.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.account.lines().find_map(|line| line.strip_prefix("Protocol version: "))
    }
}
