//! Who and where: what a configuration may say, and what it may not (D3).

use serde::{Deserialize, Serialize};

use crate::code::{self, Code};
use crate::command::Origin;
use crate::event::Configuration;
use crate::model::{DeviceId, TenantId};

/// Who and where. Complete, or nothing leaves the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) device: DeviceId,
    pub(crate) tenant: TenantId,
    pub(crate) origin: Origin,
}

/// Why a configuration does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigurationFault {
    /// No gateway, device ID or tenant.
    Incomplete,
    /// The gateway is no `https://host[:port]`.
    GatewayMalformed,
    /// The gateway is not under the host suffix that the app was built with (D3).
    GatewayNotAllowed,
    /// The device is registered with another gateway, which configuration cannot change (R7).
    GatewayChanged,
}

impl ConfigurationFault {
    /// Its number.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Incomplete => code::CONFIGURATION_INCOMPLETE,
            Self::GatewayMalformed => code::GATEWAY_MALFORMED,
            Self::GatewayNotAllowed => code::GATEWAY_NOT_ALLOWED,
            Self::GatewayChanged => code::GATEWAY_CHANGED,
        }
    }
}

impl Target {
    /// The target that `configuration` names.
    pub(crate) fn read(configuration: &Configuration, host_suffix: &str) -> Result<Self, ConfigurationFault> {
        let (Some(gateway), Some(device), Some(tenant)) =
            (&configuration.gateway, configuration.device, configuration.tenant)
        else {
            return Err(ConfigurationFault::Incomplete);
        };
        let origin = read_origin(gateway.reveal()).ok_or(ConfigurationFault::GatewayMalformed)?;
        let under = origin.host == host_suffix
            || origin.host.strip_suffix(host_suffix).is_some_and(|rest| rest.ends_with('.'));
        if under { Ok(Self { device, tenant, origin }) } else { Err(ConfigurationFault::GatewayNotAllowed) }
    }
}

fn read_origin(gateway: &str) -> Option<Origin> {
    let rest = gateway.trim().strip_prefix("https://")?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (rest, 443),
    };
    let well_formed = !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    (well_formed && port != 0).then(|| Origin { host: host.to_ascii_lowercase(), port })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::Redacted;

    fn configuration(gateway: &str) -> Configuration {
        Configuration {
            gateway: Some(Redacted::new(gateway.into())),
            device: Some("b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap()),
            tenant: Some("ab0dc123-9843-405f-be28-b2265c59ef97".parse().unwrap()),
            credential: None,
            findings: Vec::new(),
        }
    }

    #[test]
    fn configuration_cannot_leave_the_hosts_that_the_app_allows() {
        let fault = |gateway: &str| Target::read(&configuration(gateway), "example.com").unwrap_err();
        assert_eq!(fault("https://example.com.evil.net"), ConfigurationFault::GatewayNotAllowed);
        assert_eq!(fault("https://evilexample.com"), ConfigurationFault::GatewayNotAllowed);
        assert_eq!(fault("http://example.com"), ConfigurationFault::GatewayMalformed);
        assert_eq!(fault("https://user@example.com"), ConfigurationFault::GatewayMalformed);
        assert_eq!(fault("https://example.com:0"), ConfigurationFault::GatewayMalformed);
        assert!(Target::read(&configuration(" https://MTD.example.com:8443/ "), "example.com").is_ok());
    }

    #[test]
    fn a_device_id_alone_is_not_enough() {
        let mut incomplete = configuration("https://example.com");
        incomplete.tenant = None;
        assert_eq!(Target::read(&incomplete, "example.com").unwrap_err(), ConfigurationFault::Incomplete);
    }
}
