//! The keys of each partner, as data. Sources: Microsoft's pages on MTD app configuration (2019 and later).
//!
//! The name of a key does not tell the kind of its ID: `better_udid` holds an Entra device ID, `deviceid` an
//! Intune one. The profile tells it.

use super::Provenance;

/// One key of a profile. Every value that is read is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key, case-sensitive.
    pub name: &'static str,
    /// What its value is.
    pub meaning: Meaning,
    /// The sources that may set it.
    pub from: &'static [Provenance],
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// `https://host[:port]` of the partner's cloud.
    Gateway,
    /// The Entra device ID: `{{aaddeviceid}}`, `{{AzureADDeviceId}}`.
    EntraDevice,
    /// Intune's own device ID, `{{deviceid}}`: never an Entra device ID.
    IntuneDevice,
    /// The Entra tenant ID.
    EntraTenant,
    /// The tenant's many-use enrolment key.
    EnrolmentKey,
    /// A one-time activation code.
    Code,
    /// An Entra token.
    Token,
    /// A constant that says for whom the configuration is.
    Marker(&'static str),
    /// A value of the partner's console. It is the partner's; the agent does not read it.
    Console,
    /// About a person. The agent does not read it.
    Personal,
}

/// What is known of a partner's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// These.
    Public(&'static [Key]),
    /// There are keys, in a file or console that is not public.
    NotPublic,
    /// The partner uses no app configuration.
    None,
}

