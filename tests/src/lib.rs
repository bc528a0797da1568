//! The story, the stand-in device, the path between device and cloud, and what the tests share.

pub mod path;
