//! What is built for. 32 bit is not: ring has no assembler for 32-bit Apple systems.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slice {
    Phone,
    Simulator,
}

impl Slice {
    pub(super) const ALL: [Self; 2] = [Self::Phone, Self::Simulator];

    /// As rustc calls it.
    pub(super) const fn triple(self) -> &'static str {
        match self {
            Self::Phone => "aarch64-apple-ios",
            Self::Simulator => "aarch64-apple-ios-sim",
        }
    }

    /// As clang calls it, with the oldest system it is for.
    pub(super) fn clang(self) -> String {
        let (major, minor) = self.floor();
        let variant = match self {
            Self::Phone => "",
            Self::Simulator => "-simulator",
        };
        format!("arm64-apple-ios{major}.{minor}{variant}")
    }

    /// The oldest system. A simulator on arm64 begins at 14.0 by nature.
    pub(super) const fn floor(self) -> (u32, u32) {
        match self {
            Self::Phone => (8, 0),
            Self::Simulator => (14, 0),
        }
    }

    /// What every object says of itself.
    pub(super) fn stamp(self) -> String {
        let (major, minor) = self.floor();
        match self {
            Self::Phone => format!("iOS {major}.{minor}"),
            Self::Simulator => format!("simulator {major}.{minor}"),
        }
    }

    /// As the linker calls the system.
    pub(super) const fn platform(self) -> &'static str {
        match self {
            Self::Phone => "ios",
            Self::Simulator => "ios-simulator",
        }
    }

    /// Its folder in the framework.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Phone => "ios-arm64",
            Self::Simulator => "ios-arm64-simulator",
        }
    }
}
