//! Which part of the list of devices is asked for.

use std::str::FromStr;

use agent_logic::model::Level;
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::store::Listed;

/// Devices on a page, unless fewer or more are asked for.
const COUNT: u16 = 100;

/// Most devices on a page.
const MAX_COUNT: u16 = 500;

/// A page of the list; the first by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What it comes after, as the page before said.
    pub after: Option<Listed>,
    count: Option<u16>,
}

/// The request's words for it.
#[derive(Deserialize)]
struct Asked {
    after: Option<String>,
    limit: Option<u16>,
}

/// Not such words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPage;

impl Page {
    /// Devices on it.
    pub(super) fn count(&self) -> usize {
        self.count.unwrap_or(COUNT).into()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let wrong = "after is what a page before said, limit is 1 to 500\n";
        let refused = |_| (StatusCode::BAD_REQUEST, wrong).into_response();
        let Query(asked) =
            Query::<Asked>::from_request_parts(parts, state).await.map_err(|_| refused(NoPage))?;
        if asked.limit.is_some_and(|limit| !(1..=MAX_COUNT).contains(&limit)) {
            return Err(refused(NoPage));
        }
        let after = asked.after.as_deref().map(str::parse).transpose().map_err(refused)?;
        Ok(Self { after, count: asked.limit })
    }
}

/// `high:` and the ID, as the next page is asked for.
pub(super) fn text(place: &Listed) -> String {
    format!("{}:{}", name(place.level), place.id)
}

impl FromStr for Listed {
    type Err = NoPage;

    fn from_str(text: &str) -> Result<Self, NoPage> {
        let (level, id) = text.split_once(':').ok_or(NoPage)?;
        let levels = [None, Some(Level::Secured), Some(Level::Low), Some(Level::Medium), Some(Level::High)];
        let level = levels.into_iter().find(|known| name(*known) == level).ok_or(NoPage)?;
        let fits = id.len() == ID && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if fits { Ok(Self { level, id: id.into() }) } else { Err(NoPage) }
    }
}

const fn name(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::High) => "high",
        Some(Level::Medium) => "medium",
        Some(Level::Low) => "low",
        Some(Level::Secured) => "secured",
        None => "unrated",
    }
}

/// Characters of a device ID.
const ID: usize = 36;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_the_round_trip_and_nothing_else_is_one() {
        let id = "b9841cd9-9843-405f-be28-b2265c59ef97".to_owned();
        for level in [None, Some(Level::Secured), Some(Level::Low), Some(Level::Medium), Some(Level::High)] {
            let place = Listed { level, id: id.clone() };
            assert_eq!(text(&place).parse(), Ok(place));
        }
        for wrong in ["", "high", "high:", "dreadful:b9841cd9-9843-405f-be28-b2265c59ef97", "low:' OR 1=1 --"]
        {
            assert_eq!(wrong.parse::<Listed>(), Err(NoPage), "{wrong}");
        }
    }
}
