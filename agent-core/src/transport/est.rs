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
use base64ct::{Base64, Encoding as _};
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
    let body = Base64::encode_string(enrol.request.as_slice());
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
            let pair = Zeroizing::new(Base64::encode_string(pair.as_bytes()));
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
    let text = str::from_utf8(body).map_err(|_| MALFORMED)?;
    let text: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    Base64::decode_vec(&text).map_err(|_| MALFORMED)
}

const MALFORMED: EnrolFailure = EnrolFailure::Send(SendFailure::Unreadable(Unreadable::Malformed));

/// RFC 8951 tells receivers to ignore it; some in the field demand it still.
const CONTENT_TRANSFER_ENCODING: &str = "content-transfer-encoding";

const PKCS7: &str = "application/pkcs7-mime";
const PKCS10: &str = "application/pkcs10";
const CSR_ATTRIBUTES: &str = "application/csrattrs";

/// A chain of eight certificates with RSA-4096 keys is a quarter of it.
pub(super) const MAX_BODY: usize = 64 * 1024;

/// Redirects of one GET, all to the same origin.
const MAX_REDIRECTS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;

    /// What another decoder reads, but for several padded texts in a row, which it takes as one.
    fn read(text: &[u8]) -> Result<Vec<u8>, EnrolFailure> {
        let text: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        if text.iter().skip_while(|byte| **byte != b'=').count() > 2 {
            return Err(MALFORMED);
        }
        BASE64.decode(&text).map_err(|_| MALFORMED)
    }

    #[test]
    fn a_body_is_read_as_by_another_decoder_whatever_one_byte_is() {
        for length in 0..48_u8 {
            let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(97) ^ length).collect();
            let text = BASE64.encode(&bytes).into_bytes();
            assert_eq!(unwrap(&text), Ok(bytes));
            for at in 0..text.len() {
                for other in 0..=u8::MAX {
                    let mut damaged = text.clone();
                    damaged[at] = other;
                    assert_eq!(unwrap(&damaged), read(&damaged), "{damaged:02x?}");
                    damaged = text.clone();
                    damaged.insert(at, other);
                    assert_eq!(unwrap(&damaged), read(&damaged), "{damaged:02x?}");
                }
            }
        }
        assert_eq!(unwrap(b"AA==AA=="), Err(MALFORMED));
        assert_eq!(unwrap(" AA\r\n\t\x0c=\n=".as_bytes()), Ok(vec![0]));
        // No-break space is none.
        assert_eq!(unwrap("AA==\u{a0}".as_bytes()), Err(MALFORMED));
    }
}
