//! The names of a folder: which file each stands for, as the system shows it and as the platter holds it.

use std::collections::BTreeMap;

use agent_core::ports::FileName;

use super::chance::Chance;

#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    shown: BTreeMap<FileName, u64>,
    platter: BTreeMap<FileName, u64>,
    between: Vec<Naming>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Naming {
    Make(FileName, u64),
    Rename(FileName, FileName),
    Remove(FileName),
}

impl Names {
    pub(super) fn get(&self, name: FileName) -> Option<u64> {
        self.shown.get(name).copied()
    }

    pub(super) fn is_durable(&self, name: FileName) -> bool {
        self.shown.get(name) == self.platter.get(name)
    }

    /// Whether a file has a name, or will after a power cut.
    pub(super) fn name(&self, inode: u64) -> bool {
        self.shown.values().chain(self.platter.values()).any(|named| *named == inode)
    }

    pub(super) fn change(&mut self, naming: Naming) {
        naming.apply(&mut self.shown);
        self.between.push(naming);
    }

    pub(super) fn sync(&mut self) {
        for naming in self.between.drain(..) {
            naming.apply(&mut self.platter);
        }
    }

    /// A sync failed: none of it was written, and none will be.
    pub(super) fn forget(&mut self) {
        self.between.clear();
    }

    /// Power went: some changes had arrived. None had, without `chance`.
    pub(super) fn lose_power(&mut self, chance: Option<&mut Chance>) {
        let most = self.between.len().saturating_add(1);
        let arrived = chance.map_or(0, |chance| chance.index(most));
        for naming in self.between.drain(..).take(arrived) {
            naming.apply(&mut self.platter);
        }
        self.shown.clone_from(&self.platter);
    }
}

impl Naming {
    fn apply(self, names: &mut BTreeMap<FileName, u64>) {
        match self {
            Self::Make(name, inode) => {
                names.insert(name, inode);
            }
            Self::Rename(from, to) => {
                if let Some(inode) = names.remove(from) {
                    names.insert(to, inode);
                }
            }
            Self::Remove(name) => {
                names.remove(name);
            }
        }
    }
}
