//! The cloud's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use agent_logic::time::Wall;

/// Milliseconds since 1970 UTC.
#[must_use]
pub fn now() -> Wall {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// `days` as a duration.
#[must_use]
pub const fn days(days: u64) -> Duration {
    Duration::from_secs(days.saturating_mul(24 * 60 * 60))
}

/// `2026-11-21 07:32:35 UTC`, for people.
#[must_use]
pub fn text(at: Wall) -> String {
    let Civil { year, month, day, hour, minute, second, .. } = Civil::of(at);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// `2026-11-21T07:32:35.123Z`, after RFC 3339.
#[must_use]
pub fn iso(at: Wall) -> String {
    let Civil { year, month, day, hour, minute, second, .. } = Civil::of(at);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", at.0 % 1000)
}

/// `Sat, 21 Nov 2026 07:32:35 +0000`, after RFC 5322.
#[must_use]
pub fn mail(at: Wall) -> String {
    let Civil { weekday, year, month, day, hour, minute, second } = Civil::of(at);
    let name = |names: &'static str, at: u64| {
        let at = usize::try_from(at).unwrap_or_default();
        names.split(' ').nth(at).unwrap_or_default()
    };
    let weekday = name("Thu Fri Sat Sun Mon Tue Wed", weekday);
    let month = name("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", month.saturating_sub(1));
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} +0000")
}

/// A moment in the calendar, UTC. The weekday counts from Thursday, that of 1970-01-01.
struct Civil {
    weekday: u64,
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

impl Civil {
    fn of(at: Wall) -> Self {
        // Days to a civil date, after the proleptic Gregorian calendar; eras of 400 years.
        let seconds = at.0 / 1000;
        let (day_count, second) = (seconds / 86_400, seconds % 86_400);
        let shifted = day_count.saturating_add(719_468);
        let (era, of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = era.saturating_mul(400) + year_of_era + u64::from(month <= 2);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        Self { weekday: day_count % 7, year, month, day, hour, minute, second }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_reads_as_the_calendar_has_it() {
        assert_eq!(text(Wall(0)), "1970-01-01 00:00:00 UTC");
        assert_eq!(text(Wall(951_782_400_000)), "2000-02-29 00:00:00 UTC");
        assert_eq!(text(Wall(1_795_246_355_000)), "2026-11-21 07:32:35 UTC");
        assert_eq!(mail(Wall(1_795_246_355_000)), "Sat, 21 Nov 2026 07:32:35 +0000");
        assert_eq!(iso(Wall(1_795_246_355_007)), "2026-11-21T07:32:35.007Z");
        assert_eq!(mail(Wall(0)), "Thu, 01 Jan 1970 00:00:00 +0000");
    }
}
