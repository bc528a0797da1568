//! A panic ends here: it must not unwind into somebody else's app (D11).

use std::panic::{AssertUnwindSafe, catch_unwind};

/// A panic was contained. What it said stays with the panic hook: it may hold anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panicked;

/// Runs `run`, the work of the entry of this name.
///
/// # Errors
/// [`Panicked`] if it panicked.
pub fn contain<T>(entry: &'static str, run: impl FnOnce() -> T) -> Result<T, Panicked> {
    let run = AssertUnwindSafe(|| {
        door::pass(entry);
        run()
    });
    catch_unwind(run).map_err(|payload| {
        // What was thrown may panic again when it is dropped.
        drop(catch_unwind(AssertUnwindSafe(|| drop(payload))));
        log::error!("code 902: a panic was contained in {entry}");
        Panicked
    })
}

/// Without the feature no entry can be told to panic.
#[cfg(not(feature = "dangerous-panic-test"))]
mod door {
    pub(super) const fn pass(_: &'static str) {}
}

#[cfg(feature = "dangerous-panic-test")]
pub mod door {
    //! Makes an entry panic, for the test that every one is contained.

    use std::sync::{Mutex, PoisonError};

    /// Names an entry that panics each time, where a language's bindings have no door.
    const VARIABLE: &str = "MTD_PANIC_AT";

    static NEXT: Mutex<Option<String>> = Mutex::new(None);

    /// The next pass through the entry of this name panics.
    #[cfg_attr(feature = "uniffi", uniffi::export)]
    pub fn arm(entry: String) {
        *NEXT.lock().unwrap_or_else(PoisonError::into_inner) = Some(entry);
    }

    /// Whether the armed entry has not been passed yet.
    #[cfg_attr(feature = "uniffi", uniffi::export)]
    pub fn is_armed() -> bool {
        NEXT.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    #[expect(clippy::panic, reason = "this is the panic that the test orders")]
    pub(super) fn pass(entry: &'static str) {
        let mut next = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
        let by_environment = std::env::var_os(VARIABLE).is_some_and(|name| name == entry);
        if by_environment || next.as_deref() == Some(entry) {
            *next = None;
            drop(next);
            panic!("ordered by a test");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Worse;

    impl Drop for Worse {
        fn drop(&mut self) {
            panic!("and again");
        }
    }

    #[test]
    fn a_panic_is_contained_even_if_its_payload_panics_too() {
        assert_eq!(contain("entry", || 7), Ok(7));
        assert_eq!(contain("entry", || -> u8 { panic!("no") }), Err(Panicked));
        assert_eq!(contain("entry", || -> u8 { std::panic::panic_any(Worse) }), Err(Panicked));
    }
}
