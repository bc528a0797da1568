//! What a device can ask for, and who it is.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use agent_logic::model::DeviceId;
use agent_logic::time::Wall;
use agent_logic::wire::{CHECK_IN_PATH, MAX_REPORT, ProblemKind};
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, middleware};
use tokio::sync::Notify;

use crate::attestation;
use crate::ca::Authority;
use crate::checkin::{self, Arrival};
use crate::clock::now;
use crate::crowd::Holder;
use crate::entra::Entra;
use crate::est;
use crate::intake::{self, Sent};
use crate::limits::Limits;
use crate::link::Link;
use crate::metrics::{self, Metrics};
use crate::pace::{Pace, TooMany};
use crate::peer::{Peer, PeerCertificate};
use crate::ranges;
use crate::refusal::Refusal;
use crate::server::Crowds;
use crate::store::{Entry, Event, Standing, Store, StoreError, Tx};
use crate::throttle::Throttle;

/// What every request needs.
pub struct Gateway {
    /// The database.
    pub store: Store,
    /// The certificate authority.
    pub authority: Authority,
    /// Whose tokens are accepted, if any.
    pub entra: Option<Entra>,
    /// Attempts with enrolment keys.
    pub throttle: Throttle,
    /// A device's health may have changed.
    pub changed: Notify,
    /// Connections that devices opened.
    pub connections: AtomicU64,
    /// How the connector fares.
    pub link: Link,
    /// What clients may take.
    pub limits: Limits,
    /// The connections.
    pub crowds: Crowds,
    /// Handshakes by address.
    pub handshakes: Pace,
    /// Requests by device.
    pub requests: Pace,
    /// What is counted.
    pub metrics: Metrics,
}

/// The routes of the device listener.
pub fn routes(gateway: Arc<Gateway>) -> Router {
    let mut router = Router::new();
    for route in Route::ALL {
        let handler = match route {
            Route::CaCerts => get(est::cacerts),
            Route::CsrAttrs => get(est::csrattrs),
            Route::SimpleEnroll => post(est::simpleenroll),
            Route::SimpleReenroll => post(est::simplereenroll),
            Route::CheckIn => post(check_in),
            Route::Indicators => get(indicators),
            Route::Attestation => post(attestation::attest),
        };
        router = router.route(route.path(), handler);
    }
    let count = middleware::from_fn_with_state(Arc::clone(&gateway), metrics::count);
    let in_turn = middleware::from_fn_with_state(Arc::clone(&gateway), in_turn);
    router
        .fallback(|| async { Refusal::of(ProblemKind::NotFound) })
        .method_not_allowed_fallback(|| async { Refusal::NO_SUCH_METHOD })
        .layer(in_turn)
        .layer(count)
        .with_state(gateway)
}

/// What a device can ask for. The published document lists these and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The CA's certificate.
    CaCerts,
    /// What a request must be.
    CsrAttrs,
    /// A first certificate.
    SimpleEnroll,
    /// The next certificate.
    SimpleReenroll,
    /// A report.
    CheckIn,
    /// An indicator set.
    Indicators,
    /// A proof of where the device's key lives.
    Attestation,
}

impl Route {
    /// Every route.
    pub const ALL: [Self; 7] = [
        Self::CaCerts,
        Self::CsrAttrs,
        Self::SimpleEnroll,
        Self::SimpleReenroll,
        Self::CheckIn,
        Self::Indicators,
        Self::Attestation,
    ];

    /// Its path, parameters in braces.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::CaCerts => "/.well-known/est/cacerts",
            Self::CsrAttrs => "/.well-known/est/csrattrs",
            Self::SimpleEnroll => "/.well-known/est/simpleenroll",
            Self::SimpleReenroll => "/.well-known/est/simplereenroll",
            Self::CheckIn => CHECK_IN_PATH,
            Self::Indicators => "/v1/indicators/{version}",
            Self::Attestation => "/v1/attestation",
        }
    }

    /// Its method, as the published document writes it.
    #[must_use]
    pub const fn method(self) -> &'static str {
        match self {
            Self::CaCerts | Self::CsrAttrs | Self::Indicators => "get",
            Self::SimpleEnroll | Self::SimpleReenroll | Self::CheckIn | Self::Attestation => "post",
        }
    }
}

