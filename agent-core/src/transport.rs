//! Speaks with the partner's cloud: TLS, EST, HTTP. Blocking, each call bounded by its deadline.
//!
//! Called from the helper thread, never from the agent's own and never from inside a tokio runtime. One call
//! at a time; a second one waits for the first.
//!
//! - The server is authenticated (partner's CA, name, time, pin) before any byte of ours but the greeting
//!   leaves. Why it was refused comes out as [`Distrust`].
//! - The key store signs during the handshake. Its failure comes out as
//!   [`SendFailure::Key`], not as a broken connection.
//! - One TLS configuration lives per identity, so that sessions resume without the key store.
//! - Every body has a bound, before and after decompression; every wait has an end.
//! - Nothing is retried here: a failure carries its remedy, and the agent decides.
//!
//! Rules: R2, R5.

mod call;
mod cause;
mod check_in;
mod clock;
mod config;
mod dial;
mod est;
#[cfg(feature = "dangerous-fuzzing")]
pub(crate) mod fuzzing;
mod identity;
mod indicators;
mod line;
mod meter;
mod reply;
mod request;
mod signed;
mod verifier;

use std::fmt;
use std::net::Ipv6Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use agent_logic::command::{Authority, Contact, Enrol, Exchange, Identity, Origin, RequestSpec};
use agent_logic::event::{Answer, Enrolled};
use agent_logic::failure::{Code, Distrust, DistrustReason, EnrolFailure, KeyFailure, SendFailure};
use agent_logic::redact::Bytes;
use agent_logic::wire::Manifest;
use rustls::ClientConfig;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use self::call::{Call, Failing, ends_sessions};
use self::clock::TrustedClock;
use self::config::Configs;
use self::est::Desk;
use self::est::issued::Issuers;
use self::line::Route;
use self::meter::Meter;
use self::verifier::PinnedVerifier;
use crate::ports::KeyStore;
use crate::trust::Trust;

/// The way to the partner's cloud.
pub struct Transport {
    trust: Trust,
    keys: Arc<dyn KeyStore>,
    clock: Arc<TrustedClock>,
    verifier: Arc<PinnedVerifier>,
    issuers: Issuers,
    est_label: Option<String>,
    state: Mutex<State>,
}

struct State {
    configs: Configs,
    /// `None` once dropped.
    runtime: Option<Runtime>,
}

/// Why there is no transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// The TLS stack does not take the trust given.
    Tls,
    /// The system gives no event queue.
    Runtime,
}

