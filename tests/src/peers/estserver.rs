//! GlobalSign's EST server with its mock CA, on a free port of the loopback interface.
//!
//! What a client meets there, seen with version 1.0.6:
//!
//! - TLS 1.3 and 1.2; a client certificate is asked for and may be absent. HTTP/1.1 or HTTP/2.
//! - `Content-Type: application/pkcs10` and `Content-Transfer-Encoding: base64` are demanded, else 415; RFC 8951
//!   abolished the second header, and a client that wants to be understood here must send it.
//! - Credentials are never asked for; any `Authorization` is accepted.
//! - Bodies are base64 in lines of 76 characters ended by CR LF.
//! - Subject and subjectAltName are copied from the request. Usages: serverAuth and clientAuth. `notBefore` is now.
//! - `csrattrs` answers an empty sequence; with the label [`EstServer::CSRATTRS`] the example of RFC 7030 §4.5.2:
//!   challengePassword, ecdsa-with-SHA384, an extension request with macAddress, P-384.
//! - `simplereenroll` without a client certificate, or with another subject or subjectAltName than the
//!   certificate's, answers 403.
//! - With the label of [`Trigger`], the common name of the request decides; `cacerts` and `csrattrs` answer 500 there.
//! - Refusals are `text/plain`.

mod ready;
mod said;

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use ready::handshake;
pub use said::{Served, Trigger};

use super::{Authority, Missing, PeerError, on_path};

/// Names the program; `cargo xtask test` sets it.
const VARIABLE: &str = "MTD_ESTSERVER";
/// Where `cargo xtask setup` puts it, seen from this crate.
const BUILT: &str = "../target/tools/bin/estserver";
const PROGRAM: &str = "estserver";
/// A port that was free may be taken when the server binds it, and the server does not say so.
const ATTEMPTS: usize = 5;
const READY_WITHIN: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(20);

/// A running server; it ends, and its folder goes, when this is dropped.
pub struct EstServer {
    child: Child,
    folder: TempDir,
    address: SocketAddr,
    authority: Authority,
    spki_sha256: [u8; 32],
}

impl EstServer {
    /// The label under which `csrattrs` answers the example of RFC 7030 §4.5.2.
    pub const CSRATTRS: &'static str = "csrattrs";

    /// Starts a server with a CA of its own, which signs its TLS certificate and the clients'.
    ///
    /// # Errors
    ///
    /// [`Missing::EstServer`], or what kept it from being ready.
    pub fn start() -> Result<Self, PeerError> {
        let program = find().ok_or(Missing::EstServer)?;
        let mut outcome = Err(PeerError::TimedOut(PROGRAM));
        for _ in 0..ATTEMPTS {
            outcome = Self::attempt(&program);
            if !matches!(outcome, Err(PeerError::TimedOut(_))) {
                break;
            }
        }
        outcome
    }

    fn attempt(program: &PathBuf) -> Result<Self, PeerError> {
        let authority = Authority::new("mtd-agent test peer")?;
        let server = authority.server()?;
        let folder = tempfile::tempdir()?;
        let file = |name: &str| folder.path().join(name);
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;

        fs::write(file("ca.pem"), authority.pem())?;
        fs::write(file("ca.key"), authority.key_pem())?;
        fs::write(file("server.pem"), server.certificate + &authority.pem())?;
        fs::write(file("server.key"), server.key)?;
        let config = json!({
            "mock_ca": { "certificates": file("ca.pem"), "private_key": file("ca.key") },
            "tls": {
                "listen_address": address.to_string(),
                "certificates": file("server.pem"),
                "private_key": file("server.key"),
                "client_cas": [file("ca.pem")],
            },
            "log_file": file("log"),
        });
        fs::write(file("config.json"), config.to_string())?;

        let child = Command::new(program)
            .arg("-config")
            .arg(file("config.json"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(file("stderr"))?)
            .spawn()?;
        let mut started = Self { child, folder, address, authority, spki_sha256: server.spki_sha256 };
        started.wait_until_ready()?;
        Ok(started)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The EST base under `localhost`, with the path segment `label` if any; no slash at the end.
    #[must_use]
    pub fn url(&self, label: Option<&str>) -> String {
        let base = format!("https://localhost:{}/.well-known/est", self.address.port());
        label.map_or_else(|| base.clone(), |label| format!("{base}/{label}"))
    }

    /// The CA: trust anchor of the server's certificate and issuer of the clients'.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// SHA-256 of the SubjectPublicKeyInfo of the server's certificate.
    #[must_use]
    pub fn pin(&self) -> [u8; 32] {
        self.spki_sha256
    }

    /// Whether the process lives.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What it has answered so far. An answer is noted just after it is sent.
    #[must_use]
    pub fn served(&self) -> Vec<Served> {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        log.lines().filter_map(Served::read).collect()
    }

    fn wait_until_ready(&mut self) -> Result<(), PeerError> {
        let begun = Instant::now();
        while begun.elapsed() < READY_WITHIN {
            if !self.is_running() {
                let said = fs::read_to_string(self.folder.path().join("stderr"))?;
                return Err(PeerError::Refused { program: PROGRAM, said });
            }
            // Only this server holds a certificate of this CA: no other process on the port passes.
            if handshake(self.address, self.authority.der()).is_some() {
                return Ok(());
            }
            thread::sleep(LOOK);
        }
        Err(PeerError::TimedOut(PROGRAM))
    }
}

impl Drop for EstServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn find() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    let built = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(BUILT);
    named.into_iter().chain([built]).find(|program| program.is_file()).or_else(|| on_path(PROGRAM))
}
