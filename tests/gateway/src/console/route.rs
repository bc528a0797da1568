//! What a person's browser, or an administrator's tool, can ask for.

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
    /// What administrators did.
    Audit,
    /// Every device, as data.
    Devices,
    /// Whether the cloud works.
    Health,
}

impl Route {
    /// Every route.
    pub const ALL: [Self; 14] = [
        Self::Overview,
        Self::Login,
        Self::LogIn,
        Self::LogOut,
        Self::Device,
        Self::Revoke,
        Self::Command,
        Self::Policy,
        Self::Sign,
        Self::Connector,
        Self::Notices,
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
            Self::Device => "/devices/{id}",
            Self::Revoke => "/devices/{id}/revoke",
            Self::Command => "/devices/{id}/command",
            Self::Policy | Self::Sign => "/policy",
            Self::Connector => "/connector",
            Self::Notices => "/connector/notices",
            Self::Audit => "/audit",
            Self::Devices => "/devices.json",
            Self::Health => "/healthz",
        }
    }

    /// Its method, as the published document writes it.
    #[must_use]
    pub const fn method(self) -> &'static str {
        match self {
            Self::LogIn | Self::LogOut | Self::Revoke | Self::Command | Self::Sign | Self::Notices => "post",
            Self::Overview
            | Self::Login
            | Self::Device
            | Self::Policy
            | Self::Connector
            | Self::Audit
            | Self::Devices
            | Self::Health => "get",
        }
    }
}
