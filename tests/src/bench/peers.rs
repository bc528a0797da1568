//! Other people's clients, which send the same body under the same identity through the same path.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use agent_logic::command::Slot;
use agent_logic::wire::CHECK_IN_PATH;
use data_encoding::BASE64;

use super::golden::Client;
use crate::peers::on_path;
use crate::stage::{Mishap, Stage};

/// Posts each file it is given on one connection and prints how many were taken.
const POST: &str = "import sys, requests
url, ca, pem = sys.argv[1:4]
session = requests.Session()
taken = 0
for name in sys.argv[4:]:
    with open(name, 'rb') as body:
        answer = session.post(url, data=body.read(), headers={'content-type': 'application/json'},
                              verify=ca, cert=pem, timeout=20)
    taken += answer.status_code == 200
sys.exit(0 if taken == len(sys.argv) - 4 else 1)
";

/// A body, an identity and a place, as files.
pub(super) struct Body {
    url: String,
    ca: PathBuf,
    identity: PathBuf,
    body: PathBuf,
    script: PathBuf,
}

impl Body {
    /// Writes them into the stage's folder.
    pub(super) fn write(stage: &Stage, client: &Client, body: &[u8]) -> Result<Self, Mishap> {
        let folder = stage.folder().join("peers");
        std::fs::create_dir_all(&folder)?;
        let key = client.keys.pem(Slot::A).ok_or("the client has no key")?;
        let certificate = pem(client.contact.identity.certificate.as_slice());
        let this = Self {
            url: format!("{}{CHECK_IN_PATH}", stage.gateway_url()),
            ca: folder.join("ca.pem"),
            identity: folder.join("identity.pem"),
            body: folder.join("body.json"),
            script: folder.join("post.py"),
        };
        std::fs::write(&this.ca, pem(&std::fs::read(stage.cloud().join("ca.der"))?))?;
        std::fs::write(&this.identity, format!("{certificate}{key}"))?;
        std::fs::write(&this.body, body)?;
        std::fs::write(&this.script, POST)?;
        Ok(this)
    }
}

/// The `curl` program.
pub(super) struct Curl(PathBuf);

impl Curl {
    pub(super) fn find() -> Result<Self, String> {
        on_path("curl").map(Self).ok_or_else(|| "apt-get install curl".into())
    }

    /// The command that posts `body`.
    pub(super) fn command(&self, body: &Body) -> Vec<String> {
        let at = |path: &Path| path.display().to_string();
        let data = format!("@{}", body.body.display());
        let fixed = [at(&self.0).as_str(), "--silent", "--fail", "--ipv4", "--output", "/dev/null"]
            .map(str::to_owned);
        let given = [
            ("--cacert", at(&body.ca)),
            ("--cert", at(&body.identity)),
            ("--header", "content-type: application/json".into()),
            ("--data-binary", data),
        ];
        let given = given.into_iter().flat_map(|(name, value)| [name.to_owned(), value]);
        fixed.into_iter().chain(given).chain([body.url.clone()]).collect()
    }

    pub(super) fn post(&self, body: &Body) -> Result<(), String> {
        run("curl", &self.command(body))
    }
}

/// Python's `requests`.
pub(super) struct Requests(PathBuf);

impl Requests {
    pub(super) fn find() -> Result<Self, String> {
        let python = on_path("python3").ok_or("apt-get install python3-requests")?;
        let mut probe = Command::new(&python);
        probe.args(["-c", "import requests"]).stdout(Stdio::null()).stderr(Stdio::null());
        if probe.status().is_ok_and(|status| status.success()) {
            Ok(Self(python))
        } else {
            Err("apt-get install python3-requests".into())
        }
    }

    /// The command that posts `body`.
    pub(super) fn command(&self, body: &Body) -> Vec<String> {
        self.command_of(body, std::slice::from_ref(&body.body))
    }

    fn command_of(&self, body: &Body, bodies: &[PathBuf]) -> Vec<String> {
        let at = |path: &PathBuf| path.display().to_string();
        let fixed = [at(&self.0), at(&body.script), body.url.clone(), at(&body.ca), at(&body.identity)];
        fixed.into_iter().chain(bodies.iter().map(at)).collect()
    }

    pub(super) fn post(&self, body: &Body) -> Result<(), String> {
        run("requests", &self.command(body))
    }

    /// One POST for each of `bodies`, on one connection.
    pub(super) fn post_all(&self, body: &Body, bodies: &[PathBuf]) -> Result<(), String> {
        run("requests", &self.command_of(body, bodies))
    }
}

/// `der`, a certificate, as PEM.
pub(super) fn pem(der: &[u8]) -> String {
    let body = BASE64.encode(der);
    let lines = body.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn run(name: &str, words: &[String]) -> Result<(), String> {
    let Some((program, rest)) = words.split_first() else {
        return Err("nothing to run".into());
    };
    let out = Command::new(program).args(rest).output().map_err(|error| error.to_string())?;
    if out.status.success() {
        Ok(())
    } else {
        Err(format!("{name} was refused: {}", String::from_utf8_lossy(&out.stderr).trim()))
    }
}
