//! The arguments of each command.

use std::net::SocketAddr;
use std::path::PathBuf;

use agent_logic::model::{Classification, DeviceId, Digest, Mode, Ownership, Severity, TenantId};
use agent_logic::wire::SignedCommand;
use clap::{Args, ValueEnum};

use crate::accounts::{Access, Name};
use crate::address::Address;
use crate::limits::REQUESTS_A_MINUTE;

/// `init`.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Folder to make.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// Host name in the server's certificate.
    #[arg(long, default_value = "localhost")]
    pub(super) host: String,
    /// Entra tenant; a random one if absent.
    #[arg(long)]
    pub(super) tenant: Option<TenantId>,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

/// `serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// Where devices connect.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(super) listen: SocketAddr,
    /// Where people connect.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(super) console: SocketAddr,
    /// Where Prometheus connects, without a login.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(super) metrics: SocketAddr,
    /// The stand-in for Intune, `http://host:port`.
    #[arg(long)]
    pub(super) intune: Option<String>,
    /// File with what the connector shows to it; the folder's `connector-secret` if absent.
    #[arg(long)]
    pub(super) intune_secret_file: Option<PathBuf>,
    /// Minutes between the connector's heartbeats.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=1440))]
    pub(super) heartbeat_minutes: u64,
    /// Minutes after which Intune is asked for a device's apps again.
    #[arg(long, default_value_t = 480, value_parser = clap::value_parser!(u64).range(1..=1440))]
    pub(super) app_sync_minutes: u64,
    /// Requests that one device may make in a minute; who makes more is told when to come again.
    #[arg(long, default_value_t = REQUESTS_A_MINUTE, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) requests_per_minute: u32,
    /// Seconds that client certificates live.
    #[arg(long, default_value_t = 60 * 24 * 60 * 60, value_parser = clap::value_parser!(u64).range(1..=400 * 24 * 60 * 60))]
    pub(super) certificate_seconds: u64,
    /// JWKS file of the Entra issuer.
    #[arg(long, requires_all = ["entra_issuer", "entra_audience"])]
    pub(super) entra_jwks: Option<PathBuf>,
    /// `iss` of accepted tokens.
    #[arg(long, requires = "entra_jwks")]
    pub(super) entra_issuer: Option<String>,
    /// `aud` of accepted tokens.
    #[arg(long, requires = "entra_jwks")]
    pub(super) entra_audience: Option<String>,
    /// File that gets the ready line too, once listening.
    #[arg(long)]
    pub(super) ready_file: Option<PathBuf>,
    /// Every log line on standard error; else warnings and errors only.
    #[arg(long)]
    pub(super) log: bool,
}

/// `code`.
#[derive(Debug, Args)]
pub(super) struct CodeArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// The Entra device ID.
    #[arg(long)]
    pub(super) device: DeviceId,
    /// Minutes that the code is accepted.
    #[arg(long, default_value_t = 4320, value_parser = clap::value_parser!(u64).range(0..=43_200))]
    pub(super) valid_minutes: u64,
}

/// `enrolment-key`.
#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// The group.
    #[arg(long)]
    pub(super) group: String,
}

/// `group`.
#[derive(Debug, Args)]
pub(super) struct GroupArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// The group's name.
    #[arg(long)]
    pub(super) name: String,
    /// A device to put into it; may be repeated.
    #[arg(long)]
    pub(super) add: Vec<DeviceId>,
}

/// `policy`.
#[derive(Debug, Args)]
pub(super) struct PolicyArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// The group whose policy changes; everybody's if absent.
    #[arg(long)]
    pub(super) group: Option<String>,
    /// Inventory may be shared.
    #[arg(long)]
    pub(super) app_sync: Option<Switch>,
    /// Unmanaged apps of personal devices may be shared.
    #[arg(long)]
    pub(super) full_personal: Option<Switch>,
    /// Who owns the devices.
    #[arg(long)]
    pub(super) ownership: Option<Owner>,
    /// Seconds between check-ins.
    #[arg(long)]
    pub(super) check_in_seconds: Option<u32>,
    /// Days without contact until disconnected.
    #[arg(long)]
    pub(super) disconnected_days: Option<u16>,
    /// A severity, such as `ADWARE=high`; may be repeated.
    #[arg(long, value_parser = severity)]
    pub(super) severity: Vec<(Classification, Severity)>,
    /// A classification's mode, such as `ADWARE=audit`; may be repeated.
    #[arg(long, value_parser = mode)]
    pub(super) mode: Vec<(Classification, Mode)>,
    /// A classification that the user may ignore; may be repeated.
    #[arg(long)]
    pub(super) ignorable: Vec<Classification>,
    /// The user may ignore nothing.
    #[arg(long, conflicts_with = "ignorable")]
    pub(super) no_ignorable: bool,
    /// Facts about the device are shared.
    #[arg(long)]
    pub(super) device_sync: Option<Switch>,
    /// Threats are shared one by one.
    #[arg(long)]
    pub(super) threat_sync: Option<Switch>,
    /// Clean handshakes that close an interception.
    #[arg(long)]
    pub(super) clean_handshakes: Option<u8>,
    /// SHA-256 of the SubjectPublicKeyInfo of a CA that inspects traffic; may be repeated.
    #[arg(long, value_parser = digest)]
    pub(super) inspection_ca: Vec<Digest>,
    /// No CA inspects traffic.
    #[arg(long, conflicts_with = "inspection_ca")]
    pub(super) no_inspection_ca: bool,
    /// Renewal keeps the key.
    #[arg(long)]
    pub(super) renew_same_key: Option<Switch>,
    /// The user cannot leave.
    #[arg(long)]
    pub(super) prevent_unenrolment: Option<Switch>,
    /// Days until the policy is refused.
    #[arg(long)]
    pub(super) expires_days: Option<u16>,
}

