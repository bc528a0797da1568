//! Enrolment over Secure Transport (RFC 7030 with RFC 8951): the part of it this agent uses.
//!
//! `csrattrs` tells what the server demands of the key, then `simpleenroll` under a credential or
//! `simplereenroll` under the present certificate. Both run over one connection where the server lets them.

pub(super) mod attributes;
pub(super) mod issued;
pub(super) mod pkcs7;

use agent_logic::command::{Authority, Credential, Enrol, Origin};
use agent_logic::event::Enrolled;
use agent_logic::failure::{EnrolFailure, KeyFailure, SendFailure, Unreadable};
use agent_logic::time::Wall;
use agent_logic::wire::ProblemKind;
use data_encoding::BASE64;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Request, StatusCode, Uri};
use zeroize::Zeroizing;

use self::issued::Issuers;
use super::authority;
use super::line::{Line, Route};
use super::reply::Reply;
use crate::ports::KeyStore;

/// What an enrolment needs besides a route.
pub(super) struct Desk<'a> {
    pub(super) keys: &'a dyn KeyStore,
    pub(super) issuers: &'a Issuers,
    pub(super) label: Option<&'a str>,
}

/// One enrolment.
pub(super) async fn enrol(
    route: &Route<'_>,
    desk: &Desk<'_>,
    enrol: &Enrol,
) -> Result<Enrolled, EnrolFailure> {
    let key = desk
        .keys
        .find(enrol.slot)
        .and_then(|key| key.ok_or(KeyFailure::Gone))
        .map_err(|failure| EnrolFailure::Send(SendFailure::Key(failure)))?;
    let request = request(route, desk, enrol).map_err(EnrolFailure::Send)?;

    let mut line = Line::open(route).await.map_err(EnrolFailure::Send)?;
    let attributes = attributes(route, desk, &mut line).await?;
    if let Some(attributes) = attributes {
        attributes::check(&attributes)?;
    }
    let reply = ask(route, &mut line, request).await.map_err(EnrolFailure::Send)?;
    line.close().await;

    outcome(&reply, &key.public_key(), desk.issuers, enrol, route.clock.now())
}

/// What the answer to a request means.
pub(super) fn outcome(
    reply: &Reply,
    key: &[u8],
    issuers: &Issuers,
    enrol: &Enrol,
    now: Wall,
) -> Result<Enrolled, EnrolFailure> {
    match reply.status() {
        StatusCode::OK => {
            if !reply.is(PKCS7) {
                return Err(MALFORMED);
            }
            let certificates = pkcs7::certificates(&unwrap(reply.body())?)?;
            issued::check(certificates, key, enrol, issuers).map(Enrolled::Issued)
        }
        StatusCode::ACCEPTED => Ok(Enrolled::Wait(reply.retry_after(now))),
        StatusCode::UNAUTHORIZED if !reply.has_problem() => Err(unauthorized(&enrol.authority)),
        _ => Err(EnrolFailure::Send(reply.refusal(now))),
    }
}

/// What the server demands, if it says. Only what a pause is asked for stops an enrolment here: the server
/// judges the request by itself in any case.
async fn attributes(
    route: &Route<'_>,
    desk: &Desk<'_>,
    line: &mut Line,
) -> Result<Option<Vec<u8>>, EnrolFailure> {
    let mut path = path(desk, "csrattrs");
    for _ in 0..=MAX_REDIRECTS {
        let request = Request::get(path)
            .header(HOST, authority(route.origin))
            .body(Full::new(Bytes::new()))
            .map_err(|_| MALFORMED)?;
        let reply = ask(route, line, request).await.map_err(EnrolFailure::Send)?;
        let status = reply.status();
        if status.is_redirection() {
            path = same_origin(&reply, route.origin).ok_or(EnrolFailure::Send(SendFailure::Redirected))?;
        } else if status == StatusCode::OK && !reply.body().is_empty() {
            if !reply.is(CSR_ATTRIBUTES) {
                return Err(MALFORMED);
            }
            return unwrap(reply.body()).map(Some);
        } else if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            return Err(EnrolFailure::Send(reply.refusal(route.clock.now())));
        } else {
            return Ok(None);
        }
    }
    Err(EnrolFailure::Send(SendFailure::Redirected))
}

