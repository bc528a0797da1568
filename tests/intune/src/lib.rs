//! Stand-in for Intune: the toggles and the rules of seeds 000–004. Of a device's threats it knows only what a
//! partner's connector pushes, which is a device ID, a health state and a time.
//!
//! ```text
//!   connector ──PUT /connector/devices/{id}──▶ api ─▶ store ─▶ evaluate ─▶ GET /devices/{id}
//!   administrator ──PATCH, PUT──▶ settings, managed ───────────▲   ▲       GET /deviceManagement/… (graph)
//!   clock ─▶ partner: notSetUp · available · enabled · unresponsive ┘
//! ```

pub mod api;
pub mod apps;
pub mod cli;
pub mod clock;
pub mod compliance;
pub mod evaluate;
pub mod graph;
pub mod managed;
pub mod partner;
pub mod serve;
pub mod settings;
pub mod store;
