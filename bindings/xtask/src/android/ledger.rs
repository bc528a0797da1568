//! How large the libraries are, and should be: `android/size-ledger.json`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::abi::Abi;
use super::{Fault, read};

const LEDGER: &str = "android/size-ledger.json";

pub(super) struct Ledger {
    /// A library may grow by so many bytes of each hundred before somebody must write it down.
    tolerance_percent: u64,
    entries: BTreeMap<Abi, Entry>,
}

struct Entry {
    bytes: u64,
    /// What the project set out to reach, where it did; told, not judged.
    target: Option<u64>,
}

impl Ledger {
    pub(super) fn open(root: &Path) -> Result<Self, Fault> {
        let text = read(&root.join(LEDGER))?;
        Self::parse(&text).ok_or_else(|| {
            Fault(format!("{LEDGER}: expected tolerance_percent, and bytes of ABIs under libraries"))
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let number = |value: Option<&Value>| value.and_then(Value::as_u64);
        let entry = |(name, entry): (&String, &Value)| {
            let (bytes, target) = (number(entry.get("bytes"))?, number(entry.get("target")));
            Some((Abi::named(name)?, Entry { bytes, target }))
        };
        Some(Self {
            tolerance_percent: number(value.get("tolerance_percent"))?,
            entries: value.get("libraries")?.as_object()?.iter().map(entry).collect::<Option<_>>()?,
        })
    }

    pub(super) fn judge(&self, abi: Abi, bytes: u64) -> Vec<String> {
        let Some(entry) = self.entries.get(&abi) else { return vec![format!("{abi} is not in {LEDGER}")] };
        let allowed = entry.bytes.saturating_add(entry.bytes.saturating_mul(self.tolerance_percent) / 100);
        if bytes <= allowed {
            return Vec::new();
        }
        vec![format!(
            "{bytes} bytes; {LEDGER} has {} and a tolerance of {} %: say there why it grew, or make it smaller",
            entry.bytes, self.tolerance_percent
        )]
    }

    /// The target of an ABI, in bytes, where there is one.
    pub(super) fn target(&self, abi: Abi) -> Option<u64> {
        self.entries.get(&abi)?.target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(tolerance: u64) -> Ledger {
        let entry = "{\"bytes\":1000,\"target\":900}";
        let entries: Vec<String> = Abi::ALL.iter().map(|abi| format!("{:?}:{entry}", abi.name())).collect();
        let text = format!("{{\"tolerance_percent\":{tolerance},\"libraries\":{{{}}}}}", entries.join(","));
        Ledger::parse(&text).unwrap()
    }

    #[test]
    fn growth_within_the_tolerance_is_free() {
        assert!(ledger(2).judge(Abi::X86, 1020).is_empty());
        assert_eq!(ledger(2).judge(Abi::X86, 1021).len(), 1);
        assert!(ledger(2).judge(Abi::X86, 1).is_empty());
    }

    #[test]
    fn an_abi_that_was_never_written_down_is_a_fault() {
        let text = "{\"tolerance_percent\":1,\"libraries\":{\"x86\":{\"bytes\":1,\"target\":1}}}";
        let ledger = Ledger::parse(text).unwrap();
        assert!(ledger.judge(Abi::X86, 1).is_empty());
        assert_eq!(ledger.judge(Abi::Arm64, 1).len(), 1);
    }

    #[test]
    fn a_ledger_that_cannot_be_read_is_refused() {
        assert!(
            Ledger::parse("{\"tolerance_percent\":1,\"libraries\":{\"mips\":{\"bytes\":1,\"target\":1}}}")
                .is_none()
        );
        assert!(Ledger::parse("{\"tolerance_percent\":1,\"libraries\":{\"x86\":{\"target\":1}}}").is_none());
    }
}