impl Transport {
    /// A transport that trusts `trust` and signs with `keys`. Opens no connection.
    ///
    /// # Errors
    /// [`TransportError`] when TLS or the event loop cannot be set up.
    pub fn new(trust: Trust, keys: Arc<dyn KeyStore>) -> Result<Self, TransportError> {
        let provider = config::provider();
        let roots = Arc::new(trust.roots.clone());
        let algorithms = provider.signature_verification_algorithms;
        let issuers = Issuers::new(Arc::clone(&roots), algorithms);
        let clock = Arc::new(TrustedClock::new());
        let verifier = Arc::new(PinnedVerifier::new(roots, algorithms, trust.pins.clone()));
        let mut configs = Configs::new(provider, Arc::clone(&clock), Arc::clone(&verifier));
        configs.anonymous().map_err(|_| TransportError::Tls)?;
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|_| TransportError::Runtime)?;
        Ok(Self {
            trust,
            keys,
            clock,
            verifier,
            issuers,
            est_label: None,
            state: Mutex::new(State { configs, runtime: Some(runtime) }),
        })
    }

    /// Puts `label` between `/.well-known/est/` and the operation (RFC 7030 §3.2.2), for servers that are not
    /// of this contract.
    #[doc(hidden)]
    #[must_use]
    pub fn with_est_label(mut self, label: &str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        self.est_label = (!label.is_empty() && label.chars().all(plain)).then(|| label.to_owned());
        self
    }

    /// A PKCS#10 request (DER) signed by the key in its slot.
    ///
    /// # Errors
    /// [`KeyFailure`] as the store reports it; [`KeyFailure::Gone`] if the slot is empty,
    /// [`KeyFailure::Unsupported`] if its key, or the certificate to be alike, cannot be used.
    pub fn make_request(&self, spec: &RequestSpec) -> Result<Bytes, KeyFailure> {
        let made = request::make(self.keys.as_ref(), spec);
        log::debug!("request: {}", code(made.as_ref().err().map(|failure| failure.code())));
        made
    }

    /// Asks for a certificate and checks what comes back.
    ///
    /// # Errors
    /// [`EnrolFailure`], which carries its remedy.
    pub fn enrol(&self, enrol: &Enrol, deadline: Duration) -> Result<Enrolled, EnrolFailure> {
        let identity = match &enrol.authority {
            Authority::Credential(_) => None,
            Authority::Identity(identity) => Some(identity),
        };
        let desk =
            Desk { keys: self.keys.as_ref(), issuers: &self.issuers, label: self.est_label.as_deref() };
        let call = Call::new(&enrol.origin, identity, enrol.trusted, deadline);
        let done = self.run(&call, async |route| est::enrol(route, &desk, enrol).await);
        log::debug!("enrolment: {}", code(done.as_ref().err().map(EnrolFailure::code)));
        done
    }

    /// Sends one report and checks what comes back.
    ///
    /// # Errors
    /// [`SendFailure`], which carries its remedy.
    pub fn send(&self, exchange: &Exchange, deadline: Duration) -> Result<Box<Answer>, SendFailure> {
        let keys = &self.trust.policy_keys;
        let done = self.run(&Call::of(&exchange.contact, deadline), async |route| {
            check_in::check_in(route, exchange, keys).await
        });
        log::debug!("check-in: {}", code(done.as_ref().err().map(SendFailure::code)));
        done
    }

    /// Downloads an indicator set: its buckets one after another, each as the manifest signs it.
    ///
    /// # Errors
    /// [`SendFailure`], which carries its remedy.
    pub fn fetch(
        &self,
        contact: &Contact,
        manifest: &Manifest,
        deadline: Duration,
    ) -> Result<Vec<u8>, SendFailure> {
        let done =
            self.run(&Call::of(contact, deadline), async |route| indicators::fetch(route, manifest).await);
        log::debug!("indicators: {}", code(done.as_ref().err().map(SendFailure::code)));
        done
    }

    /// Lets go of every session and every key that is held for the next call: after a key was destroyed.
    pub fn forget(&self) {
        self.lock().configs.clear();
    }

    fn run<T, F: Failing>(
        &self,
        call: &Call<'_>,
        work: impl AsyncFnOnce(&Route<'_>) -> Result<T, F>,
    ) -> Result<T, F> {
        let mut state = self.lock();
        self.clock.set(call.trusted);
        // The façade refuses such a configuration; this is the last gate.
        if !self.trust.allows(call.origin) {
            return Err(F::from_send(SendFailure::NotTrusted(Distrust {
                reason: DistrustReason::WrongName,
                presented: Vec::new(),
            })));
        }
        let config = state
            .config(self.keys.as_ref(), call.identity)
            .map_err(|failure| F::from_send(SendFailure::Key(failure)))?;
        let route = Route {
            origin: call.origin,
            config: Arc::clone(&config),
            verifier: &self.verifier,
            clock: &self.clock,
            meter: Arc::new(Meter::default()),
        };
        let Some(runtime) = &state.runtime else {
            return Err(F::from_send(SendFailure::TimedOut));
        };
        let done = runtime.block_on(async {
            let left = call.until.saturating_duration_since(Instant::now());
            let done = timeout(left, work(&route)).await;
            // Lets what was aborted let go of its socket.
            for _ in 0..YIELDS {
                tokio::task::yield_now().await;
            }
            done.unwrap_or_else(|_| Err(F::from_send(SendFailure::TimedOut)))
        });
        if let Err(failure) = &done
            && failure.send().is_some_and(ends_sessions)
        {
            state.configs.forget(&config);
        }
        done
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn config(
        &mut self,
        keys: &dyn KeyStore,
        identity: Option<&Identity>,
    ) -> Result<Arc<ClientConfig>, KeyFailure> {
        match identity {
            Some(identity) => self.configs.identity(keys, identity),
            None => self.configs.anonymous(),
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // A name lookup that hangs must not hang the host.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// `host[:port]` as in a URL.
fn authority(origin: &Origin) -> String {
    let host = match origin.host.parse::<Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => origin.host.clone(),
    };
    match origin.port {
        443 => host,
        port => format!("{host}:{port}"),
    }
}

/// For the log: 0 is success.
fn code(code: Option<Code>) -> u16 {
    code.map_or(0, |code| code.0)
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls => "TLS cannot be set up",
            Self::Runtime => "the event loop cannot be set up",
        })
    }
}

impl std::error::Error for TransportError {}

/// An aborted task is dropped when the loop next turns; its children one turn later.
const YIELDS: usize = 3;
