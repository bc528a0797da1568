//! Activation credentials: read from the request, decided against the database.

use std::time::Instant;

use agent_logic::model::{DeviceId, Digest};
use agent_logic::redact::Secret;
use agent_logic::time::Wall;
use agent_logic::wire::ProblemKind;
use axum::http::{HeaderMap, header};
use data_encoding::BASE64;

use crate::api::Gateway;
use crate::csr::Request;
use crate::entra::TokenFailure;
use crate::refusal::Refusal;
use crate::store::{Setting, StoreError, Tx};

/// Wrong codes after which a device's codes are locked until a new one is made.
pub const MAX_CODE_FAILURES: u32 = 5;

/// What a request shows.
#[derive(Debug)]
pub enum Credential {
    /// (a) An Entra token.
    Token(Secret<String>),
    /// (b) or (c): a device ID and a code or an enrolment key.
    Password(DeviceId, Secret<String>),
}

/// A credential that is good for a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// (a).
    Token,
    /// (b), for the first time, with the code's digest.
    Code(Digest),
    /// (b), used before by the same key: good for the certificate that was issued then and for nothing else.
    UsedCode,
    /// (c).
    EnrolmentKey,
}

impl Credential {
    /// Reads `Authorization`; absent or unreadable is refused with a challenge.
    pub fn read(headers: &HeaderMap) -> Result<Self, Refusal> {
        let text = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .ok_or(Refusal::UNKNOWN_CREDENTIAL)?;
        let (scheme, rest) = text.trim().split_once(' ').ok_or(Refusal::UNKNOWN_CREDENTIAL)?;
        if scheme.eq_ignore_ascii_case("bearer") {
            return Ok(Self::Token(Secret::new(rest.trim().into())));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(Refusal::UNKNOWN_CREDENTIAL);
        }
        let (user, password) = basic(rest.trim()).ok_or(Refusal::UNKNOWN_CREDENTIAL)?;
        let device = user.parse().map_err(|_| Refusal::UNKNOWN_CREDENTIAL)?;
        Ok(Self::Password(device, password))
    }
}

/// User and password of HTTP Basic.
#[must_use]
pub fn basic(encoded: &str) -> Option<(String, Secret<String>)> {
    let bytes = BASE64.decode(encoded.as_bytes()).ok()?;
    let text = Secret::new(String::from_utf8(bytes).ok()?);
    let (user, password) = text.reveal().split_once(':')?;
    Some((user.into(), Secret::new(password.into())))
}

/// Decides whether `credential` enrols the device that `request` names. What it counts must be kept even
/// when it refuses, hence the two results.
pub fn decide(
    gateway: &Gateway,
    tx: &Tx<'_>,
    credential: &Credential,
    request: &Request,
    now: Wall,
) -> Result<Result<Accepted, Refusal>, StoreError> {
    match credential {
        Credential::Token(token) => {
            let Some(entra) = &gateway.entra else {
                return Ok(Err(Refusal::UNKNOWN_CREDENTIAL));
            };
            let verified = entra.verify(token.reveal(), &tx.get(Setting::Tenant)?, now);
            match verified {
                Ok(device) if device == request.device => {}
                Ok(_) => return refuse(ProblemKind::CredentialRefused),
                Err(TokenFailure::Refused) => return Ok(Err(Refusal::UNKNOWN_CREDENTIAL)),
                Err(TokenFailure::Expired) => return refuse(ProblemKind::CredentialExpired),
            }
            if tx.device(&request.device)?.is_some_and(|device| device.revoked) {
                return refuse(ProblemKind::Revoked);
            }
            Ok(Ok(Accepted::Token))
        }
        Credential::Password(device, _) if *device != request.device => {
            refuse(ProblemKind::CredentialRefused)
        }
        Credential::Password(device, password) => {
            let digest = Digest::of(password.reveal().as_bytes());
            match tx.group_of_key(digest)? {
                Some(group) => enrolment_key(gateway, tx, &group, request, now),
                None => code(tx, device, digest, request, now),
            }
        }
    }
}

fn code(
    tx: &Tx<'_>,
    device: &DeviceId,
    digest: Digest,
    request: &Request,
    now: Wall,
) -> Result<Result<Accepted, Refusal>, StoreError> {
    let locked = tx.device(device)?.is_some_and(|device| device.code_failures >= MAX_CODE_FAILURES);
    let Some(code) = tx.code(device, digest)?.filter(|_| !locked) else {
        if tx.has_unused_code(device)? {
            tx.count_code_failure(device)?;
        }
        return Ok(Err(Refusal::UNKNOWN_CREDENTIAL));
    };
    match code.used_by {
        Some(key) if key == request.spki_digest() => Ok(Ok(Accepted::UsedCode)),
        Some(_) => refuse(ProblemKind::CredentialBurnt),
        None if code.expires <= now => refuse(ProblemKind::CredentialExpired),
        None => Ok(Ok(Accepted::Code(digest))),
    }
}

fn enrolment_key(
    gateway: &Gateway,
    tx: &Tx<'_>,
    group: &str,
    request: &Request,
    now: Wall,
) -> Result<Result<Accepted, Refusal>, StoreError> {
    if let Err(seconds) = gateway.throttle.take(request.device, Instant::now()) {
        return Ok(Err(Refusal::throttled(seconds)));
    }
    let Some(device) = tx.device(&request.device)?.filter(|device| device.group.as_deref() == Some(group))
    else {
        return refuse(ProblemKind::NotEligible);
    };
    if device.revoked {
        return refuse(ProblemKind::Revoked);
    }
    let lives = device.activation != agent_logic::model::Activation::Deactivated
        && tx
            .living_certificates(&device.id, now)?
            .iter()
            // The same key once more is a request whose answer was lost.
            .any(|certificate| certificate.spki != request.spki_digest());
    if lives { refuse(ProblemKind::AlreadyEnrolled) } else { Ok(Ok(Accepted::EnrolmentKey)) }
}

const fn refuse<T>(kind: ProblemKind) -> Result<Result<T, Refusal>, StoreError> {
    Ok(Err(Refusal::of(kind)))
}