macro_rules! partners {
    ($($(#[$doc:meta])* $variant:ident $name:literal $keys:expr;)*) => {
        /// A partner whose profile is known by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Partner { $($(#[$doc])* $variant,)* }

        impl Partner {
            /// Every partner, in table order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Its keys.
            #[must_use]
            pub const fn keys(self) -> Keys {
                match self { $(Self::$variant => $keys,)* }
            }
        }
    };
}

partners! {
    /// Our own keys, for any partner.
    Generic "generic" Keys::Public(GENERIC);
    /// Check Point Harmony Mobile.
    CheckPoint "Check Point" Keys::Public(CHECK_POINT);
    /// Zimperium's template of 2019.
    Zimperium2019 "Zimperium (2019)" Keys::Public(ZIMPERIUM_2019);
    /// Zimperium's template since 2021.
    Zimperium "Zimperium" Keys::Public(ZIMPERIUM);
    /// SentinelOne, which is built on Zimperium.
    SentinelOne "SentinelOne" Keys::Public(ZIMPERIUM);
    /// Trellix, formerly MVISION, which is built on Zimperium.
    Trellix "Trellix" Keys::Public(ZIMPERIUM);
    /// Better Mobile.
    BetterMobile "Better Mobile" Keys::Public(BETTER_MOBILE);
    /// Wandera's template of 2019.
    Wandera2019 "Wandera (2019)" Keys::Public(WANDERA_2019);
    /// Jamf, formerly Wandera, on Android; on iOS the XML is copied from the portal.
    Jamf "Jamf" Keys::Public(JAMF);
    /// Symantec Endpoint Protection Mobile: the keys come in a generated file.
    Sep "Symantec Endpoint Protection Mobile" Keys::NotPublic;
    /// Pradeo: an app that is configured when it is built.
    Pradeo "Pradeo" Keys::None;
    /// Lookout.
    Lookout "Lookout" Keys::NotPublic;
    /// Sophos.
    Sophos "Sophos" Keys::NotPublic;
    /// Trend Micro.
    TrendMicro "Trend Micro" Keys::NotPublic;
    /// BlackBerry.
    BlackBerry "BlackBerry" Keys::NotPublic;
    /// Trustd.
    Trustd "Trustd" Keys::NotPublic;
    /// CrowdStrike.
    CrowdStrike "CrowdStrike" Keys::NotPublic;
}

const ANY: &[Provenance] =
    &[Provenance::SignIn, Provenance::ManagedIos, Provenance::ManagedAndroid, Provenance::App];
const MANAGED: &[Provenance] = &[Provenance::ManagedIos, Provenance::ManagedAndroid];
const MANAGED_OR_APP: &[Provenance] = &[Provenance::ManagedIos, Provenance::ManagedAndroid, Provenance::App];
/// A secret of one device: an MDM sends the same string to every device.
const ONE_DEVICE: &[Provenance] = &[Provenance::SignIn, Provenance::App];
const IOS: &[Provenance] = &[Provenance::ManagedIos];
const ANDROID: &[Provenance] = &[Provenance::ManagedAndroid];

const GENERIC: &[Key] = &[
    Key { name: "mtdGateway", meaning: Meaning::Gateway, from: MANAGED_OR_APP },
    Key { name: "mtdDeviceId", meaning: Meaning::EntraDevice, from: ANY },
    Key { name: "mtdIntuneDeviceId", meaning: Meaning::IntuneDevice, from: ANY },
    Key { name: "mtdTenantId", meaning: Meaning::EntraTenant, from: ANY },
    Key { name: "mtdEnrolmentKey", meaning: Meaning::EnrolmentKey, from: MANAGED_OR_APP },
    Key { name: "mtdActivationCode", meaning: Meaning::Code, from: ONE_DEVICE },
    Key { name: "mtdToken", meaning: Meaning::Token, from: ONE_DEVICE },
];

const CHECK_POINT: &[Key] = &[Key { name: "MDM", meaning: Meaning::Marker("INTUNE"), from: MANAGED }];

const ZIMPERIUM_2019: &[Key] = &[
    Key { name: "provider", meaning: Meaning::Marker("Intune"), from: IOS },
    Key { name: "userprincipalname", meaning: Meaning::Personal, from: IOS },
    Key { name: "deviceid", meaning: Meaning::IntuneDevice, from: IOS },
    Key { name: "serialnumber", meaning: Meaning::Personal, from: IOS },
    Key { name: "udidlast4digits", meaning: Meaning::Personal, from: IOS },
];

const ZIMPERIUM: &[Key] = &[
    Key { name: "MDMDeviceID", meaning: Meaning::EntraDevice, from: MANAGED },
    // The partner's own tenant, as its console names it.
    Key { name: "tenantid", meaning: Meaning::Console, from: MANAGED },
    Key { name: "defaultchannel", meaning: Meaning::Console, from: MANAGED },
];

const BETTER_MOBILE: &[Key] = &[
    Key { name: "better_server_url", meaning: Meaning::Gateway, from: IOS },
    Key { name: "better_udid", meaning: Meaning::EntraDevice, from: IOS },
    Key { name: "better_user", meaning: Meaning::Personal, from: IOS },
];

const WANDERA_2019: &[Key] = &[
    Key { name: "secretKey", meaning: Meaning::Console, from: IOS },
    Key { name: "apiKey", meaning: Meaning::Console, from: IOS },
    Key { name: "customerId", meaning: Meaning::Console, from: IOS },
    Key { name: "email", meaning: Meaning::Personal, from: IOS },
    Key { name: "firstName", meaning: Meaning::Personal, from: IOS },
    Key { name: "lastName", meaning: Meaning::Personal, from: IOS },
    Key { name: "activationType", meaning: Meaning::Marker("PROVISION_THEN_AWP"), from: IOS },
];

const JAMF: &[Key] = &[Key { name: "Activation Profile URL", meaning: Meaning::Console, from: ANDROID }];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partner_has_a_name_of_its_own_and_every_profile_keys_of_its_own() {
        for (at, partner) in Partner::ALL.iter().enumerate() {
            let earlier = Partner::ALL.iter().take(at);
            assert!(!partner.name().is_empty() && earlier.clone().all(|p| p.name() != partner.name()));
            let Keys::Public(keys) = partner.keys() else { continue };
            assert!(!keys.is_empty());
            for (nth, key) in keys.iter().enumerate() {
                assert!(keys.iter().take(nth).all(|other| other.name != key.name), "{}", key.name);
                assert!(!key.from.is_empty(), "{}", key.name);
            }
        }
    }

    #[test]
    fn no_partners_key_is_one_of_ours() {
        for partner in Partner::ALL.iter().filter(|partner| **partner != Partner::Generic) {
            if let Keys::Public(keys) = partner.keys() {
                assert!(keys.iter().all(|key| GENERIC.iter().all(|ours| ours.name != key.name)));
            }
        }
    }
}