impl Gateway {
    /// Runs `work` on the database away from the threads that serve sockets.
    pub async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let gateway = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&gateway)).await.unwrap_or_else(|_| {
            log::error!("a request panicked");
            Err(ProblemKind::Unavailable.into())
        })
    }
}

/// The device at the other end, if its certificate is the one it should use. The first use of a renewed
/// certificate drops the old one.
pub fn authenticate(
    tx: &Tx<'_>,
    peer: &PeerCertificate,
    now: Wall,
) -> Result<Result<DeviceId, Refusal>, StoreError> {
    let refuse = |kind| Ok(Err(Refusal::of(kind)));
    let Some(shown) = tx.shown(&peer.serial)? else {
        return refuse(ProblemKind::CertificateRequired);
    };
    if shown.device != peer.device || shown.not_after <= now {
        return refuse(ProblemKind::CertificateRequired);
    }
    if shown.revoked {
        return refuse(ProblemKind::Revoked);
    }
    match shown.standing {
        Standing::Dropped => return refuse(ProblemKind::CertificateRequired),
        Standing::Current => {}
        Standing::Pending => {
            tx.promote_certificate(&shown.device, &peer.serial)?;
            let entry = Entry { serial: Some(peer.serial.clone()), ..Entry::new(now, Event::Promoted) };
            tx.note(&shown.device, &entry)?;
            if shown.enrolment != shown.present {
                let mut device = tx.device(&shown.device)?.ok_or(StoreError::Corrupt)?;
                checkin::begin_enrolment(tx, &mut device, shown.enrolment, now)?;
            }
        }
    }
    Ok(Ok(shown.device))
}

/// Answers a device in its turn, and tells one that comes too early when to come again.
async fn in_turn(
    State(gateway): State<Arc<Gateway>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let certificate = request.extensions().get::<Peer>().and_then(|peer| peer.certificate.as_ref());
    let holder = certificate.map(|certificate| Holder::Device(certificate.device));
    match holder.map_or(Ok(Duration::ZERO), |holder| gateway.requests.turn(holder, Instant::now())) {
        Ok(_) => Ok(next.run(request).await),
        Err(TooMany { after }) => {
            intake::let_out(request.into_body(), MAX_REPORT, gateway.limits.body).await;
            Err(Refusal::throttled(after.as_secs().saturating_add(1)))
        }
    }
}

async fn check_in(
    State(gateway): State<Arc<Gateway>>,
    Sent { certificate, resumed, headers, body: sent }: Sent<MAX_REPORT>,
) -> Result<Response, Refusal> {
    let wire_bytes = sent.len();
    let body = intake::decompress(&headers, sent)?;
    let (untold, answer) = gateway
        .blocking(move |gateway| {
            gateway.store.transact(|tx| {
                let now = now();
                let device = match authenticate(tx, &certificate, now)? {
                    Ok(device) => device,
                    Err(refusal) => return Ok(Err(refusal)),
                };
                let serial = &certificate.serial;
                let arrival = Arrival { body: &body, wire_bytes, resumed, serial, at: now };
                Ok::<_, StoreError>(match checkin::apply(tx, &device, &arrival)? {
                    Ok(answer) => Ok((tx.pushed(&device)? != Some(answer.health), answer)),
                    Err(refusal) => Err(refusal),
                })
            })?
        })
        .await?;
    if untold {
        gateway.changed.notify_one();
    }
    Ok(intake::answer(&headers, &answer))
}

async fn indicators(
    State(gateway): State<Arc<Gateway>>,
    certificate: PeerCertificate,
    Path(version): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let version: u64 = version.parse().map_err(|_| Refusal::of(ProblemKind::NotFound))?;
    let buckets = gateway
        .blocking(move |gateway| {
            gateway.store.transact(|tx| match authenticate(tx, &certificate, now())? {
                Ok(_) => Ok(tx.indicator_buckets(version)?.ok_or(Refusal::of(ProblemKind::NotFound))),
                Err(refusal) => Ok::<_, StoreError>(Err(refusal)),
            })?
        })
        .await?;
    Ok(ranges::answer(&headers, buckets))
}

#[cfg(test)]
mod tests {
    use agent_logic::wire::INDICATORS_PATH;

    use super::*;

    #[test]
    fn the_device_asks_where_the_routes_are() {
        assert!(Route::Indicators.path().starts_with(INDICATORS_PATH));
    }
}
