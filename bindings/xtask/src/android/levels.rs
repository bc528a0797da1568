//! Since which API level each symbol of Android's C libraries is there: `android/native/bionic-api-levels.csv`.

use std::collections::BTreeMap;
use std::path::Path;

use super::abi::Abi;
use super::{Fault, read};

const TABLE: &str = "android/native/bionic-api-levels.csv";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    Variable,
}

#[derive(Debug)]
pub(super) struct Symbol {
    /// Such as `libc`.
    pub(super) library: String,
    pub(super) kind: Kind,
    pub(super) since: u32,
}

/// The symbols of one ABI.
#[derive(Debug)]
pub(super) struct Levels(BTreeMap<String, Symbol>);

impl Levels {
    pub(super) fn of(root: &Path, abi: Abi) -> Result<Self, Fault> {
        Self::parse(&read(&root.join(TABLE))?, abi).map_err(|fault| Fault(format!("{TABLE}: {fault}")))
    }

    pub(super) fn parse(table: &str, abi: Abi) -> Result<Self, String> {
        let mut lines = table.lines();
        let head: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
        let column = |name: &str| head.iter().position(|h| *h == name).ok_or(format!("no column {name}"));
        let (symbol, library, kind) = (column("symbol")?, column("library")?, column("kind")?);
        let level = column(abi.column())?;
        let mut symbols = BTreeMap::new();
        for line in lines {
            let cells: Vec<&str> = line.split(',').collect();
            let cell = |at: usize| cells.get(at).copied().ok_or(format!("{line:?} is short"));
            if cell(level)?.is_empty() {
                continue;
            }
            let since = cell(level)?.parse().map_err(|_| format!("{line:?} has no level"))?;
            let kind = match cell(kind)? {
                "fn" => Kind::Function,
                "var" => Kind::Variable,
                _ => return Err(format!("{line:?} is neither function nor variable")),
            };
            symbols
                .insert(cell(symbol)?.to_owned(), Symbol { library: cell(library)?.to_owned(), kind, since });
        }
        Ok(Self(symbols))
    }

    /// Since when, `None` if no library of Android has it.
    pub(super) fn since(&self, symbol: &str) -> Option<u32> {
        self.0.get(symbol).map(|found| found.since)
    }

    /// What is there at `level`, by library.
    pub(super) fn at(&self, level: u32) -> BTreeMap<&str, Vec<(&str, Kind)>> {
        let mut libraries = BTreeMap::<_, Vec<_>>::new();
        for (name, symbol) in self.0.iter().filter(|(_, symbol)| symbol.since <= level) {
            libraries.entry(symbol.library.as_str()).or_default().push((name.as_str(), symbol.kind));
        }
        libraries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "symbol,library,kind,arm,x86,arm64,x86_64\n";

    #[test]
    fn a_symbol_is_there_from_its_level_on() {
        let table = format!("{HEAD}open,libc,fn,9,9,21,21\nstderr,libc,var,23,23,23,23\nold,libdl,fn,9,,,\n");
        let arm = Levels::parse(&table, Abi::Armv7).unwrap();
        assert_eq!(
            arm.at(16),
            BTreeMap::from([
                ("libc", vec![("open", Kind::Function)]),
                ("libdl", vec![("old", Kind::Function)]),
            ])
        );
        assert_eq!(arm.since("stderr"), Some(23));
        assert_eq!(Levels::parse(&table, Abi::X8664).unwrap().since("old"), None);
    }

    #[test]
    fn a_table_that_cannot_be_read_is_refused() {
        assert!(Levels::parse("symbol,library\n", Abi::X86).is_err());
        assert!(Levels::parse(&format!("{HEAD}open,libc,fn,x,9,21,21"), Abi::Armv7).is_err());
        assert!(Levels::parse(&format!("{HEAD}open,libc,verb,9,9,21,21"), Abi::Armv7).is_err());
    }
}
