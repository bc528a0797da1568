//! `POST /v1/check-in`.

use agent_logic::command::Exchange;
use agent_logic::event::{Answer, Traffic, Verified};
use agent_logic::failure::{SendFailure, Unreadable};
use agent_logic::time::Wall;
use agent_logic::wire::{
    CHECK_IN_PATH, CheckInAnswer, GZIP_ABOVE, MAX_ANSWER, MediaType, Order, policy_kind,
};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};

use super::authority;
use super::line::{Line, Route};
use super::reply::Reply;
use super::signed::{self, Opened};
use crate::gzip;
use crate::trust::PolicyKey;

/// One report, one answer.
pub(super) async fn check_in(
    route: &Route<'_>,
    exchange: &Exchange,
    policy_keys: &[PolicyKey],
) -> Result<Box<Answer>, SendFailure> {
    let request = request(route, exchange.body.as_slice())?;
    let mut line = Line::open(route).await?;
    let reply = line.exchange(request, MAX_ANSWER).await?;
    let server_valid_until = line.server_valid_until();
    line.close().await;
    let parsed = read(&reply, route.clock.now())?;
    Ok(Box::new(answer(parsed, policy_keys, route.meter.traffic(), server_valid_until)))
}

/// The answer in a reply, or what the reply means instead.
pub(super) fn read(reply: &Reply, now: Wall) -> Result<CheckInAnswer, SendFailure> {
    if reply.status() != StatusCode::OK {
        return Err(reply.refusal(now));
    }
    if !reply.is(MediaType::JSON) {
        return Err(MALFORMED);
    }
    agent_logic::json::read(reply.body()).map_err(|_| MALFORMED)
}

fn request(route: &Route<'_>, report: &[u8]) -> Result<Request<Full<Bytes>>, SendFailure> {
    let request = Request::post(CHECK_IN_PATH)
        .header(HOST, authority(route.origin))
        .header(CONTENT_TYPE, MediaType::JSON)
        .header(ACCEPT_ENCODING, "gzip");
    let request = if report.len() > GZIP_ABOVE {
        request.header(CONTENT_ENCODING, "gzip").body(Full::new(Bytes::from(gzip::pack(report))))
    } else {
        request.body(Full::new(Bytes::copy_from_slice(report)))
    };
    request.map_err(|_| SendFailure::Offline)
}

/// The answer with the documents in it checked.
pub(super) fn answer(
    reply: CheckInAnswer,
    keys: &[PolicyKey],
    traffic: Traffic,
    server_valid_until: Wall,
) -> Answer {
    let mut forged: u32 = 0;
    let policy = reply
        .policy
        .as_ref()
        .and_then(|jws| genuine(signed::open(jws.reveal(), policy_kind::POLICY, keys), &mut forged));
    let manifest = reply
        .indicators
        .as_ref()
        .and_then(|jws| genuine(signed::open(jws.reveal(), policy_kind::INDICATORS, keys), &mut forged));
    let commands = reply
        .orders
        .iter()
        .filter_map(|order| match order {
            Order::Signed { jws } => Some(jws),
            Order::Rescan | Order::Resync | Order::FullInventory | Order::Unknown => None,
        })
        .filter_map(|jws| genuine(signed::open(jws.reveal(), policy_kind::COMMAND, keys), &mut forged))
        .collect();
    Answer { policy, manifest, commands, forged, traffic, server_valid_until, reply }
}

/// A document that cannot be used is dropped; one that lies is counted.
fn genuine<T>(opened: Opened<T>, forged: &mut u32) -> Option<Verified<T>> {
    match opened {
        Opened::Genuine(document) => Some(document),
        Opened::Unknown => None,
        Opened::Forged => {
            *forged = forged.saturating_add(1);
            None
        }
    }
}

const MALFORMED: SendFailure = SendFailure::Unreadable(Unreadable::Malformed);
