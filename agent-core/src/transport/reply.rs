//! An HTTP answer, read whole, and what its status means.

use std::time::{Duration, UNIX_EPOCH};

use agent_logic::failure::{SendFailure, Unreadable};
use agent_logic::time::Wall;
use agent_logic::wire::{MediaType, Problem, ProblemKind};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use hyper::{Response, StatusCode};

use crate::gzip;

/// An answer whose body is in memory and decompressed.
pub(super) struct Reply(Response<Vec<u8>>);

impl Reply {
    pub(super) const fn new(response: Response<Vec<u8>>) -> Self {
        Self(response)
    }

    pub(super) fn status(&self) -> StatusCode {
        self.0.status()
    }

    pub(super) fn body(&self) -> &[u8] {
        self.0.body()
    }

    pub(super) fn into_body(self) -> Vec<u8> {
        self.0.into_body()
    }

    pub(super) fn location(&self) -> Option<&str> {
        text(self.0.headers(), &LOCATION)
    }

    /// Whether the body is said to be of this media type, whatever its parameters.
    pub(super) fn is(&self, media_type: &str) -> bool {
        text(self.0.headers(), &CONTENT_TYPE)
            .and_then(|value| value.split(';').next())
            .is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type))
    }

    /// How long the server wants us to wait, within [`SHORTEST_PAUSE`] and [`LONGEST_PAUSE`].
    pub(super) fn retry_after(&self, now: Wall) -> Option<Duration> {
        let value = text(self.0.headers(), &RETRY_AFTER)?.trim();
        let pause = match value.parse::<u64>() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) if value.bytes().all(|byte| byte.is_ascii_digit()) => LONGEST_PAUSE,
            Err(_) => {
                let at = httpdate::parse_http_date(value).ok()?;
                let at = Wall::default().plus(at.duration_since(UNIX_EPOCH).unwrap_or_default());
                at.since(now)
            }
        };
        Some(pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE))
    }

    /// What an answer means that is not the one hoped for.
    pub(super) fn refusal(&self, now: Wall) -> SendFailure {
        let status = self.status();
        if status.is_redirection() {
            return SendFailure::Redirected;
        }
        let pause = self.retry_after(now);
        match self.problem() {
            Some(ProblemKind::Throttled) => SendFailure::Throttled(pause),
            Some(ProblemKind::Unavailable) => SendFailure::Unavailable(pause),
            _ if status == StatusCode::TOO_MANY_REQUESTS => SendFailure::Throttled(pause),
            Some(ProblemKind::Other) | None if status.is_server_error() => SendFailure::Unavailable(pause),
            Some(kind) => SendFailure::Problem(kind),
            None if status == StatusCode::NOT_FOUND => SendFailure::Problem(ProblemKind::NotFound),
            None if status.is_client_error() => SendFailure::Problem(ProblemKind::Other),
            None => SendFailure::Unreadable(Unreadable::Malformed),
        }
    }

    /// Whether the body says more than the status.
    pub(super) fn has_problem(&self) -> bool {
        self.problem().is_some()
    }

    fn problem(&self) -> Option<ProblemKind> {
        let refused = self.status().is_client_error() || self.status().is_server_error();
        if !refused || !self.is(MediaType::PROBLEM) {
            return None;
        }
        let problem: Problem = agent_logic::json::read(self.body()).ok()?;
        Some(problem.kind)
    }
}

/// The body as its headers say it is encoded, at most `limit` bytes.
pub(super) fn decode(headers: &HeaderMap, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, SendFailure> {
    let Some(encoding) = headers.get(CONTENT_ENCODING) else {
        return Ok(body);
    };
    let encoding = encoding.to_str().unwrap_or_default().trim().to_ascii_lowercase();
    match encoding.as_str() {
        "identity" => Ok(body),
        "gzip" | "x-gzip" => gzip::unpack(&body, limit).map_err(SendFailure::Unreadable),
        _ => Err(SendFailure::Unreadable(Unreadable::Malformed)),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A server that says "at once" in a loop must not keep the radio on.
const SHORTEST_PAUSE: Duration = Duration::from_secs(5);

/// A server that says "next year" must not silence a fleet.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    fn retry(value: &str) -> Option<Duration> {
        let response = Response::builder().header(RETRY_AFTER, value).body(Vec::new()).unwrap();
        // 1994-11-06 08:49:37 UTC
        Reply::new(response).retry_after(Wall(784_111_777_000))
    }

    #[test]
    fn a_pause_is_read_in_both_forms_and_kept_within_bounds() {
        assert_eq!(retry("120"), Some(Duration::from_secs(120)));
        assert_eq!(retry("0"), Some(SHORTEST_PAUSE));
        assert_eq!(retry("99999999999999999999999"), Some(LONGEST_PAUSE));
        assert_eq!(retry("Sun, 06 Nov 1994 08:50:37 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(retry("Sun, 06 Nov 1994 08:40:37 GMT"), Some(SHORTEST_PAUSE));
        assert_eq!(retry("soon"), None);
    }

    #[test]
    fn a_media_type_is_compared_without_case_and_parameters() {
        let response = Response::builder()
            .header(CONTENT_TYPE, "Application/JSON ; charset=utf-8")
            .body(Vec::new())
            .unwrap();
        assert!(Reply::new(response).is(MediaType::JSON));
    }
}
