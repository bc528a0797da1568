//! Token buckets by name, for the enrolment key that many devices share.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use agent_logic::model::DeviceId;

/// Attempts with an enrolment key that one device ID may make in a row.
pub const DEVICE_BURST: u32 = 5;

/// Then one more after each of these.
pub const DEVICE_REFILL: Duration = Duration::from_secs(12);

/// Attempts with enrolment keys that all devices together may make in a row.
pub const TOTAL_BURST: u32 = 200;

/// Then one more after each of these.
pub const TOTAL_REFILL: Duration = Duration::from_millis(100);

/// Device IDs remembered; beyond that the longest forgotten ones start anew.
const MAX_DEVICES: usize = 10_000;

/// Counts attempts with enrolment keys.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<Buckets>);

#[derive(Debug, Default)]
struct Buckets {
    total: Option<Bucket>,
    devices: HashMap<DeviceId, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: u32,
    refilled: Instant,
}

impl Throttle {
    /// Takes one attempt, or says after how many seconds there is one.
    pub fn take(&self, device: DeviceId, now: Instant) -> Result<(), u64> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.devices.len() >= MAX_DEVICES {
            buckets
                .devices
                .retain(|_, bucket| now.duration_since(bucket.refilled) < DEVICE_REFILL * DEVICE_BURST);
        }
        if buckets.devices.len() >= MAX_DEVICES && !buckets.devices.contains_key(&device) {
            return Err(DEVICE_REFILL.as_secs());
        }
        buckets.devices.entry(device).or_insert(Bucket { tokens: DEVICE_BURST, refilled: now }).take(
            DEVICE_BURST,
            DEVICE_REFILL,
            now,
        )?;
        buckets.total.get_or_insert(Bucket { tokens: TOTAL_BURST, refilled: now }).take(
            TOTAL_BURST,
            TOTAL_REFILL,
            now,
        )
    }
}

impl Bucket {
    fn take(&mut self, burst: u32, refill: Duration, now: Instant) -> Result<(), u64> {
        while self.tokens < burst && now.duration_since(self.refilled) >= refill {
            self.tokens += 1;
            self.refilled += refill;
        }
        if self.tokens == burst {
            self.refilled = now;
        }
        match self.tokens.checked_sub(1) {
            Some(left) => {
                self.tokens = left;
                Ok(())
            }
            None => Err(refill.saturating_sub(now.duration_since(self.refilled)).as_secs().saturating_add(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "b9841cd9-9843-405f-be28-b2265c59ef97";
    const B: &str = "b9841cd9-9843-405f-be28-b2265c59ef98";

    #[test]
    fn a_device_waits_after_its_burst_and_another_does_not() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        let (a, b) = (A.parse().unwrap(), B.parse().unwrap());
        for _ in 0..DEVICE_BURST {
            throttle.take(a, start).unwrap();
        }
        assert_eq!(throttle.take(a, start), Err(DEVICE_REFILL.as_secs() + 1));
        throttle.take(b, start).unwrap();
        throttle.take(a, start + DEVICE_REFILL).unwrap();
        assert!(throttle.take(a, start + DEVICE_REFILL).is_err());
    }
}
