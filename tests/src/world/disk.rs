//! The disk: the one that the vault's own tests run on, and its troubles.

// One simulated disk serves both, and each uses a part of it.
#[path = "../../../agent-core/tests/support/forgetful_disk.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the vault's tests")]
mod forgetful_disk;

use forgetful_disk::Luck;
pub(super) use forgetful_disk::{Chance, ForgetfulDisk as Disk};

/// What the disk does to those who use it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Trouble {
    #[default]
    None,
    /// Appends write what there is space for and fail.
    Full,
    /// Some appends, syncs and renames fail.
    Io,
}

/// Space that a full disk has left, at most.
const NEARLY_FULL: usize = 2_000;

impl Trouble {
    pub(super) fn befall(self, disk: &Disk, chance: &mut Chance) {
        let (luck, space) = match self {
            Self::None => (Luck::Good, usize::MAX),
            Self::Full => (Luck::Good, chance.index(NEARLY_FULL)),
            Self::Io => (Luck::Bad, usize::MAX),
        };
        disk.set_luck(luck);
        disk.set_space(space);
    }
}
