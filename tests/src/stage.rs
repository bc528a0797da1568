//! The folder, the processes and the commands of one run of the whole system; used by the story and by tests.

pub mod evidence;
mod indicator;
mod process;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use agent_logic::model::Digest;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

pub use indicator::Indicator;
pub(crate) use indicator::{IOC, SAMPLES};
pub use process::Part;
use process::{Running, run};

use crate::path::{Mode, Ready as PathReady, Seen};

/// The connector pushes at once; this is far more than it needs.
const SETTLE_WITHIN: Duration = Duration::from_secs(30);

/// The tenant of the story.
const TENANT: &str = "6babcaad-604b-40ac-a9d7-9fd97c0b779f";

/// Arguments of a gateway that lets one device make the requests of a fleet.
pub const UNPACED: [&str; 2] = ["--requests-per-minute", "1000000"];

/// What goes wrong in the machinery, as opposed to a step that does not hold.
pub type Mishap = Box<dyn std::error::Error + Send + Sync>;

/// Everything that runs, and where.
pub struct Stage {
    program: PathBuf,
    folder: TempDir,
    /// The phone.
    pub main: Device,
    /// Another device.
    pub second: Device,
    /// The reference cloud.
    pub gateway: Gateway,
    _intune: Running,
    path: Running,
    path_port: u16,
    seed: u64,
}

/// The reference cloud, while it runs.
pub struct Gateway {
    running: Option<Running>,
    address: String,
    /// Address of its console.
    pub console: String,
    intune: String,
}

/// One stand-in device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its Entra device ID.
    pub id: String,
    /// Its folder: keys and sealed state.
    pub dir: PathBuf,
    planted: PathBuf,
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
    pub fn set(program: &Path, seed: u64) -> Result<Self, Mishap> {
        let folder = tempfile::Builder::new().prefix("mtd-story-").tempdir()?;
        let cloud = folder.path().join("cloud");
        let init = ["init", "--host", "localhost", "--tenant", TENANT, "--dir"];
        run(program, Part::Gateway, &[init.as_slice(), &[text(&cloud)?]].concat())?;
        let secret = cloud.join("connector-secret");
        let intune_dir = folder.path().join("intune");
        let mut intune = Running::start(
            program,
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
        gateway.start(program, &cloud, &[])?;
        let mut path = Running::start(program, Part::Path, &["--to", &gateway.address])?;
        let ready: PathReady = path.line()?;
        Ok(Self {
            program: program.to_owned(),
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

    /// The gateway's folder.
    pub fn cloud(&self) -> PathBuf {
        self.folder.path().join("cloud")
    }

    /// The stand-in's database.
    pub fn intune_database(&self) -> PathBuf {
        self.folder.path().join("intune").join("intune.db")
    }

    /// The folder that holds everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What a device is told: the path's address under the name in the gateway's certificate.
    pub fn gateway_url(&self) -> String {
        format!("https://localhost:{}", self.path_port)
    }

    /// The port on which the gateway itself waits for devices, past the network between.
    pub fn gateway_port(&self) -> u16 {
        self.gateway.address.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default()
    }

    /// The tenant.
    pub const fn tenant() -> &'static str {
        TENANT
    }

    /// Sets the path's mode; what it saw before.
    pub fn path(&mut self, mode: Mode) -> Result<Seen, Mishap> {
        let word = match mode {
            Mode::Pass => "pass",
            Mode::Intercept => "intercept",
            Mode::Withhold => "withhold",
            Mode::Down => "down",
        };
        self.path.say(word)
    }

    /// What the path saw since it was asked last.
    pub fn seen(&mut self) -> Result<Seen, Mishap> {
        self.path.say("count")
    }

    /// An administrator's command; its standard output.
    pub fn administer(&self, args: &[&str]) -> Result<String, Mishap> {
        let cloud = self.cloud();
        let (command, rest) = args.split_first().ok_or("no command")?;
        run(&self.program, Part::Gateway, &[&[*command, "--dir", text(&cloud)?], rest].concat())
    }

    /// A one-time code for a device.
    pub fn code(&self, device: &Device) -> Result<String, Mishap> {
        Ok(self.administer(&["code", "--device", &device.id])?.trim().to_owned())
    }

    /// Starts the gateway again on its port, with more options.
    pub fn restart_gateway(&mut self, more: &[&str]) -> Result<(), Mishap> {
        let cloud = self.cloud();
        let program = self.program.clone();
        self.gateway.start(&program, &cloud, more)
    }

    /// The gateway's process.
    pub fn gateway_process(&self) -> Option<u32> {
        self.gateway.running.as_ref().map(Running::process)
    }

    /// Kills the gateway.
    pub fn stop_gateway(&mut self) {
        self.gateway.running = None;
    }

    /// One life of a device's process: starts, does, ends. Its status.
    pub fn device(&self, device: &Device, args: &[&str]) -> Result<Value, Mishap> {
        let out = Command::new(&self.program).args(self.device_args(device, args)?).output()?;
        let text = if out.status.success() { &out.stdout } else { &out.stderr };
        serde_json::from_slice(text).map_err(|_| {
            format!("the device says no status: {}", String::from_utf8_lossy(&out.stderr)).into()
        })
    }

    /// A device's process that is left running.
    pub fn device_running(&self, device: &Device, args: &[&str]) -> Result<Child, Mishap> {
        let mut command = Command::new(&self.program);
        command.args(self.device_args(device, args)?).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command.spawn()?)
    }

    /// Waits until `seen` gives something, as long as a push may take.
    pub fn wait<T>(mut seen: impl FnMut() -> Result<Option<T>, Mishap>) -> Result<Option<T>, Mishap> {
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
    pub fn import_indicators(&self) -> Result<(), Mishap> {
        let (ioc, samples) = (self.folder.path().join("ioc.yaml"), self.folder.path().join("samples.csv"));
        std::fs::write(&ioc, IOC)?;
        std::fs::write(&samples, SAMPLES)?;
        self.administer(&["indicators", "--ioc", text(&ioc)?, "--samples", text(&samples)?])?;
        Ok(())
    }

    /// What a person types to try a device by hand.
    pub fn by_hand(&self) -> Result<String, Mishap> {
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

impl Gateway {
    fn start(&mut self, program: &Path, cloud: &Path, more: &[&str]) -> Result<(), Mishap> {
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
        let mut running = Running::start(program, Part::Gateway, &[fixed.as_slice(), more].concat())?;
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
    pub fn plant(&self, overlay: &Value) -> Result<(), Mishap> {
        Ok(std::fs::write(&self.planted, overlay.to_string())?)
    }
}

fn text(path: &Path) -> Result<&str, Mishap> {
    path.to_str().ok_or_else(|| "a path that is not text".into())
}
