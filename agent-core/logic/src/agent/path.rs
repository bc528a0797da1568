//! The path to the cloud: when a refused certificate is an interception, and when it is over.
//!
//! ```text
//!   clean ──refused──► suspected ──refused again──► intercepted
//!     ▲                   │ clean handshake             │ reported, then
//!     └───────────────────┴─────────────────────────────┘ network left or N clean handshakes
//! ```
//!
//! A captive portal and a CA that policy names as inspection are no interception. An interception closes at
//! the earliest one check-in after the one that reported it.
//!
//! Rules: P11.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::{Network, Reach};
use crate::failure::{Distrust, DistrustReason};
use crate::model::Digest;
use crate::time::Stamp;
use crate::wire::Policy;

/// A suspicion is looked into after this pause: long enough for a new connection, short enough for one wake.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Clean handshakes that close an interception when no policy says otherwise.
const CLEAN_HANDSHAKES: u8 = 3;

/// What is known of the path. Durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Path {
    /// The last handshake was with the partner's cloud, or there was none.
    #[default]
    Clean,
    /// A certificate was refused once.
    Suspected {
        /// When.
        first: Stamp,
    },
    /// Certificates were refused again: a threat is open.
    Intercepted {
        /// When the first certificate was refused.
        first: Stamp,
        /// The network it happened on.
        network: Option<Digest>,
        /// An acknowledged report named it.
        reported: bool,
        /// Clean handshakes since.
        clean: u8,
    },
}

/// What a refused certificate means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The cloud cannot be reached: captive portal, inspection, or a wrong clock.
    Unreachable,
    /// Somebody may stand between.
    Suspicious,
}

impl Path {
    /// Reads a refusal.
    pub(crate) fn meaning(distrust: &Distrust, network: &Network, policy: Option<&Policy>) -> Meaning {
        let inspected = policy
            .is_some_and(|policy| distrust.presented.iter().any(|key| policy.inspection_cas.contains(key)));
        let captive = network.reach == Reach::Captive;
        match distrust.reason {
            DistrustReason::Validity => Meaning::Unreachable,
            DistrustReason::UnknownIssuer
            | DistrustReason::WrongName
            | DistrustReason::WrongPin
            | DistrustReason::Malformed => {
                if inspected || captive {
                    Meaning::Unreachable
                } else {
                    Meaning::Suspicious
                }
            }
        }
    }

    /// After a suspicious refusal on `network`.
    pub(crate) const fn refused(self, network: &Network, now: Stamp) -> Self {
        match self {
            Self::Clean => Self::Suspected { first: now },
            Self::Suspected { first } => {
                Self::Intercepted { first, network: network.id, reported: false, clean: 0 }
            }
            Self::Intercepted { first, network, reported, clean: _ } => {
                Self::Intercepted { first, network, reported, clean: 0 }
            }
        }
    }

    /// After an authenticated answer on `network`; `acknowledged` says whether the cloud now has the report
    /// that the interception is open.
    pub(crate) fn answered(self, network: &Network, policy: Option<&Policy>, acknowledged: bool) -> Self {
        match self {
            Self::Clean | Self::Suspected { .. } => Self::Clean,
            Self::Intercepted { first, network: on, reported, clean } => {
                let clean = clean.saturating_add(1);
                let enough = policy.map_or(CLEAN_HANDSHAKES, |policy| policy.clean_handshakes.clamp(1, 20));
                let left = on.is_some() && network.id.is_some() && network.id != on;
                if reported && (left || clean >= enough) {
                    Self::Clean
                } else {
                    Self::Intercepted { first, network: on, reported: reported || acknowledged, clean }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Boot, Mono, Now, Wall};

    const WIFI: Network = Network { reach: Reach::Online, id: Some(Digest::new([1; 32])), metered: false };
    const OTHER: Network = Network { reach: Reach::Online, id: Some(Digest::new([2; 32])), metered: false };

    fn at(second: u64) -> Now {
        Now { boot: Boot(1), mono: Mono(second * 1_000), wall: Wall(second * 1_000) }
    }

    fn distrust(reason: DistrustReason) -> Distrust {
        Distrust { reason, presented: vec![Digest::new([9; 32])] }
    }

    fn intercepted() -> Path {
        Path::Clean.refused(&WIFI, at(1)).refused(&WIFI, at(3))
    }

    #[test]
    fn once_is_a_suspicion_twice_an_interception_dated_at_the_first() {
        assert_eq!(Path::Clean.refused(&WIFI, at(1)), Path::Suspected { first: at(1) });
        assert!(matches!(intercepted(), Path::Intercepted { first, .. } if first == at(1)));
    }

    #[test]
    fn a_clean_handshake_ends_a_suspicion() {
        assert_eq!(Path::Clean.refused(&WIFI, at(1)).answered(&WIFI, None, true), Path::Clean);
    }

    #[test]
    fn it_closes_after_three_clean_handshakes_on_the_same_network() {
        let path = intercepted().answered(&WIFI, None, true).answered(&WIFI, None, true);
        assert!(matches!(path, Path::Intercepted { clean: 2, .. }));
        assert_eq!(path.answered(&WIFI, None, true), Path::Clean);
    }

    #[test]
    fn on_another_network_it_closes_one_check_in_after_the_report() {
        let reported = intercepted().answered(&OTHER, None, true);
        assert!(matches!(reported, Path::Intercepted { reported: true, .. }));
        assert_eq!(reported.answered(&OTHER, None, true), Path::Clean);
    }

    #[test]
    fn it_does_not_close_before_the_cloud_has_the_report() {
        let mut path = intercepted();
        for _ in 0..9 {
            path = path.answered(&WIFI, None, false);
        }
        assert!(matches!(path, Path::Intercepted { reported: false, .. }));
    }

    #[test]
    fn another_refusal_begins_the_count_again() {
        let path =
            intercepted().answered(&WIFI, None, true).answered(&WIFI, None, true).refused(&WIFI, at(9));
        assert!(matches!(path, Path::Intercepted { clean: 0, .. }));
    }

    #[test]
    fn portals_inspection_and_wrong_clocks_are_no_interception() {
        let portal = Network { reach: Reach::Captive, ..WIFI };
        let unknown = distrust(DistrustReason::UnknownIssuer);
        assert_eq!(Path::meaning(&unknown, &WIFI, None), Meaning::Suspicious);
        assert_eq!(Path::meaning(&unknown, &portal, None), Meaning::Unreachable);
        assert_eq!(Path::meaning(&distrust(DistrustReason::Validity), &WIFI, None), Meaning::Unreachable);
        let tenant = "b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap();
        let mut policy = Policy::new(tenant, 1, Wall(0));
        policy.inspection_cas.push(Digest::new([9; 32]));
        assert_eq!(Path::meaning(&unknown, &WIFI, Some(&policy)), Meaning::Unreachable);
    }
}
