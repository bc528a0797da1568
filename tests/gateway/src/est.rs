//! EST: cacerts, csrattrs, simpleenroll, simplereenroll (RFC 7030 with RFC 8951).

use std::sync::Arc;

use agent_logic::model::{Activation, DeviceId, Digest};
use agent_logic::time::Wall;
use agent_logic::wire::ProblemKind;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use data_encoding::BASE64;

use crate::api::{Gateway, authenticate};
use crate::clock::now;
use crate::credential::{self, Accepted, Credential};
use crate::csr::Request;
use crate::intake;
use crate::peer::PeerCertificate;
use crate::pkcs7::certs_only;
use crate::rating;
use crate::refusal::Refusal;
use crate::store::{Certificate, Device, Entry, Event, NewCertificate, Standing, StoreError, Tx};

/// Largest certificate request in base64. A P-256 request has under 600 bytes.
pub const MAX_REQUEST: usize = 64 * 1024;

/// The CA's certificate.
pub(crate) async fn cacerts(State(gateway): State<Arc<Gateway>>) -> Response {
    answer("application/pkcs7-mime", &certs_only(&[gateway.authority.certificate()]))
}

/// What a request must be.
pub(crate) async fn csrattrs() -> Response {
    answer("application/csrattrs", CSR_ATTRIBUTES)
}

/// A first certificate.
pub(crate) async fn simpleenroll(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let credential = Credential::read(&headers)?;
    let request = read_request(&gateway, &headers, body).await?;
    let der = gateway
        .blocking(move |gateway| {
            gateway.store.transact(|tx| {
                let now = now();
                match credential::decide(gateway, tx, &credential, &request, now)? {
                    Ok(accepted) => enrol(gateway, tx, &request, accepted, now).map(Ok),
                    Err(refusal) => Ok(Err(refusal)),
                }
            })?
        })
        .await?;
    gateway.changed.notify_one();
    Ok(issued(&der))
}

/// The next certificate.
pub(crate) async fn simplereenroll(
    State(gateway): State<Arc<Gateway>>,
    certificate: PeerCertificate,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let request = read_request(&gateway, &headers, body).await?;
    let der = gateway
        .blocking(move |gateway| {
            gateway.store.transact(|tx| {
                let now = now();
                match authenticate(tx, &certificate, now)? {
                    Ok(device) => renew(gateway, tx, &device, &certificate, &request, now),
                    Err(refusal) => Ok(Err(refusal)),
                }
            })?
        })
        .await?;
    Ok(issued(&der))
}

/// First certificate of an enrolment. A request repeated with the same key gets the same certificate.
fn enrol(
    gateway: &Gateway,
    tx: &Tx<'_>,
    request: &Request,
    accepted: Accepted,
    now: Wall,
) -> Result<Vec<u8>, Refusal> {
    let key = request.spki_digest();
    tx.ensure_device(&request.device)?;
    let mut device = tx.device(&request.device)?.ok_or(StoreError::Corrupt)?;
    let kind = match accepted {
        Accepted::Token => "token",
        Accepted::Code(digest) => {
            tx.burn_code(digest, key)?;
            "code"
        }
        Accepted::EnrolmentKey => "enrolment-key",
        Accepted::UsedCode if device.revoked => return Err(ProblemKind::Revoked.into()),
        Accepted::UsedCode => {
            let held = repeated(tx, &device, key, accepted, now)?;
            return held.map(|held| held.der).ok_or(ProblemKind::CredentialBurnt.into());
        }
    };
    if device.revoked {
        // Only a new code gets here: the administrator made it for this device after revoking it.
        tx.drop_certificates(&device.id)?;
        device.revoked = false;
        tx.save_device(&device)?;
        rating::settle(tx, &device.id, now)?;
    }
    if let Some(held) = repeated(tx, &device, key, accepted, now)? {
        return Ok(held.der);
    }
    tx.set_credential(&device.id, kind)?;
    issue(gateway, tx, request, device.enrolment.saturating_add(1), Event::Enrolled, now)
}

/// The certificate of the same request when its answer was lost. One that was used already is given again only
/// for the code it was issued for: else the device has lost its state.
fn repeated(
    tx: &Tx<'_>,
    device: &Device,
    key: Digest,
    accepted: Accepted,
    now: Wall,
) -> Result<Option<Certificate>, StoreError> {
    let living = tx.living_certificates(&device.id, now)?;
    Ok(living.into_iter().filter(|held| held.spki == key).find(|held| match held.standing {
        Standing::Pending => held.enrolment > device.enrolment,
        Standing::Current => accepted == Accepted::UsedCode,
        Standing::Dropped => false,
    }))
}

/// The next certificate of a device under its present one.
fn renew(
    gateway: &Gateway,
    tx: &Tx<'_>,
    device: &DeviceId,
    present: &PeerCertificate,
    request: &Request,
    now: Wall,
) -> Result<Result<Vec<u8>, Refusal>, Refusal> {
    // RFC 7030 §4.2.2: identical, which is byte for byte.
    if request.subject != present.subject || request.san != present.san {
        return Ok(Err(ProblemKind::RequestInvalid.into()));
    }
    let known = tx.device(device)?.ok_or(StoreError::Corrupt)?;
    if known.activation == Activation::Deactivated {
        return Ok(Err(ProblemKind::CertificateRequired.into()));
    }
    let enrolment = known.enrolment;
    let waiting = tx.living_certificates(device, now)?.into_iter().find(|held| {
        held.standing == Standing::Pending
            && held.enrolment == enrolment
            && held.spki == request.spki_digest()
    });
    match waiting {
        Some(held) => Ok(Ok(held.der)),
        None => issue(gateway, tx, request, enrolment, Event::Renewed, now).map(Ok),
    }
}

fn issue(
    gateway: &Gateway,
    tx: &Tx<'_>,
    request: &Request,
    enrolment: u64,
    event: Event,
    now: Wall,
) -> Result<Vec<u8>, Refusal> {
    let issued = gateway.authority.issue(request, now).map_err(|error| {
        log::error!("no certificate could be issued: {error}");
        Refusal::of(ProblemKind::Unavailable)
    })?;
    tx.add_certificate(&NewCertificate {
        serial: &issued.serial,
        device: &request.device,
        enrolment,
        spki: request.spki_digest(),
        issued: now,
        not_after: issued.not_after,
        der: &issued.der,
    })?;
    tx.note(&request.device, &Entry { serial: Some(issued.serial), ..Entry::new(now, event) })?;
    Ok(issued.der)
}

async fn read_request(gateway: &Gateway, headers: &HeaderMap, body: Body) -> Result<Request, Refusal> {
    let invalid = Refusal::of(ProblemKind::RequestInvalid);
    let within = gateway.limits.body;
    let body: Bytes = intake::read(headers, body, MAX_REQUEST, within, ProblemKind::RequestInvalid).await?;
    // RFC 8951 §3.1: white space in base64 is tolerated.
    let text: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let der = BASE64.decode(&text).map_err(|_| invalid)?;
    Request::parse(&der).map_err(|_| invalid)
}

fn issued(der: &[u8]) -> Response {
    answer("application/pkcs7-mime; smime-type=certs-only", &certs_only(&[der]))
}

fn answer(kind: &'static str, der: &[u8]) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], BASE64.encode(der)).into_response()
}

/// `SEQUENCE { SEQUENCE { ecPublicKey, SET { secp256r1 } } }`: the key type that is demanded.
const CSR_ATTRIBUTES: &[u8] = &[
    0x30, 0x17, 0x30, 0x15, 0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 0x31, 0x0a, 0x06, 8, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 3, 1, 7,
];
