//! What a person's browser, or an administrator's tool, can ask for.

use crate::accounts::Access;

/// The published document lists these and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Every device, as a page.
    Overview,
    /// The login's form.
    Login,
    /// Begins a session.
    LogIn,
    /// Ends it.
    LogOut,
    /// A device by its ID.
    Find,
    /// One device.
    Device,
    /// Revokes it.
    Revoke,
    /// A signed command for it.
    Command,
    /// The policy.
    Policy,
    /// The next version of it.
    Sign,
    /// The way to Intune.
    Connector,
    /// Where error notices go.
    Notices,
    /// What Intune is told.
    StateSync,
    /// Sets the connection up again.
    Provision,
    /// What the account wants to be told.
    Preferences,
    /// Changes that.
    Prefer,
    /// What administrators did.
    Audit,
    /// Every device, as data.
    Devices,
    /// Whether the cloud works.
    Health,
}

impl Route {
    /// Every route.
    pub const ALL: [Self; 19] = [
        Self::Overview,
        Self::Login,
        Self::LogIn,
        Self::LogOut,
        Self::Find,
        Self::Device,
        Self::Revoke,
        Self::Command,
        Self::Policy,
        Self::Sign,
        Self::Connector,
        Self::Notices,
        Self::StateSync,
        Self::Provision,
        Self::Preferences,
        Self::Prefer,
        Self::Audit,
        Self::Devices,
        Self::Health,
    ];

    /// Its path, parameters in braces.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Login | Self::LogIn => "/login",
            Self::LogOut => "/logout",
            Self::Find => "/devices",
            Self::Device => "/devices/{id}",
            Self::Revoke => "/devices/{id}/revoke",
            Self::Command => "/devices/{id}/command",
            Self::Policy | Self::Sign => "/policy",
            Self::Connector => "/connector",
            Self::Notices => "/connector/notices",
            Self::StateSync => "/connector/sync",
            Self::Provision => "/connector/provision",
            Self::Preferences | Self::Prefer => "/preferences",
            Self::Audit => "/audit",
            Self::Devices => "/devices.json",
            Self::Health => "/healthz",
        }
    }

    /// Its method, as the published document writes it.
    #[must_use]
    pub const fn method(self) -> &'static str {
        match self {
            Self::LogIn
            | Self::LogOut
            | Self::Revoke
            | Self::Command
            | Self::Sign
            | Self::Notices
            | Self::StateSync
            | Self::Provision
            | Self::Prefer => "post",
            Self::Overview
            | Self::Login
            | Self::Find
            | Self::Device
            | Self::Policy
            | Self::Connector
            | Self::Preferences
            | Self::Audit
            | Self::Devices
            | Self::Health => "get",
        }
    }

    /// What an account must reach to ask for it; absent where no session is needed.
    #[must_use]
    pub const fn needs(self) -> Option<Access> {
        match self {
            Self::Login | Self::LogIn | Self::Health => None,
            Self::Overview
            | Self::LogOut
            | Self::Find
            | Self::Device
            | Self::Policy
            | Self::Preferences
            | Self::Prefer
            | Self::Devices => Some(Access::Restricted),
            Self::Revoke
            | Self::Command
            | Self::Sign
            | Self::Connector
            | Self::Notices
            | Self::StateSync
            | Self::Provision
            | Self::Audit => Some(Access::Full),
        }
    }
}