/// `account`.
#[derive(Debug, Args)]
pub(super) struct AccountArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// The account's name.
    #[arg(long)]
    pub(super) name: Name,
    /// How far it reaches. Its password is made anew and printed.
    #[arg(long, required_unless_present = "remove")]
    pub(super) access: Option<Access>,
    /// Remove it.
    #[arg(long, conflicts_with = "access")]
    pub(super) remove: bool,
}

/// `indicators`.
#[derive(Debug, Args)]
pub(super) struct IndicatorArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// `ioc.yaml`.
    #[arg(long, requires = "samples", required_unless_present = "stix")]
    pub(super) ioc: Option<PathBuf>,
    /// `samples.csv`.
    #[arg(long, requires = "ioc")]
    pub(super) samples: Option<PathBuf>,
    /// A STIX 2.1 bundle; may be repeated. All files together make one set, which replaces the one before.
    #[arg(long)]
    pub(super) stix: Vec<PathBuf>,
    /// What a STIX indicator is a sign of whose malware has no known type; `MALICIOUS_APP` if absent.
    #[arg(long, requires = "stix")]
    pub(super) stix_classification: Option<Classification>,
}

/// `command`.
#[derive(Debug, Args)]
pub(super) struct CommandArgs {
    /// What the device is to do.
    pub(super) what: What,
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// The Entra device ID.
    #[arg(long)]
    pub(super) device: DeviceId,
    /// Days that the device obeys it.
    #[arg(long, default_value_t = crate::command::DEFAULT_DAYS)]
    pub(super) valid_days: u16,
}

/// What a device is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum What {
    /// Tell the cloud, then wipe.
    Deactivate,
    /// Make a new key and enrol it under the present certificate.
    ReEnrol,
}

/// `notices`.
#[derive(Debug, Args)]
pub(super) struct NoticeArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// The address; no notice is written if absent.
    #[arg(long)]
    pub(super) to: Option<Address>,
}

/// `retention`.
#[derive(Debug, Args)]
pub(super) struct RetentionArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// Days that the apps of a device are kept after its last contact, 1 to 365.
    #[arg(long)]
    pub(super) inventory_days: Option<u16>,
    /// Days that history is kept, 7 to 730.
    #[arg(long)]
    pub(super) history_days: Option<u16>,
    /// Days that the audit log is kept, 90 to 3650.
    #[arg(long)]
    pub(super) audit_days: Option<u16>,
}

/// `attestation-root`.
#[derive(Debug, Args)]
pub(super) struct RootArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// The root's certificate, DER.
    #[arg(long)]
    pub(super) file: PathBuf,
}

/// `revoke`.
#[derive(Debug, Args)]
pub(super) struct DeviceArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// The Entra device ID.
    #[arg(long)]
    pub(super) device: DeviceId,
}

/// `signer`.
#[derive(Debug, Args)]
pub(super) struct FolderArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
}

/// `devices`.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// The gateway's folder.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
}

/// Who owns a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Owner {
    /// The organisation.
    Company,
    /// The user.
    Personal,
    /// Not stated.
    Unknown,
}

impl From<Switch> for bool {
    fn from(switch: Switch) -> Self {
        switch == Switch::On
    }
}

impl From<What> for SignedCommand {
    fn from(what: What) -> Self {
        match what {
            What::Deactivate => Self::Deactivate,
            What::ReEnrol => Self::ReEnrol,
        }
    }
}

impl From<Owner> for Ownership {
    fn from(owner: Owner) -> Self {
        match owner {
            Owner::Company => Self::Company,
            Owner::Personal => Self::Personal,
            Owner::Unknown => Self::Unknown,
        }
    }
}

fn severity(text: &str) -> Result<(Classification, Severity), String> {
    let (name, level) = text.split_once('=').ok_or("write CLASSIFICATION=none|low|medium|high")?;
    let classification = name.parse().map_err(|_| "no such classification")?;
    let severity = match level {
        "none" => Severity::None,
        "low" => Severity::Low,
        "medium" => Severity::Medium,
        "high" => Severity::High,
        _ => return Err("the severity is none, low, medium or high".into()),
    };
    Ok((classification, severity))
}

fn mode(text: &str) -> Result<(Classification, Mode), String> {
    let (name, mode) = text.split_once('=').ok_or("write CLASSIFICATION=off|audit|enable")?;
    let classification = name.parse().map_err(|_| "no such classification")?;
    let mode = match mode {
        "off" => Mode::Off,
        "audit" => Mode::Audit,
        "enable" => Mode::Enable,
        _ => return Err("the mode is off, audit or enable".into()),
    };
    Ok((classification, mode))
}

fn digest(text: &str) -> Result<Digest, agent_logic::model::DigestError> {
    text.to_ascii_lowercase().try_into()
}
