//! Figures for Prometheus, on a listener of their own: OpenMetrics text, no login, nothing about any one device.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use agent_logic::model::Activation;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::api::{Gateway, Route};
use crate::clock;
use crate::refusal::Refusal;
use crate::store::Tally;

/// What is counted while requests are served.
#[derive(Debug)]
pub struct Metrics {
    requests: Family<Answered, Counter>,
    seconds: Family<Named, Histogram, fn() -> Histogram>,
    handshakes: Family<Named, Counter>,
}

/// How a TLS handshake ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// With every signature.
    Full,
    /// From a session before.
    Resumed,
    /// It did not.
    Failed,
    /// It was not begun: the address has taken its share.
    Refused,
}

/// A label's value. It is a word of this program: nothing that a device says can become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Word(&'static str);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: Word,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Named {
    of: Word,
}

impl EncodeLabelValue for Word {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        EncodeLabelValue::encode(&self.0, encoder)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            handshakes: Family::default(),
        }
    }
}

impl Metrics {
    /// Counts a handshake.
    pub fn shook_hands(&self, how: Handshake) {
        let of = Word(match how {
            Handshake::Full => "full",
            Handshake::Resumed => "resumed",
            Handshake::Failed => "failed",
            Handshake::Refused => "refused",
        });
        self.handshakes.get_or_create(&Named { of }).inc();
    }

    fn answered(&self, route: &'static str, status: u16, took: Duration) {
        let route = Word(route);
        self.requests.get_or_create(&Answered { route, status }).inc();
        self.seconds.get_or_create(&Named { of: route }).observe(took.as_secs_f64());
    }
}

/// Counts and logs a request of a device, by what it asked for and how it was answered.
pub(crate) async fn count(State(gateway): State<Arc<Gateway>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let known = Route::ALL.into_iter().map(Route::path).find(|known| path == Some(*known));
    let route = known.unwrap_or("other");
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    log::info!(route, status, micros; "answered");
    gateway.metrics.answered(route, status, took);
    response
}

/// The listener's only route.
pub fn routes(gateway: Arc<Gateway>) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(gateway)
}

async fn scrape(State(gateway): State<Arc<Gateway>>) -> Result<Response, Refusal> {
    let text = gateway.blocking(text).await?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

fn text(gateway: &Gateway) -> Result<String, Refusal> {
    let mut all = Registry::with_prefix("mtd_gateway");
    let metrics = &gateway.metrics;
    all.register("requests", "Requests of devices", metrics.requests.clone());
    all.register("request_seconds", "Time to an answer, by route", metrics.seconds.clone());
    all.register("handshakes", "TLS handshakes, by how they ended", metrics.handshakes.clone());
    let opened = ConstCounter::new(gateway.connections.load(Ordering::Relaxed));
    all.register("connections", "Connections that devices opened", opened);
    let crowds = &gateway.crowds;
    let (inside, pushed_out) = (Family::<Named, Gauge>::default(), Family::<Named, Counter>::default());
    for (name, crowd) in
        [("strangers", &crowds.strangers), ("devices", &crowds.devices), ("people", &crowds.people)]
    {
        let of = Named { of: Word(name) };
        inside.get_or_create(&of).set(gauge(crowd.count()));
        pushed_out.get_or_create(&of).inc_by(crowd.pushed_out());
    }
    all.register("connections_open", "Open connections, by who holds them", inside);
    all.register("connections_pushed_out", "Connections that lost their place to another", pushed_out);
    let written = gateway.store.written();
    all.register("database_works", "Works that wrote to the database", ConstCounter::new(written.works));
    all.register("database_commits", "Commits, each one sync", ConstCounter::new(written.commits));
    let (tally, activations) = gateway.store.read(|tx| Ok::<_, Refusal>((tx.tally()?, tx.activations()?)))?;
    all.register("devices_at_level", "Devices, by level", levels(tally));
    all.register("devices", "Devices, by the first axis", by_activation(&activations));
    let link = gateway.link.read();
    let failures = ConstGauge::new(gauge(link.failures));
    all.register("connector_failures", "Messages in a row that Intune did not take", failures);
    if let Some(at) = link.last_synchronised {
        let age = clock::now().since(at).as_secs();
        let what = "Seconds since Intune knew all that the cloud knows";
        all.register("connector_age_seconds", what, ConstGauge::new(gauge(age)));
    }
    let mut text = String::new();
    encode(&mut text, &all).map_err(|_| Refusal::of(agent_logic::wire::ProblemKind::Unavailable))?;
    Ok(text)
}

fn levels(tally: Tally) -> Family<Named, Gauge> {
    let family = Family::<Named, Gauge>::default();
    let Tally { high, medium, low, secured, unrated } = tally;
    for (name, count) in
        [("high", high), ("medium", medium), ("low", low), ("secured", secured), ("unrated", unrated)]
    {
        family.get_or_create(&Named { of: Word(name) }).set(gauge(count));
    }
    family
}

fn by_activation(counts: &[(Activation, u64)]) -> Family<Named, Gauge> {
    let family = Family::<Named, Gauge>::default();
    for (activation, count) in counts {
        let of = Word(match activation {
            Activation::Pending => "pending",
            Activation::Activated => "activated",
            Activation::Deactivated => "deactivated",
        });
        family.get_or_create(&Named { of }).set(gauge(*count));
    }
    family
}

fn gauge(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

/// Upper bounds in seconds: a check-in takes milliseconds, an enrolment tens, a slow disk more.
const BUCKETS: [f64; 9] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0];
