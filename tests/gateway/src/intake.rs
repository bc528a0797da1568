//! Reading bodies with a bound and a deadline, and writing them compressed.

use std::io::{Read, Write as _};
use std::sync::Arc;
use std::time::Duration;

use agent_logic::wire::{GZIP_ABOVE, MAX_REPORT, MediaType, ProblemKind};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use http_body_util::{BodyExt as _, Limited};
use serde::Serialize;

use crate::api::Gateway;
use crate::peer::{Peer, PeerCertificate};
use crate::refusal::Refusal;

/// What a device sent, of at most `MOST` bytes, under the certificate that it showed. Without one nothing is read.
#[derive(Debug)]
pub struct Sent<const MOST: usize> {
    /// Its certificate.
    pub certificate: PeerCertificate,
    /// The TLS session was resumed.
    pub resumed: bool,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Bytes,
}

impl<const MOST: usize> FromRequest<Arc<Gateway>> for Sent<MOST> {
    type Rejection = Refusal;

    async fn from_request(request: Request, gateway: &Arc<Gateway>) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let certificate = PeerCertificate::from_request_parts(&mut parts, gateway).await?;
        let resumed = parts.extensions.get::<Peer>().is_some_and(|peer| peer.resumed);
        let (headers, within) = (parts.headers, gateway.limits.body);
        let body = read(&headers, body, MOST, within, ProblemKind::ReportInvalid).await?;
        Ok(Self { certificate, resumed, headers, body })
    }
}

/// Reads a body of at most `limit` bytes `within` a time; a longer one is refused as too large, a broken or late one
/// as `broken`.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    within: Duration,
    broken: ProblemKind,
) -> Result<Bytes, Refusal> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > limit)) {
        // What is a little too long.
        let_out(body, limit.saturating_mul(2), within).await;
        return Err(ProblemKind::TooLarge.into());
    }
    let read = tokio::time::timeout(within, Limited::new(body, limit).collect()).await;
    match read {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(ProblemKind::TooLarge.into()),
        Ok(Err(_)) | Err(_) => Err(broken.into()),
    }
}

/// Reads a body that is not wanted, of at most `limit` bytes `within` a time: a sender that is still writing does not read
/// the answer.
pub async fn let_out(body: Body, limit: usize, within: Duration) {
    let mut body = Limited::new(body, limit);
    let drained = async { while let Some(Ok(_)) = body.frame().await {} };
    let _too_long_anyway = tokio::time::timeout(within, drained).await;
}

/// The report in a body, decompressed if it says so, of at most [`MAX_REPORT`] bytes.
pub fn decompress(headers: &HeaderMap, body: Bytes) -> Result<Bytes, Refusal> {
    let Some(encoding) = headers.get(header::CONTENT_ENCODING) else {
        return Ok(body);
    };
    if encoding.as_bytes().eq_ignore_ascii_case(b"identity") {
        return Ok(body);
    }
    if !encoding.as_bytes().eq_ignore_ascii_case(b"gzip") {
        return Err(ProblemKind::ReportInvalid.into());
    }
    bounded(GzDecoder::new(body.as_ref())).map(Bytes::from)
}

/// Reads at most one byte more than a report may have: a bomb is not unpacked to find out its size.
fn bounded(reader: impl Read) -> Result<Vec<u8>, Refusal> {
    let bound = u64::try_from(MAX_REPORT).unwrap_or(u64::MAX).saturating_add(1);
    let mut out = Vec::new();
    reader.take(bound).read_to_end(&mut out).map_err(|_| Refusal::of(ProblemKind::ReportInvalid))?;
    if out.len() > MAX_REPORT { Err(ProblemKind::TooLarge.into()) } else { Ok(out) }
}

/// A JSON answer, compressed if it is long and the client takes gzip.
pub fn answer(headers: &HeaderMap, value: &impl Serialize) -> Response {
    let Ok(bytes) = serde_json::to_vec(value) else {
        return Refusal::of(ProblemKind::Unavailable).into_response();
    };
    let takes_gzip = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.split(',').any(|token| takes(token, "gzip")));
    let json = HeaderValue::from_static(MediaType::JSON);
    if bytes.len() <= GZIP_ABOVE || !takes_gzip {
        return ([(header::CONTENT_TYPE, json)], bytes).into_response();
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    match encoder.write_all(&bytes).and_then(|()| encoder.finish()) {
        Ok(small) => {
            let gzip = HeaderValue::from_static("gzip");
            ([(header::CONTENT_TYPE, json), (header::CONTENT_ENCODING, gzip)], small).into_response()
        }
        Err(_) => ([(header::CONTENT_TYPE, json)], bytes).into_response(),
    }
}

/// Whether one member of a list such as `gzip;q=0.5` names `coding` and does not forbid it.
fn takes(token: &str, coding: &str) -> bool {
    let mut parts = token.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
    named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(bytes: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap().into()
    }

    fn encoded(coding: &'static str) -> HeaderMap {
        [(header::CONTENT_ENCODING, HeaderValue::from_static(coding))].into_iter().collect()
    }

    #[test]
    fn a_body_that_grows_beyond_the_bound_is_too_large() {
        let full = vec![0; MAX_REPORT];
        assert_eq!(decompress(&encoded("gzip"), gzip(&full)).unwrap().len(), MAX_REPORT);
        let bomb = gzip(&vec![0; MAX_REPORT * 20]);
        assert!(bomb.len() < MAX_REPORT / 10);
        assert_eq!(decompress(&encoded("GZIP"), bomb), Err(ProblemKind::TooLarge.into()));
    }

    /// Fails when it is read.
    struct Untouchable;

    impl Read for Untouchable {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::Other.into())
        }
    }

    #[test]
    fn nothing_beyond_the_bound_is_unpacked() {
        let beyond = u64::try_from(MAX_REPORT).unwrap() + 1;
        let reader = std::io::repeat(0).take(beyond).chain(Untouchable);
        assert_eq!(bounded(reader), Err(ProblemKind::TooLarge.into()));
    }

    #[test]
    fn what_is_no_gzip_is_refused() {
        let whole = gzip(b"{}");
        assert_eq!(decompress(&encoded("gzip"), whole.slice(..5)), Err(ProblemKind::ReportInvalid.into()));
        assert_eq!(decompress(&encoded("br"), whole), Err(ProblemKind::ReportInvalid.into()));
    }

    #[test]
    fn a_client_takes_gzip_only_if_it_says_so() {
        assert!(takes(" gzip;q=0.5", "gzip"));
        assert!(takes("GZIP", "gzip"));
        assert!(!takes("gzip;q=0", "gzip"));
        assert!(!takes("x-gzip", "gzip"));
    }
}
