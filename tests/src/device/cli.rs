//! `mtd-device`: the stand-in for a partner's app, by hand against any gateway.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use agent_core::agent::{AgentHandle, InputError, Platform, StartError};
use agent_core::clock::SystemClock;
use agent_core::folder::Folder;
use agent_core::ports::Host;
use agent_core::trust::Trust;
use agent_logic::agent::Status;
use agent_logic::chance::Seed;
use agent_logic::command::Credential;
use agent_logic::event::{Configuration, Detection, Event, Network, Reach};
use agent_logic::failure::StorageFailure;
use agent_logic::model::{AppId, Classification, DeviceId, Digest, TenantId};
use agent_logic::redact::{Redacted, Secret};
use clap::{Args, Parser, Subcommand};

use super::keys::SoftwareKeys;
use super::sensors::LinuxSensors;
use super::{conform, logging, show};

/// A device on the real agent: software keys, a folder, this machine's packages.
#[derive(Debug, Parser)]
#[command(name = "mtd-device", version)]
struct Cli {
    /// Folder of this device: keys and sealed state.
    #[arg(long, default_value = "mtd-device")]
    dir: PathBuf,
    /// What the app's code would carry: CA, pins, policy keys and host suffix (`trust.json` of the gateway).
    #[arg(long)]
    trust: PathBuf,
    /// The same choices each time. Keys never come from it.
    #[arg(long)]
    seed: Option<u64>,
    /// JSON file that adds and removes apps at the inventory port, for a demonstration.
    #[arg(long)]
    planted: Option<PathBuf>,
    /// Report storage without encryption. Off by default: a container's storage is rarely its own to encrypt.
    #[arg(long)]
    encryption: bool,
    /// Name of the network the device is on; `offline` and `captive` are what they say.
    #[arg(long, default_value = "online")]
    network: String,
    /// Longest wait for something that is due soon, in seconds.
    #[arg(long, default_value_t = 5)]
    patience: u64,
    /// Longest run, in seconds. The OS gives a background wake about 30.
    #[arg(long, default_value_t = 28)]
    most: u64,
    /// One JSON object instead of text.
    #[arg(long)]
    json: bool,
    /// Log lines on standard error.
    #[arg(long)]
    log: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// First launch: configuration and consent, then enrolment and the first check-in.
    Activate(ActivateArgs),
    /// One wake: read the sensors, be in contact.
    CheckIn,
    /// The partner's own engine found something, or no longer finds it.
    Report(ReportArgs),
    /// What the device knows. Sends nothing.
    Status,
    /// Tell the cloud, then wipe.
    Deactivate,
    /// Try the contract's cases against any server and print how each went. Uses no device folder.
    Conform(conform::ConformArgs),
}

#[derive(Debug, Args)]
struct ActivateArgs {
    /// `https://host[:port]` of the partner's cloud.
    #[arg(long)]
    gateway: Option<String>,
    /// The Entra device ID.
    #[arg(long)]
    device: Option<String>,
    /// The Entra tenant.
    #[arg(long)]
    tenant: Option<String>,
    /// One-time code.
    #[arg(long, conflicts_with_all = ["token_file", "enrolment_key"])]
    code: Option<String>,
    /// File with an Entra token.
    #[arg(long, conflicts_with = "enrolment_key")]
    token_file: Option<PathBuf>,
    /// The tenant's enrolment key.
    #[arg(long)]
    enrolment_key: Option<String>,
    /// The user has not agreed.
    #[arg(long)]
    no_consent: bool,
}

#[derive(Debug, Args)]
struct ReportArgs {
    /// For example `ROGUE_WIFI`.
    #[arg(long)]
    classification: String,
    /// The app it is in.
    #[arg(long)]
    app: Option<String>,
    /// It is gone.
    #[arg(long)]
    cleared: bool,
}

/// Why the program ends with a status that is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Argument(&'static str),
    File(&'static str),
    Start(StartError),
    Input(InputError),
}

/// Runs the program with `args`, the first of which is its name.
pub fn main_with(args: impl Iterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let _closed = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    if cli.log {
        logging::to_stderr();
    }
    if let Command::Conform(args) = &cli.command {
        return match conform::print(&cli.trust, args) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(conform::Unusable) => {
                show::fault(&Fault::File("trust").text(), cli.json);
                ExitCode::FAILURE
            }
        };
    }
    match cli.run() {
        Ok(status) => {
            show::status(&status, cli.json);
            ExitCode::SUCCESS
        }
        Err(fault) => {
            show::fault(&fault.text(), cli.json);
            ExitCode::FAILURE
        }
    }
}

