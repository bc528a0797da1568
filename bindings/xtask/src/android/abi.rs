//! The four kinds of Android processor, and the oldest Android of each.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Abi {
    Armv7,
    Arm64,
    X86,
    X8664,
}

impl Abi {
    pub(crate) const ALL: [Self; 4] = [Self::Armv7, Self::Arm64, Self::X86, Self::X8664];
    /// Those that every run of the tests builds: the oldest phones and today's.
    pub(crate) const IN_EVERY_RUN: [Self; 2] = [Self::Armv7, Self::Arm64];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|abi| abi.name() == name)
    }

    /// As Android calls it, and the folders of an AAR.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Armv7 => "armeabi-v7a",
            Self::Arm64 => "arm64-v8a",
            Self::X86 => "x86",
            Self::X8664 => "x86_64",
        }
    }

    /// As rustc calls it.
    pub(super) fn triple(self) -> &'static str {
        match self {
            Self::Armv7 => "armv7-linux-androideabi",
            Self::Arm64 => "aarch64-linux-android",
            Self::X86 => "i686-linux-android",
            Self::X8664 => "x86_64-linux-android",
        }
    }

    /// As clang calls it, with the floor.
    pub(super) fn clang(self) -> String {
        let triple = match self {
            Self::Armv7 => "armv7a-linux-androideabi",
            Self::Arm64 | Self::X86 | Self::X8664 => self.triple(),
        };
        format!("{triple}{}", self.floor())
    }

    /// The oldest API level that the library is for: 64 bit began with 21.
    pub(super) fn floor(self) -> u32 {
        match self {
            Self::Armv7 | Self::X86 => 16,
            Self::Arm64 | Self::X8664 => 21,
        }
    }

    /// Segments are aligned to so many bytes; phones with 64 bit may have pages of 16 KiB.
    pub(super) fn page(self) -> u64 {
        match self {
            Self::Armv7 | Self::X86 => 4096,
            Self::Arm64 | Self::X8664 => 16384,
        }
    }

    /// Its column in the table of symbols.
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Armv7 => "arm",
            Self::Arm64 => "arm64",
            Self::X86 => "x86",
            Self::X8664 => "x86_64",
        }
    }
}

impl fmt::Display for Abi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
