//! Room for so many connections, shared fairly: who comes always gets in, and when there is no room left, one who holds
//! the most loses the oldest.
//!
//! No address has a fixed share: a carrier puts thousands of phones behind one, and they may have all the room while
//! nobody else wants it. Who floods pushes out connections of its own address only, and a phone behind the same address
//! loses one only if it is slower than the flood takes to fill the room.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_logic::model::DeviceId;
use tokio::sync::Notify;

/// Who holds a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// An IPv4 address, or the first 64 bits of an IPv6 address, which one subscriber has.
    Address(IpAddr),
    /// The device that a certificate names.
    Device(DeviceId),
}

/// Room for connections.
#[derive(Debug)]
pub struct Crowd {
    most: usize,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    count: usize,
    next: u64,
    /// Each one's connections, the oldest first.
    held: HashMap<Holder, VecDeque<(u64, Arc<Notify>)>>,
    pushed_out: u64,
}

/// A connection's place; leaving it makes room.
#[derive(Debug)]
pub struct Seat {
    crowd: Arc<Crowd>,
    holder: Holder,
    number: u64,
    out: Arc<Notify>,
}

impl Holder {
    /// Who connects from `address`.
    #[must_use]
    pub fn from_address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::Address(address.into()),
            IpAddr::V6(address) => {
                Self::Address(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into())
            }
        }
    }
}

impl Crowd {
    /// Room for `most` connections.
    #[must_use]
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, inside: Mutex::default() })
    }

    /// Takes a place, if need be that of another.
    #[must_use]
    pub fn enter(self: &Arc<Self>, holder: Holder) -> Seat {
        let mut inside = self.inside();
        if inside.count >= self.most {
            inside.push_out();
        }
        let number = inside.next;
        inside.next = number.wrapping_add(1);
        inside.count = inside.count.saturating_add(1);
        let out = Arc::new(Notify::new());
        inside.held.entry(holder).or_default().push_back((number, Arc::clone(&out)));
        drop(inside);
        Seat { crowd: Arc::clone(self), holder, number, out }
    }

    /// Connections inside.
    #[must_use]
    pub fn count(&self) -> usize {
        self.inside().count
    }

    /// Connections that lost their place to another.
    #[must_use]
    pub fn pushed_out(&self) -> u64 {
        self.inside().pushed_out
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Ends the oldest connection of one who holds the most; of several such, the oldest of all.
    fn push_out(&mut self) {
        let age =
            |seats: &VecDeque<(u64, Arc<Notify>)>| seats.front().map_or(u64::MAX, |(number, _)| *number);
        let most = self
            .held
            .iter()
            .max_by_key(|(_, seats)| (seats.len(), std::cmp::Reverse(age(seats))))
            .map(|(holder, _)| *holder);
        let Some(holder) = most else { return };
        let oldest = self.held.get_mut(&holder).and_then(VecDeque::pop_front);
        if let Some((_, out)) = oldest {
            out.notify_one();
            self.left(&holder);
            self.pushed_out = self.pushed_out.saturating_add(1);
        }
    }

    fn left(&mut self, holder: &Holder) {
        self.count = self.count.saturating_sub(1);
        if self.held.get(holder).is_some_and(VecDeque::is_empty) {
            self.held.remove(holder);
        }
    }
}

impl Seat {
    /// Ends when another takes the place.
    pub async fn lost(&self) {
        self.out.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inside = self.crowd.inside();
        let seats = inside.held.get_mut(&self.holder);
        let mine = seats.and_then(|seats| {
            let at = seats.iter().position(|(number, _)| *number == self.number)?;
            seats.remove(at)
        });
        if mine.is_some() {
            inside.left(&self.holder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(address: &str) -> Holder {
        Holder::from_address(address.parse().unwrap())
    }

    fn is_out(seat: &Seat) -> bool {
        use std::future::Future as _;
        let lost = std::pin::pin!(seat.lost());
        lost.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready()
    }

    #[test]
    fn who_holds_the_most_loses_the_oldest_and_nobody_else_loses_anything() {
        let crowd = Crowd::new(8);
        let other = crowd.enter(from("192.0.2.9"));
        let mut flood: Vec<Seat> = (0..7).map(|_| crowd.enter(from("192.0.2.1"))).collect();
        assert!(!flood.iter().any(is_out), "all the room, while nobody else wants it");
        for _ in 0..100 {
            flood.push(crowd.enter(from("192.0.2.1")));
        }
        let late = crowd.enter(from("192.0.2.7"));
        assert_eq!((crowd.count(), crowd.pushed_out()), (8, 101));
        assert!(!is_out(&other) && !is_out(&late));
        let out: Vec<bool> = flood.iter().map(is_out).collect();
        assert_eq!(out.iter().filter(|out| **out).count(), 101);
        assert!(out[..101].iter().all(|out| *out), "the oldest");
        drop(flood);
        assert_eq!(crowd.count(), 2);
    }

    #[test]
    fn among_equals_the_oldest_of_all_goes() {
        let crowd = Crowd::new(2);
        let (first, second) = (crowd.enter(from("192.0.2.1")), crowd.enter(from("192.0.2.2")));
        let _third = crowd.enter(from("192.0.2.3"));
        assert!(is_out(&first) && !is_out(&second));
    }

    #[test]
    fn one_subscriber_is_one_holder() {
        assert_eq!(from("2001:db8:0:1::1"), from("2001:db8:0:1:ffff::2"));
        assert_ne!(from("2001:db8:0:1::1"), from("2001:db8:0:2::1"));
        assert_eq!(from("::ffff:192.0.2.1"), from("192.0.2.1"));
        assert_ne!(from("192.0.2.1"), from("192.0.2.2"));
    }
}