impl Cli {
    fn run(&self) -> Result<Status, Fault> {
        let events = self.events()?;
        let trust = std::fs::read_to_string(&self.trust).map_err(|_| Fault::File("trust"))?;
        let trust = Trust::from_json(&trust).map_err(|_| Fault::File("trust"))?;
        let agent = AgentHandle::start(self.platform()?, trust, self.seed()).map_err(Fault::Start)?;
        for event in events {
            agent.send(event).map_err(Fault::Input)?;
        }
        agent.settle(Duration::from_secs(self.patience), Duration::from_secs(self.most));
        agent.status().map_err(Fault::Input)
    }

    fn platform(&self) -> Result<Platform, Fault> {
        let keys = SoftwareKeys::open(self.dir.join("keys")).map_err(|_| Fault::File("keys"))?;
        let folder = Folder::open(self.dir.join("state")).map_err(|_| Fault::File("state"))?;
        let mut sensors = LinuxSensors::new();
        if let Some(planted) = &self.planted {
            sensors = sensors.with_planted(planted);
        }
        if self.encryption {
            sensors = sensors.with_encryption_check(self.dir.join("state"));
        }
        Ok(Platform {
            clock: Arc::new(SystemClock::new()),
            keys: Arc::new(keys),
            storage: Arc::new(folder),
            sensors: Arc::new(sensors),
            host: Arc::new(Silent),
        })
    }

    fn events(&self) -> Result<Vec<Event>, Fault> {
        let mut events = vec![Event::Network(self.network())];
        match &self.command {
            Command::Activate(args) => {
                events.push(Event::Consent(!args.no_consent));
                events.push(Event::Configured(args.configuration()?));
                events.push(Event::CheckIn);
            }
            Command::CheckIn => events.push(Event::CheckIn),
            Command::Report(args) => {
                let detection = args.detection()?;
                events.push(if args.cleared {
                    Event::Cleared(detection)
                } else {
                    Event::Detected(detection)
                });
            }
            Command::Status => events = vec![Event::Network(offline())],
            Command::Deactivate => events.push(Event::Deactivate),
            // Handled before an agent is made.
            Command::Conform(_) => {}
        }
        Ok(events)
    }

    fn network(&self) -> Network {
        let reach = match self.network.as_str() {
            "offline" => return offline(),
            "captive" => Reach::Captive,
            _ => Reach::Online,
        };
        Network { reach, id: Some(Digest::of(self.network.as_bytes())), metered: false }
    }

    fn seed(&self) -> Option<Seed> {
        self.seed.map(|seed| Seed(*Digest::of(&seed.to_be_bytes()).as_bytes()))
    }
}

impl ActivateArgs {
    fn configuration(&self) -> Result<Configuration, Fault> {
        let device: Option<DeviceId> = read(self.device.as_deref());
        let tenant: Option<TenantId> = read(self.tenant.as_deref());
        let secret = |text: &String| Secret::new(text.trim().to_owned());
        let credential = match (&self.code, &self.token_file, &self.enrolment_key) {
            (Some(code), _, _) => Some(Credential::Code(secret(code))),
            (_, Some(file), _) => {
                let token = std::fs::read_to_string(file).map_err(|_| Fault::File("token"))?;
                Some(Credential::Token(secret(&token)))
            }
            (_, _, Some(key)) => Some(Credential::EnrolmentKey(secret(key))),
            (None, None, None) => None,
        };
        let gateway = self.gateway.clone().map(Redacted::new);
        Ok(Configuration { gateway, device, tenant, credential, findings: Vec::new() })
    }
}

impl ReportArgs {
    fn detection(&self) -> Result<Detection, Fault> {
        let classification: Classification =
            self.classification.parse().map_err(|_| Fault::Argument("--classification"))?;
        let app = self.app.as_ref().map(|app| app.parse::<AppId>()).transpose();
        Ok(Detection { classification, app: app.map_err(|_| Fault::Argument("--app"))? })
    }
}

impl Fault {
    fn text(self) -> String {
        match self {
            Self::Argument(name) => format!("{name} cannot be read. Correct it and try again."),
            Self::File(name) => {
                format!("The {name} file or folder cannot be used. Check its path and rights.")
            }
            Self::Start(StartError::Storage(StorageFailure::Busy)) => {
                "Another process holds this device's folder. Wait for it to end.".into()
            }
            Self::Start(error) => format!("The agent does not start: {error:?}."),
            Self::Input(error) => format!("The agent takes no input: {error:?}."),
        }
    }
}

/// Values of a managed configuration are untrusted: what is no ID counts as absent.
fn read<T: std::str::FromStr>(text: Option<&str>) -> Option<T> {
    text.and_then(|text| text.trim().parse().ok())
}

fn offline() -> Network {
    Network { reach: Reach::Offline, id: None, metered: false }
}

/// This host looks at the status when it wants to.
struct Silent;

impl Host for Silent {
    fn status_changed(&self, _: &Status) {}

    fn inert(&self) {}
}
