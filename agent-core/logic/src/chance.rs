//! Chance as an argument: the same seed gives the same choices.

use std::time::Duration;

use crate::model::{ChainId, Digest};

/// Where chance begins. From the system's random source on a phone, from the command line in a test.
#[derive(Clone, Copy, Debug)]
pub struct Seed(pub [u8; 32]);

/// A stream of choices: SHA-256 of the seed and a counter.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    seed: [u8; 32],
    drawn: u64,
}

impl Chance {
    pub(crate) const fn new(seed: Seed) -> Self {
        Self { seed: seed.0, drawn: 0 }
    }

    /// Full jitter: anything from nothing to `most`.
    pub(crate) fn jitter(&mut self, most: Duration) -> Duration {
        let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        match millis.checked_add(1) {
            Some(span) => Duration::from_millis(self.draw().checked_rem(span).unwrap_or_default()),
            None => most,
        }
    }

    /// `middle`, a tenth more or less.
    pub(crate) fn around(&mut self, middle: Duration) -> Duration {
        let tenth = middle.checked_div(10).unwrap_or_default();
        middle.saturating_sub(tenth).saturating_add(self.jitter(tenth.saturating_mul(2)))
    }

    pub(crate) fn make_chain(&mut self) -> ChainId {
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(self.block()) {
            *to = from;
        }
        ChainId::new(id)
    }

    fn draw(&mut self) -> u64 {
        self.block().into_iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(byte))
    }

    fn block(&mut self) -> [u8; 32] {
        self.drawn = self.drawn.wrapping_add(1);
        *Digest::of_parts([self.seed.as_slice(), &self.drawn.to_be_bytes()]).as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_choices() {
        let mut a = Chance::new(Seed([7; 32]));
        let mut b = Chance::new(Seed([7; 32]));
        assert_eq!(a.jitter(Duration::from_secs(60)), b.jitter(Duration::from_secs(60)));
        assert_eq!(a.make_chain(), b.make_chain());
        assert_ne!(a.make_chain(), a.make_chain());
    }

    #[test]
    fn jitter_stays_within_its_bounds() {
        let mut chance = Chance::new(Seed([1; 32]));
        for _ in 0..1_000 {
            assert!(chance.jitter(Duration::from_secs(3)) <= Duration::from_secs(3));
            let near = chance.around(Duration::from_secs(100));
            assert!(near >= Duration::from_secs(90) && near <= Duration::from_secs(110));
        }
    }

    #[test]
    fn jitter_spreads_over_the_whole_span() {
        let mut chance = Chance::new(Seed([1; 32]));
        let tenth = |pause: Duration| pause.as_millis() / 100;
        let tenths: BTreeSet<u128> =
            (0..200).map(|_| tenth(chance.jitter(Duration::from_millis(999)))).collect();
        assert_eq!(tenths, (0..10).collect());
    }
}
