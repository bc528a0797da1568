//! The folder, the processes and the commands of one run.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use agent_logic::model::Digest;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use super::{Mishap, Part};
use crate::path::{Mode, Ready as PathReady, Seen};

/// The connector pushes at once; this is far more than it needs.
const SETTLE_WITHIN: Duration = Duration::from_secs(8);

/// The tenant of the story.
const TENANT: &str = "6babcaad-604b-40ac-a9d7-9fd97c0b779f";

/// Public indicators, after `tests/data/stalkerware-indicators/README.md`.
const IOC: &str = include_str!("../../data/stalkerware-indicators/ioc.yaml");
const SAMPLES: &str = include_str!("../../data/stalkerware-indicators/samples.csv");

/// One app that the indicators name.
pub(super) struct Indicator {
    pub(super) name: String,
    pub(super) package: String,
    /// SHA-1 of its signer certificate, lower-case hexadecimal.
    pub(super) signer: String,
}

/// One family in `ioc.yaml`, as far as the story needs it.
#[derive(Deserialize)]
struct IocFamily {
    name: String,
    #[serde(default)]
    packages: Vec<String>,
    #[serde(default)]
    certificates: Vec<String>,
}

/// Everything that runs, and where.
pub(super) struct Stage {
    folder: TempDir,
    pub(super) main: Device,
    pub(super) second: Device,
    pub(super) gateway: Gateway,
    _intune: Running,
    path: Running,
    path_port: u16,
    seed: u64,
}

/// The reference cloud, while it runs.
pub(super) struct Gateway {
    running: Option<Running>,
    address: String,
    pub(super) console: String,
    intune: String,
}

/// One stand-in device.
#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) id: String,
    pub(super) dir: PathBuf,
    planted: PathBuf,
}

/// A child that ends with the story.
struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct GatewayReady {
    gateway: String,
    console: String,
}

#[derive(Deserialize)]
struct IntuneReady {
    intune: String,
}

impl Stage {
    /// Makes the gateway's folder, starts stand-in, gateway and path, and prepares two devices.
    pub(super) fn set(seed: u64) -> Result<Self, Mishap> {
        let folder = tempfile::Builder::new().prefix("mtd-story-").tempdir()?;
        let cloud = folder.path().join("cloud");
        let init = ["init", "--host", "localhost", "--tenant", TENANT, "--dir"];
        run(Part::Gateway, &[init.as_slice(), &[text(&cloud)?]].concat())?;
        let secret = cloud.join("connector-secret");
        let intune_dir = folder.path().join("intune");
        let mut intune = Running::start(
            Part::Intune,
            &[
                "serve",
                "--required-level",
                "medium",
                "--dir",
                text(&intune_dir)?,
                "--secret-file",
                text(&secret)?,
            ],
        )?;
        let ready: IntuneReady = intune.line()?;
        let mut gateway = Gateway {
            running: None,
            address: "127.0.0.1:0".into(),
            console: String::new(),
            intune: ready.intune,
        };
        gateway.start(&cloud, &[])?;
        let mut path = Running::start(Part::Path, &["--to", &gateway.address])?;
        let ready: PathReady = path.line()?;
        Ok(Self {
            main: Device::new(folder.path(), "phone", seed, 0)?,
            second: Device::new(folder.path(), "tablet", seed, 1)?,
            folder,
            gateway,
            _intune: intune,
            path,
            path_port: ready.path.port(),
            seed,
        })
    }

    pub(super) fn cloud(&self) -> PathBuf {
        self.folder.path().join("cloud")
    }

    pub(super) fn intune_database(&self) -> PathBuf {
        self.folder.path().join("intune").join("intune.db")
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What a device is told: the path's address under the name in the gateway's certificate.
    pub(super) fn gateway_url(&self) -> String {
        format!("https://localhost:{}", self.path_port)
    }

    pub(super) const fn tenant() -> &'static str {
        TENANT
    }

    /// Sets the path's mode; what it saw before.
    pub(super) fn path(&mut self, mode: Mode) -> Result<Seen, Mishap> {
        let word = match mode {
            Mode::Pass => "pass",
            Mode::Intercept => "intercept",
            Mode::Withhold => "withhold",
            Mode::Down => "down",
        };
        self.path.say(word)
    }

    /// What the path saw since it was asked last.
    pub(super) fn seen(&mut self) -> Result<Seen, Mishap> {
        self.path.say("count")
    }

    /// An administrator's command; its standard output.
    pub(super) fn administer(&self, args: &[&str]) -> Result<String, Mishap> {
        let cloud = self.cloud();
        let (command, rest) = args.split_first().ok_or("no command")?;
        run(Part::Gateway, &[&[*command, "--dir", text(&cloud)?], rest].concat())
    }

    /// A one-time code for a device.
    pub(super) fn code(&self, device: &Device) -> Result<String, Mishap> {
        Ok(self.administer(&["code", "--device", &device.id])?.trim().to_owned())
    }

    pub(super) fn restart_gateway(&mut self, more: &[&str]) -> Result<(), Mishap> {
        let cloud = self.cloud();
        self.gateway.start(&cloud, more)
    }

    pub(super) fn stop_gateway(&mut self) {
        self.gateway.running = None;
    }

