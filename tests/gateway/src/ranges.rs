//! Bytes of which a client may ask for a part (RFC 9110, 14).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// The whole of `bytes`, or the one range that `headers` ask for. Several ranges are answered with the whole.
pub(crate) fn answer(headers: &HeaderMap, bytes: Vec<u8>) -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    let accepts = (header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).and_then(range);
    let Some((from, to)) = asked else {
        return ([kind, accepts], bytes).into_response();
    };
    let total = bytes.len();
    let end = to.map_or(total, |to| to.saturating_add(1).min(total));
    match bytes.get(from..end) {
        Some(part) if !part.is_empty() => {
            let told = format!("bytes {from}-{}/{total}", end.saturating_sub(1));
            let told = HeaderValue::from_str(&told).unwrap_or(HeaderValue::from_static("bytes */*"));
            let headers = [kind, accepts, (header::CONTENT_RANGE, told)];
            (StatusCode::PARTIAL_CONTENT, headers, part.to_vec()).into_response()
        }
        _ => {
            let told = HeaderValue::from_str(&format!("bytes */{total}"))
                .unwrap_or(HeaderValue::from_static("bytes */*"));
            (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, told)]).into_response()
        }
    }
}

/// `bytes=a-b` or `bytes=a-`.
fn range(text: &str) -> Option<(usize, Option<usize>)> {
    let (from, to) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    let to = if to.is_empty() { None } else { Some(to.parse().ok()?) };
    let from = from.parse().ok()?;
    to.is_none_or(|to| to >= from).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_answered_and_others_are_passed_over() {
        assert_eq!(range("bytes=0-9"), Some((0, Some(9))));
        assert_eq!(range("bytes=5-"), Some((5, None)));
        for text in ["bytes=-5", "bytes=9-0", "bytes=0-1,3-4", "items=0-1", ""] {
            assert_eq!(range(text), None, "{text}");
        }
        let asked =
            |text| [(header::RANGE, HeaderValue::from_static(text))].into_iter().collect::<HeaderMap>();
        assert_eq!(answer(&asked("bytes=1-2"), vec![1, 2, 3]).status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(answer(&asked("bytes=3-"), vec![1, 2, 3]).status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(answer(&HeaderMap::new(), vec![1]).status(), StatusCode::OK);
    }
}