fn request(route: &Route<'_>, desk: &Desk<'_>, enrol: &Enrol) -> Result<Request<Full<Bytes>>, SendFailure> {
    let body = BASE64.encode(enrol.request.as_slice());
    let (operation, credential) = match &enrol.authority {
        Authority::Credential(credential) => ("simpleenroll", Some(credential)),
        Authority::Identity(_) => ("simplereenroll", None),
    };
    let mut request = Request::post(path(desk, operation))
        .header(HOST, authority(route.origin))
        .header(CONTENT_TYPE, PKCS10)
        .header(CONTENT_TRANSFER_ENCODING, "base64")
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| SendFailure::Offline)?;
    if let Some(credential) = credential {
        let value = authorization(credential, enrol)?;
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    Ok(request)
}

fn authorization(credential: &Credential, enrol: &Enrol) -> Result<HeaderValue, SendFailure> {
    let value = Zeroizing::new(match credential {
        Credential::Token(token) => format!("Bearer {}", token.reveal()),
        Credential::Code(code) | Credential::EnrolmentKey(code) => {
            let pair = Zeroizing::new(format!("{}:{}", enrol.device.reveal(), code.reveal()));
            let pair = Zeroizing::new(BASE64.encode(pair.as_bytes()));
            format!("Basic {}", *pair)
        }
    });
    // What cannot stand in a header is no credential of this contract.
    let mut value =
        HeaderValue::from_str(&value).map_err(|_| SendFailure::Problem(ProblemKind::CredentialRefused))?;
    value.set_sensitive(true);
    Ok(value)
}

async fn ask(
    route: &Route<'_>,
    line: &mut Line,
    request: Request<Full<Bytes>>,
) -> Result<Reply, SendFailure> {
    if !line.is_reusable().await {
        *line = Line::open(route).await?;
    }
    line.exchange(request, MAX_BODY).await
}

/// A server that knows EST and not this contract.
const fn unauthorized(authority: &Authority) -> EnrolFailure {
    EnrolFailure::Send(SendFailure::Problem(match authority {
        Authority::Credential(_) => ProblemKind::CredentialRefused,
        Authority::Identity(_) => ProblemKind::CertificateRequired,
    }))
}

fn path(desk: &Desk<'_>, operation: &str) -> String {
    match desk.label {
        Some(label) => format!("/.well-known/est/{label}/{operation}"),
        None => format!("/.well-known/est/{operation}"),
    }
}

/// Path and query of a redirect that stays at `origin`.
pub(super) fn same_origin(reply: &Reply, origin: &Origin) -> Option<String> {
    let target: Uri = reply.location()?.parse().ok()?;
    if let Some(host) = target.host() {
        let host = host.trim_matches(['[', ']']);
        let same = target.scheme_str() == Some("https")
            && host.eq_ignore_ascii_case(&origin.host)
            && target.port_u16().unwrap_or(443) == origin.port;
        if !same {
            return None;
        }
    }
    let path = target.path_and_query()?.as_str();
    path.starts_with('/').then(|| path.to_owned())
}

/// RFC 8951 §3: base64 whatever the headers say, white space tolerated.
pub(super) fn unwrap(body: &[u8]) -> Result<Vec<u8>, EnrolFailure> {
    let text: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    // The decoder also takes several padded texts one after another.
    let padding = text.iter().skip_while(|byte| **byte != b'=').count();
    if padding > MAX_PADDING {
        return Err(MALFORMED);
    }
    BASE64.decode(&text).map_err(|_| MALFORMED)
}

const MALFORMED: EnrolFailure = EnrolFailure::Send(SendFailure::Unreadable(Unreadable::Malformed));

/// RFC 8951 tells receivers to ignore it; some in the field demand it still.
const CONTENT_TRANSFER_ENCODING: &str = "content-transfer-encoding";

/// At the end of base64.
const MAX_PADDING: usize = 2;

const PKCS7: &str = "application/pkcs7-mime";
const PKCS10: &str = "application/pkcs10";
const CSR_ATTRIBUTES: &str = "application/csrattrs";

/// A chain of eight certificates with RSA-4096 keys is a quarter of it.
pub(super) const MAX_BODY: usize = 64 * 1024;

/// Redirects of one GET, all to the same origin.
const MAX_REDIRECTS: usize = 3;
