//! `GET /v1/indicators/<version>`.

use agent_logic::failure::{SendFailure, Unreadable};
use agent_logic::model::Digest;
use agent_logic::wire::{INDICATORS_PATH, Manifest};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::HOST;
use hyper::{Request, StatusCode};

use super::authority;
use super::line::{Line, Route};

/// The whole set, every bucket as the manifest signs it.
pub(super) async fn fetch(route: &Route<'_>, manifest: &Manifest) -> Result<Vec<u8>, SendFailure> {
    let size = size(manifest)?;
    let request = Request::get(format!("{INDICATORS_PATH}{}", manifest.version))
        .header(HOST, authority(route.origin))
        .body(Full::new(Bytes::new()))
        .map_err(|_| SendFailure::Offline)?;
    let mut line = Line::open(route).await?;
    let reply = line.exchange(request, size).await?;
    line.close().await;
    if reply.status() != StatusCode::OK {
        return Err(reply.refusal(route.clock.now()));
    }
    if !reply.is(MEDIA_TYPE) {
        return Err(SendFailure::Unreadable(Unreadable::Malformed));
    }
    let set = reply.into_body();
    check(&set, manifest).map_err(SendFailure::Unreadable)?;
    Ok(set)
}

fn size(manifest: &Manifest) -> Result<usize, SendFailure> {
    let size = manifest.buckets.iter().map(|bucket| u64::from(bucket.length)).sum::<u64>();
    usize::try_from(size)
        .ok()
        .filter(|size| *size <= MAX_SET)
        .ok_or(SendFailure::Unreadable(Unreadable::TooLarge))
}

pub(super) fn check(set: &[u8], manifest: &Manifest) -> Result<(), Unreadable> {
    let mut rest = set;
    for bucket in &manifest.buckets {
        let length = usize::try_from(bucket.length).map_err(|_| Unreadable::TooLarge)?;
        let (bytes, after) = rest.split_at_checked(length).ok_or(Unreadable::Truncated)?;
        if Digest::of(bytes) != bucket.digest {
            return Err(Unreadable::Malformed);
        }
        rest = after;
    }
    if rest.is_empty() { Ok(()) } else { Err(Unreadable::Malformed) }
}

const MEDIA_TYPE: &str = "application/octet-stream";

/// A million indicators of 12 bytes, and a third more.
const MAX_SET: usize = 16 * 1024 * 1024;
