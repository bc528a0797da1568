//! What the host tells the agent. Every call returns at once.

use agent_logic::event::{Event, Power};
use agent_logic::model::Domain;

use super::super::config::{MtdDetection, MtdNetwork};
use super::super::configuration::MtdConfiguration;
use super::super::error::MtdError;
use super::MtdAgent;

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl MtdAgent {
    /// What some sources say now. Each replaces what its provenance said before; the others stand. Returns at once.
    ///
    /// # Errors
    /// As every call: 132 after [`Self::stop`], 133 when too many inputs wait, 902 after an internal fault.
    pub fn configure(&self, configurations: Vec<MtdConfiguration>) -> Result<(), MtdError> {
        self.enter("configure", |handle| {
            Ok(self.sources.hear(configurations, |whole| handle.send(Event::Configured(whole)))?)
        })
    }

    /// The user or the administrator agreed that the device is protected and reports, or no longer agrees.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn set_consent(&self, given: bool) -> Result<(), MtdError> {
        self.send("set_consent", || Ok(Event::Consent(given)))
    }

    /// Be in contact now: the OS gave us time, a push came, or the user asked. Returns at once.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn check_in(&self) -> Result<(), MtdError> {
        self.send("check_in", || Ok(Event::CheckIn))
    }

    /// The partner's own engine found something.
    ///
    /// # Errors
    /// 134 for a classification or app that cannot be read, else as [`Self::configure`].
    pub fn report(&self, detection: MtdDetection) -> Result<(), MtdError> {
        self.send("report", || detection.read().map(Event::Detected))
    }

    /// The partner's own engine no longer finds it.
    ///
    /// # Errors
    /// As [`Self::report`].
    pub fn clear(&self, detection: MtdDetection) -> Result<(), MtdError> {
        self.send("clear", || detection.read().map(Event::Cleared))
    }

    /// The network changed, or is told for the first time.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn network_changed(&self, network: MtdNetwork) -> Result<(), MtdError> {
        self.send("network_changed", || Ok(Event::Network(network.read())))
    }

    /// Apps or settings changed.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn apps_changed(&self) -> Result<(), MtdError> {
        self.send("apps_changed", || Ok(Event::Changed))
    }

    /// The device was unlocked for the first time since boot.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn unlocked(&self) -> Result<(), MtdError> {
        self.send("unlocked", || Ok(Event::Unlocked))
    }

    /// The charger was plugged in or out, or is told for the first time.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn power_changed(&self, charging: bool) -> Result<(), MtdError> {
        self.send("power_changed", || Ok(Event::Power(Power { charging })))
    }

    /// The user ignores an open threat. Counts only where policy allows it, and only for as long (P4).
    ///
    /// # Errors
    /// 134 for what is no threat's ID, else as [`Self::configure`].
    pub fn ignore(&self, threat_id: String) -> Result<(), MtdError> {
        self.send("ignore", || threat_id.try_into().map(Event::Ignore).map_err(|_| MtdError::argument()))
    }

    /// The user is about to visit a domain: [`crate::facade::MtdListener::web_verdict`] is told what is known of it.
    /// Needs no network.
    ///
    /// # Errors
    /// 134 for what is no domain name in its ASCII form, else as [`Self::configure`].
    pub fn visit(&self, domain: String) -> Result<(), MtdError> {
        self.send("visit", || read_domain(&domain).map(Event::Visit))
    }

    /// The user left the domain's page, or did not open it: the threat of a visit ends with it.
    ///
    /// # Errors
    /// As [`Self::visit`].
    pub fn left(&self, domain: String) -> Result<(), MtdError> {
        self.send("left", || read_domain(&domain).map(Event::Left))
    }

    /// Tells the cloud that the device leaves, then forgets everything. Returns at once.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub fn deactivate(&self) -> Result<(), MtdError> {
        self.send("deactivate", || Ok(Event::Deactivate))
    }
}

fn read_domain(name: &str) -> Result<Domain, MtdError> {
    name.parse().map_err(|_| MtdError::argument())
}
