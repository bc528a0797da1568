//! What went wrong with devices, as lines of an error notice.

use rusqlite::params;

use super::{Event, StoreError, Tx, int, unint, unword, word};

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Reports that did not follow, chains that began unasked.
    Chain,
    /// Faults that devices counted.
    Diagnostics,
}

impl Tx<'_> {
    /// The number of the last line there is; 0 if there is none, or nowhere to look.
    pub fn last_trouble(&self, of: Option<Trouble>) -> Result<u64, StoreError> {
        let Some(of) = of else { return Ok(0) };
        let sql = format!("SELECT coalesce(max(seq), 0) FROM {}", of.table());
        Ok(unint(self.0.query_row(&sql, [], |row| row.get(0))?))
    }

    /// What is newer than line `seen`: at most `most` lines and how many more there are, and the last line's number.
    pub fn troubles(&self, of: Trouble, seen: u64, most: u32) -> Result<(Vec<String>, u64), StoreError> {
        let last = self.last_trouble(Some(of))?;
        // Numbers begin again when every line has aged out.
        let seen = if last < seen { 0 } else { seen };
        let (mut lines, mut more) = (Vec::new(), 0_u64);
        let (broken, restart) = (word(&Event::ChainBroken)?, word(&Event::Restart)?);
        let sql = match of {
            Trouble::Chain => {
                "SELECT device, event, count(*), 0 FROM history WHERE seq > ?1 AND seq <= ?2
                 AND event IN (?3, ?4) GROUP BY device, event ORDER BY max(seq)"
            }
            Trouble::Diagnostics => {
                "SELECT device, code, sum(count), ?3 || ?4 FROM diagnostic WHERE seq > ?1 AND seq <= ?2
                 GROUP BY device, code ORDER BY max(seq)"
            }
        };
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params![int(seen), int(last), broken, restart])?;
        while let Some(row) = rows.next()? {
            if lines.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
                more = more.saturating_add(1);
                continue;
            }
            let (device, times): (String, i64) = (row.get(0)?, row.get(2)?);
            lines.push(match of {
                Trouble::Chain => {
                    format!("{device}  {}  {times} times", unword::<Event>(row.get(1)?)?.text())
                }
                Trouble::Diagnostics => format!("{device}  code {}  {times} times", row.get::<_, i64>(1)?),
            });
        }
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        Ok((lines, last))
    }
}

impl Trouble {
    const fn table(self) -> &'static str {
        match self {
            Self::Chain => "history",
            Self::Diagnostics => "diagnostic",
        }
    }
}
