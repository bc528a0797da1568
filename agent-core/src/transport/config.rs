//! TLS configurations, one per identity, kept alive so that sessions resume.

use std::sync::Arc;

use agent_logic::command::Identity;
use agent_logic::failure::KeyFailure;
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, KeyProvider, ring};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, Error};

use super::clock::TrustedClock;
use super::identity::DeviceIdentity;
use super::verifier::PinnedVerifier;
use crate::ports::KeyStore;

/// Every configuration of one transport.
pub(super) struct Configs {
    provider: Arc<CryptoProvider>,
    clock: Arc<TrustedClock>,
    verifier: Arc<PinnedVerifier>,
    anonymous: Option<Arc<ClientConfig>>,
    identities: Vec<(Identity, Arc<ClientConfig>)>,
}

impl Configs {
    pub(super) fn new(
        provider: Arc<CryptoProvider>,
        clock: Arc<TrustedClock>,
        verifier: Arc<PinnedVerifier>,
    ) -> Self {
        Self { provider, clock, verifier, anonymous: None, identities: Vec::new() }
    }

    /// Without client certificate.
    pub(super) fn anonymous(&mut self) -> Result<Arc<ClientConfig>, KeyFailure> {
        if let Some(config) = &self.anonymous {
            return Ok(Arc::clone(config));
        }
        let config = self.make(None)?;
        self.anonymous = Some(Arc::clone(&config));
        Ok(config)
    }

    /// With `identity`. Asks the key store for its key the first time.
    pub(super) fn identity(
        &mut self,
        keys: &dyn KeyStore,
        identity: &Identity,
    ) -> Result<Arc<ClientConfig>, KeyFailure> {
        if let Some((_, config)) = self.identities.iter().find(|(known, _)| known == identity) {
            return Ok(Arc::clone(config));
        }
        let resolver = DeviceIdentity::find(keys, identity)?;
        let config = self.make(Some(Arc::new(resolver)))?;
        if self.identities.len() >= IDENTITIES {
            self.identities.remove(0);
        }
        self.identities.push((identity.clone(), Arc::clone(&config)));
        Ok(config)
    }

    /// Forgets `config` and its sessions.
    pub(super) fn forget(&mut self, config: &Arc<ClientConfig>) {
        self.identities.retain(|(_, known)| !Arc::ptr_eq(known, config));
        self.anonymous.take_if(|known| Arc::ptr_eq(known, config));
    }

    /// Forgets every configuration and its sessions.
    pub(super) fn clear(&mut self) {
        self.identities.clear();
        self.anonymous = None;
    }

    fn make(&self, resolver: Option<Arc<dyn ResolvesClientCert>>) -> Result<Arc<ClientConfig>, KeyFailure> {
        let builder = ClientConfig::builder_with_details(
            Arc::clone(&self.provider),
            Arc::<TrustedClock>::clone(&self.clock),
        )
        .with_protocol_versions(&[&TLS13, &TLS12])
        // The provider is ours and has both; `Transport::new` has made one such configuration before.
        .map_err(|_| KeyFailure::Unsupported)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::<PinnedVerifier>::clone(&self.verifier));
        let mut config = match resolver {
            Some(resolver) => builder.with_client_cert_resolver(resolver),
            None => builder.with_no_client_auth(),
        };
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Ok(Arc::new(config))
    }
}

/// Ring without post-quantum groups: + 2.3 kB per handshake is more than the rest of a check-in. It reads no private
/// key: what signs by one stays out of the library.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider { key_provider: &KeysStayInTheStore, ..ring::default_provider() })
}

#[derive(Debug)]
struct KeysStayInTheStore;

// R1
impl KeyProvider for KeysStayInTheStore {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General("a private key stays in its key store".to_owned()))
    }
}

/// The present identity and, while it is proven, the next one.
const IDENTITIES: usize = 2;

/// Servers whose sessions are kept, per identity.
const SESSIONS: usize = 4;
