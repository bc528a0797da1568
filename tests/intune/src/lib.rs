//! Stand-in for Intune: the toggles and the rule of seeds 000–003. It knows only what a partner's connector
//! pushes, which is a device ID, a health state and a time.
//!
//! ```text
//!   connector ──PUT /connector/devices/{id}──▶ api ─▶ store ─▶ compliance ─▶ GET /devices/{id}
//! ```

pub mod api;
pub mod cli;
pub mod compliance;
pub mod serve;
pub mod store;
