//! What went wrong, counted by code, for the administrator. A count leaves only once the cloud has it.

use crate::code::Code;
use crate::sorted::Sorted;
use crate::time::Stamp;
use crate::wire::Diagnostic;

/// Kinds of fault that one report tells; the others wait for the next. Codes come from one table, which
/// bounds what is counted.
const MAX_IN_REPORT: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    counted: Sorted<Code, Count>,
    /// In the report on its way.
    telling: Sorted<Code, Count>,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    times: u32,
    last: Stamp,
}

impl Diagnostics {
    pub(crate) fn count(&mut self, code: Code, times: u32, last: Stamp) {
        if times > 0 {
            let before = self.counted.get(&code).map_or(0, |count| count.times);
            self.counted.insert(code, Count { times: before.saturating_add(times), last });
        }
    }

    /// For the report that is sealed now.
    pub(crate) fn tell(&mut self) -> Vec<Diagnostic> {
        self.untold();
        let mut counted = std::mem::take(&mut self.counted).into_iter();
        self.telling = counted.by_ref().take(MAX_IN_REPORT).collect();
        self.counted = counted.collect();
        let told = self.telling.iter();
        told.map(|(code, count)| Diagnostic { code: code.0, count: count.times, last: count.last }).collect()
    }

    /// The cloud has the report.
    pub(crate) fn told(&mut self) {
        self.telling.clear();
    }

    /// The report that told it was dropped: the next one tells it.
    fn untold(&mut self) {
        for (code, count) in std::mem::take(&mut self.telling) {
            let last = self.counted.get(&code).map_or(count.last, |later| later.last);
            self.count(code, count.times, last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{self, ALL};

    fn told(diagnostics: &mut Diagnostics) -> Vec<(u16, u32)> {
        diagnostics.tell().iter().map(|diagnostic| (diagnostic.code, diagnostic.count)).collect()
    }

    #[test]
    fn what_is_counted_while_a_report_is_on_its_way_is_in_the_next() {
        let mut diagnostics = Diagnostics::default();
        diagnostics.count(code::TIMED_OUT, 1, Stamp::default());
        assert_eq!(told(&mut diagnostics), [(302, 1)]);
        diagnostics.count(code::TIMED_OUT, 2, Stamp::default());
        diagnostics.told();
        assert_eq!(told(&mut diagnostics), [(302, 2)]);
        diagnostics.told();
        assert_eq!(told(&mut diagnostics), []);
    }

    #[test]
    fn a_dropped_report_loses_no_count() {
        let mut diagnostics = Diagnostics::default();
        diagnostics.count(code::TIMED_OUT, 1, Stamp::default());
        diagnostics.tell();
        diagnostics.count(code::TIMED_OUT, 2, Stamp::default());
        assert_eq!(told(&mut diagnostics), [(302, 3)]);
    }

    #[test]
    fn a_report_is_bounded_and_the_rest_follows() {
        let mut diagnostics = Diagnostics::default();
        for (code, _) in ALL {
            diagnostics.count(*code, 1, Stamp::default());
        }
        let mut reports = Vec::new();
        loop {
            let told = told(&mut diagnostics);
            if told.is_empty() {
                break;
            }
            diagnostics.told();
            reports.push(told);
        }
        assert!(reports.iter().all(|report| report.len() <= MAX_IN_REPORT));
        assert_eq!(reports.concat().len(), ALL.len());
    }
}
