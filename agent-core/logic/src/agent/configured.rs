//! What a configuration, late, repeated or changed, means.

use super::Agent;
use super::live::MAX_FINDINGS;
use super::registration::Change;
use crate::configuration::Finding;
use crate::event::Configuration;

impl Agent {
    pub(super) fn configured(&mut self, configuration: &Configuration) {
        match self.state.registration.configure(configuration, &self.settings.host_suffix) {
            Ok(changes) => {
                self.live.changed |= self.live.fault.take().is_some();
                // Our own pause was for the credential before; the server's is for whoever asks.
                if changes.iter().any(|change| matches!(change, Change::Credential(_))) {
                    self.live.retry = None;
                    self.live.failures = 0;
                }
                self.register(changes);
            }
            Err(fault) => {
                if self.live.fault.replace(fault) != Some(fault) {
                    self.live.count(fault.code(), 1, self.now);
                }
            }
        }
        self.found(&configuration.findings);
    }

    /// Hosts repeat their configuration; the same findings count once in a process.
    fn found(&mut self, findings: &[Finding]) {
        let findings: Vec<Finding> = findings.iter().take(MAX_FINDINGS).copied().collect();
        if findings == self.live.findings {
            return;
        }
        for finding in &findings {
            self.live.count(finding.fault.code(), 1, self.now);
        }
        self.live.findings = findings;
        self.live.changed = true;
    }
}
