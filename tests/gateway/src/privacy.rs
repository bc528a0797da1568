//! Which apps of a device may be held and shown: whoever listed them, whatever was let through before.

use agent_logic::model::{App, Ownership};
use agent_logic::wire::Policy;

/// Whether `policy` lets anything of a device's apps be held.
#[must_use]
pub const fn shares_apps(policy: &Policy) -> bool {
    policy.app_sync
}

/// Whether `policy` lets `app` be held. Company: every app. Personal or unknown: managed apps only, unless the policy
/// shares the full inventory of personal devices (seed 003, P8). Not known to be managed is not managed.
#[must_use]
pub fn may_hold(policy: &Policy, app: &App) -> bool {
    let all = match policy.ownership {
        Ownership::Company => true,
        Ownership::Personal | Ownership::Unknown => policy.full_inventory_on_personal,
    };
    shares_apps(policy) && (all || app.managed == Some(true))
}

#[cfg(test)]
mod tests {
    use agent_logic::time::Wall;

    use super::*;

    #[test]
    fn ownership_management_and_the_two_switches_decide() {
        let tenant = "b9841cd9-9843-405f-be28-b2265c59ef97".parse().unwrap();
        let app = |managed| App { managed, ..App::new("com.example".parse().unwrap()) };
        for ownership in [Ownership::Company, Ownership::Personal, Ownership::Unknown] {
            for (sync, full) in [(false, false), (false, true), (true, false), (true, true)] {
                let policy = Policy {
                    app_sync: sync,
                    full_inventory_on_personal: full,
                    ownership,
                    ..Policy::new(tenant, 1, Wall(0))
                };
                let held = |managed| may_hold(&policy, &app(managed));
                let others = sync && (full || ownership == Ownership::Company);
                assert_eq!(held(Some(true)), sync, "{ownership:?} {sync} {full}");
                assert_eq!((held(Some(false)), held(None)), (others, others), "{ownership:?} {sync} {full}");
            }
        }
    }
}
