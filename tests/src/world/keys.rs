//! The phone's key store: two slots, locked until the first unlock, sometimes busy or slow, sometimes empty.

use std::collections::BTreeMap;

use agent_logic::command::Slot;
use agent_logic::failure::KeyFailure;
use agent_logic::model::Digest;
use agent_logic::redact::Secret;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mood {
    #[default]
    Good,
    Busy,
    /// Answers after the deadline.
    Slow,
}

/// A key pair: the public half is a number that is never used twice.
#[derive(Clone, Copy, Debug)]
struct Pair {
    public: u64,
    private: Digest,
}

#[derive(Debug, Default)]
pub(super) struct Keys {
    slots: BTreeMap<Slot, Pair>,
    made: u64,
    /// Data keys that were lost.
    lost: u8,
    pub(super) mood: Mood,
    pub(super) locked: bool,
}

impl Keys {
    /// Makes a key in the place of the one that is there.
    pub(super) fn make(&mut self, slot: Slot) -> Result<u64, KeyFailure> {
        self.open()?;
        self.made += 1;
        let private = Digest::of_parts([b"private".as_slice(), &self.made.to_be_bytes()]);
        self.slots.insert(slot, Pair { public: self.made, private });
        Ok(self.made)
    }

    /// The key, to sign with it.
    pub(super) fn sign(&self, slot: Slot) -> Result<u64, KeyFailure> {
        self.open()?;
        self.slots.get(&slot).map(|pair| pair.public).ok_or(KeyFailure::Gone)
    }

    pub(super) fn destroy(&mut self, slot: Slot) -> Result<(), KeyFailure> {
        self.open()?;
        self.slots.remove(&slot);
        Ok(())
    }

    /// The store lost everything.
    pub(super) fn lose(&mut self) {
        self.slots.clear();
    }

    /// The next one is another.
    pub(super) const fn destroy_data_key(&mut self) {
        self.lost = self.lost.wrapping_add(1);
    }

    /// The key that seals the files.
    pub(super) const fn data_key(&self) -> Secret<[u8; 32]> {
        Secret::new([self.lost.wrapping_add(7); 32])
    }

    pub(super) fn holds(&self, key: u64) -> bool {
        self.slots.values().any(|held| held.public == key)
    }

    /// The private halves, which the store gives to nobody.
    pub(super) fn private(&self) -> impl Iterator<Item = &[u8]> {
        self.slots.values().map(|pair| pair.private.as_bytes().as_slice())
    }

    const fn open(&self) -> Result<(), KeyFailure> {
        match (self.locked, self.mood) {
            (true, _) => Err(KeyFailure::Locked),
            (false, Mood::Busy) => Err(KeyFailure::Busy),
            (false, Mood::Good | Mood::Slow) => Ok(()),
        }
    }
}
