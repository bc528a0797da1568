//! Makes a gateway: CA, server certificate, policy key, database, administrator.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use agent_logic::model::{Digest, TenantId};
use agent_logic::redact::Secret;
use data_encoding::BASE64;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PublicKeyData as _, SanType,
};
use serde::{Deserialize, Serialize};

use crate::admin::{self, make_random, make_secret};
use crate::ca::{backdated, make_serial, set_life};
use crate::clock::{days, now};
use crate::failure::SetupError;
use crate::home::{self, Home};
use crate::policy::{self, Change};
use crate::store::{Place, Setting, Store};

/// What a partner's app compiles in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trust {
    /// Trusted CAs, base64 of DER.
    pub ca: Vec<String>,
    /// SHA-256 of the SubjectPublicKeyInfo of the server's key and of the backup key, hexadecimal.
    pub pins: Vec<Digest>,
    /// Policy keys, base64 of the SubjectPublicKeyInfo.
    pub policy_keys: Vec<String>,
    /// The host that configuration must stay under.
    pub host_suffix: String,
}

/// What `init` made.
#[derive(Debug)]
pub struct Made {
    /// The tenant.
    pub tenant: TenantId,
    /// The console's password.
    pub admin_password: Secret<String>,
    /// What the partner's app compiles in.
    pub trust: Trust,
}

/// Makes a gateway for `host` in `home`.
pub fn init(home: &Home, host: &str, tenant: Option<TenantId>) -> Result<Made, SetupError> {
    if home.database().exists() || home.ca_key().exists() {
        return Err(SetupError::Exists(home.dir().into()));
    }
    home::make_private_dir(home.dir())?;
    home::make_private_dir(&home.signer())?;
    let tenant = tenant.map_or_else(make_tenant, Ok)?;
    let trust = make_keys(home, host)?;
    let admin_password = make_secret()?;
    home::write_private(&home.admin_password(), format!("{}\n", admin_password.reveal()).as_bytes())?;
    home::write_private(&home.connector_secret(), format!("{}\n", make_secret()?.reveal()).as_bytes())?;
    let text = serde_json::to_vec_pretty(&trust).map_err(|_| SetupError::Form("trust.json"))?;
    home::write_public(&home.trust(), &text)?;

    home::write_private(&home.database(), &[])?;
    let store = Store::open(&home.database())?;
    let hash = admin::hash(&admin_password)?;
    store.transact(|tx| {
        tx.set(Setting::Tenant, &tenant.reveal())?;
        tx.set(Setting::AdminHash, &hash)
    })?;
    home::write_private(&home.signer_hash(), hash.as_bytes())?;
    policy::change(home, &store, None, &Change::default(), Place::CommandLine.into())?;
    Ok(Made { tenant, admin_password, trust })
}

fn make_keys(home: &Home, host: &str) -> Result<Trust, SetupError> {
    let failed = |_| SetupError::Crypto("a new key");
    let (ca_key, server_key) = (KeyPair::generate().map_err(failed)?, KeyPair::generate().map_err(failed)?);
    let (backup_key, policy_key) =
        (KeyPair::generate().map_err(failed)?, KeyPair::generate().map_err(failed)?);
    home::write_private(&home.ca_key(), ca_key.serialized_der())?;
    home::write_private(&home.server_key(), server_key.serialized_der())?;
    home::write_private(&home.backup_key(), backup_key.serialized_der())?;
    home::write_private(&home.policy_key(), policy_key.serialized_der())?;
    let (server_spki, backup_spki) =
        (server_key.subject_public_key_info(), backup_key.subject_public_key_info());

    let params = ca_params()?;
    let ca = params.self_signed(&ca_key).map_err(failed)?;
    let issuer = Issuer::new(params, ca_key);
    let server = server_params(host)?.signed_by(&server_key, &issuer).map_err(failed)?;
    home::write_public(&home.ca_certificate(), ca.der())?;
    home::write_public(&home.server_certificate(), server.der())?;
    Ok(Trust {
        ca: vec![BASE64.encode(ca.der())],
        pins: vec![Digest::of(&server_spki), Digest::of(&backup_spki)],
        policy_keys: vec![BASE64.encode(&policy_key.subject_public_key_info())],
        host_suffix: host.into(),
    })
}

fn ca_params() -> Result<CertificateParams, SetupError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "mtd-gateway CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_life(&mut params, backdated(now()), now().plus(days(CA_DAYS)));
    params.serial_number = Some(make_serial()?);
    Ok(params)
}

fn server_params(host: &str) -> Result<CertificateParams, SetupError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, host);
    let name = host.try_into().map_err(|_| SetupError::Bounds("the host is no DNS name"))?;
    params.subject_alt_names = vec![
        SanType::DnsName(name),
        SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    set_life(&mut params, backdated(now()), now().plus(days(SERVER_DAYS)));
    params.serial_number = Some(make_serial()?);
    Ok(params)
}

fn make_tenant() -> Result<TenantId, SetupError> {
    let hex = data_encoding::HEXLOWER.encode(&make_random::<16>()?);
    let mut text = String::new();
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text.parse().map_err(|_| SetupError::Crypto("the system's randomness"))
}

/// Days a CA certificate lives.
const CA_DAYS: u64 = 3650;

/// Days a server certificate lives; the limit that browsers' programmes set.
const SERVER_DAYS: u64 = 397;
