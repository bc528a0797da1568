//! The bytes that the library holds, counted at every allocation: what many lives leave is told exactly.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

#[global_allocator]
static HEAP: Counted = Counted(AtomicUsize::new(0));

struct Counted(AtomicUsize);

// SAFETY: the system's allocator does the work and its answers go out unchanged.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.0.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: what the caller keeps to is what the system asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        self.0.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above; `alloc` had it from the system.
        unsafe { System.dealloc(at, layout) }
    }
}

/// Bytes that are held now.
pub(super) fn held() -> usize {
    HEAP.0.load(Ordering::Relaxed)
}