    /// One life of a device's process: starts, does, ends. Its status.
    pub(super) fn device(&self, device: &Device, args: &[&str]) -> Result<Value, Mishap> {
        let out = Command::new(std::env::current_exe()?).args(self.device_args(device, args)?).output()?;
        let text = if out.status.success() { &out.stdout } else { &out.stderr };
        serde_json::from_slice(text).map_err(|_| {
            format!("the device says no status: {}", String::from_utf8_lossy(&out.stderr)).into()
        })
    }

    /// A device's process that is left running.
    pub(super) fn device_running(&self, device: &Device, args: &[&str]) -> Result<Child, Mishap> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(self.device_args(device, args)?).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command.spawn()?)
    }

    /// Waits until `seen` gives something, as long as a push may take.
    pub(super) fn wait<T>(mut seen: impl FnMut() -> Result<Option<T>, Mishap>) -> Result<Option<T>, Mishap> {
        let end = Instant::now().checked_add(SETTLE_WITHIN).ok_or("no time")?;
        loop {
            if let Some(found) = seen()? {
                return Ok(Some(found));
            }
            if Instant::now() >= end {
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Imports the public indicators that stand in the tree, and signs the set.
    pub(super) fn import_indicators(&self) -> Result<(), Mishap> {
        let (ioc, samples) = (self.folder.path().join("ioc.yaml"), self.folder.path().join("samples.csv"));
        std::fs::write(&ioc, IOC)?;
        std::fs::write(&samples, SAMPLES)?;
        self.administer(&["indicators", "--ioc", text(&ioc)?, "--samples", text(&samples)?])?;
        Ok(())
    }

    /// What a person types to try a device by hand.
    pub(super) fn by_hand(&self) -> Result<String, Mishap> {
        let trust = self.cloud().join("trust.json");
        let url = self.gateway_url();
        Ok(format!(
            "cargo run --bin mtd-device -- --trust {} --dir D activate --gateway {url} --tenant {TENANT} --device GUID --code CODE",
            text(&trust)?
        ))
    }

    fn device_args(&self, device: &Device, args: &[&str]) -> Result<Vec<String>, Mishap> {
        let trust = self.cloud().join("trust.json");
        let seed = self.seed.to_string();
        let fixed = [
            Part::Device.name(),
            "--json",
            "--dir",
            text(&device.dir)?,
            "--trust",
            text(&trust)?,
            "--planted",
            text(&device.planted)?,
            "--seed",
            &seed,
        ];
        Ok(fixed.iter().chain(args).map(|arg| (*arg).to_owned()).collect())
    }
}

impl Indicator {
    /// The first family of which a package name and a signer are public.
    pub(super) fn real() -> Result<Self, Mishap> {
        let families: Vec<IocFamily> = serde_norway::from_str(IOC)?;
        let named = families.into_iter().find_map(|family| {
            let package = family.packages.into_iter().next()?;
            let signer = family.certificates.into_iter().next()?.to_ascii_lowercase();
            Some(Self { name: family.name, package, signer })
        });
        named.ok_or_else(|| "no indicator has both a package name and a signer".into())
    }
}

impl Gateway {
    fn start(&mut self, cloud: &Path, more: &[&str]) -> Result<(), Mishap> {
        // The port is free again only when the old process is gone.
        self.running = None;
        let secret = cloud.join("connector-secret");
        let fixed = [
            "serve",
            "--dir",
            text(cloud)?,
            "--listen",
            &self.address,
            "--intune",
            &self.intune,
            "--intune-secret-file",
            text(&secret)?,
        ];
        let mut running = Running::start(Part::Gateway, &[fixed.as_slice(), more].concat())?;
        let ready: GatewayReady = running.line()?;
        self.address = ready.gateway;
        self.console = ready.console;
        self.running = Some(running);
        Ok(())
    }
}

impl Device {
    fn new(folder: &Path, name: &str, seed: u64, nth: u64) -> Result<Self, Mishap> {
        let digest = Digest::of_parts([seed.to_be_bytes().as_slice(), &nth.to_be_bytes()]).to_string();
        let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default().to_owned();
        let id = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-");
        let planted = folder.join(format!("{name}-apps.json"));
        std::fs::write(&planted, "{}")?;
        Ok(Self { id, dir: folder.join(name), planted })
    }

    /// Adds and removes apps at the inventory port.
    pub(super) fn plant(&self, overlay: &Value) -> Result<(), Mishap> {
        Ok(std::fs::write(&self.planted, overlay.to_string())?)
    }
}

impl Running {
    fn start(part: Part, args: &[&str]) -> Result<Self, Mishap> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(part.name()).args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        Ok(Self { child, input, output })
    }

    fn say<T: serde::de::DeserializeOwned>(&mut self, word: &str) -> Result<T, Mishap> {
        writeln!(self.input, "{word}")?;
        self.line()
    }

    fn line<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, Mishap> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        serde_json::from_str(&line).map_err(|_| "a process of the story did not come up".into())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn run(part: Part, args: &[&str]) -> Result<String, Mishap> {
    let out = Command::new(std::env::current_exe()?).arg(part.name()).args(args).output()?;
    if out.status.success() {
        Ok(String::from_utf8(out.stdout)?)
    } else {
        Err(String::from_utf8_lossy(&out.stderr).into_owned().into())
    }
}

fn text(path: &Path) -> Result<&str, Mishap> {
    path.to_str().ok_or_else(|| "a path that is not text".into())
}
