//! PostgreSQL's `timestamp with time zone` in ISO style, which pg_dump always sets: `2026-11-21 05:30:00.25+05:30`.
//!
//! The zone is whatever the server was set to, so it differs between dumps and, with summer time, between rows.
//! Fractions are cut to milliseconds, never rounded up. A moment before year 1 or `infinity` is no moment MAAS
//! records, and is not read.

use regent_core::time::WallTime;

const MILLIS_PER_SECOND: i64 = 1000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Years that PostgreSQL writes with more digits lie outside of what it can hold.
const YEAR_DIGITS_MAX: usize = 6;

/// The moment that `text` names; `None` if it names none.
#[must_use]
pub fn parse(text: &str) -> Option<WallTime> {
    let mut rest = Digits { rest: text.as_bytes() };
    let year = rest.number(4, YEAR_DIGITS_MAX)?;
    rest.mark(b'-')?;
    let month = rest.number(2, 2).filter(|month| (1..=12).contains(month))?;
    rest.mark(b'-')?;
    let day = rest.number(2, 2).filter(|day| (1..=days_of_month(year, month)).contains(day))?;
    rest.mark(b' ').or_else(|| rest.mark(b'T'))?;
    let seconds = rest.clock_time()?;
    let millis = if rest.mark(b'.').is_some() { rest.fraction_in_millis()? } else { 0 };
    let offset = rest.zone()?;
    if !rest.rest.is_empty() {
        return None;
    }
    let seconds = days_since_epoch(year, month, day) * SECONDS_PER_DAY + seconds - offset;
    Some(WallTime(seconds * MILLIS_PER_SECOND + millis))
}

struct Digits<'a> {
    rest: &'a [u8],
}

impl Digits<'_> {
    fn mark(&mut self, mark: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[mark])?;
        Some(())
    }

    fn number(&mut self, digits_min: usize, digits_max: usize) -> Option<i64> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(digits_min..=digits_max).contains(&length) {
            return None;
        }
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    /// `hh:mm:ss` in seconds. PostgreSQL writes 24:00:00 and 23:59:60 for no timestamp.
    fn clock_time(&mut self) -> Option<i64> {
        let hours = self.number(2, 2).filter(|hours| *hours < 24)?;
        self.mark(b':')?;
        let minutes = self.sixtieth()?;
        self.mark(b':')?;
        Some(hours * 3600 + minutes * 60 + self.sixtieth()?)
    }

    fn sixtieth(&mut self) -> Option<i64> {
        self.number(2, 2).filter(|number| *number < 60)
    }

    fn fraction_in_millis(&mut self) -> Option<i64> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(3);
        (length > 0).then(|| padded.fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    /// `Z`, `±hh`, `±hh:mm` or `±hh:mm:ss` (local mean times have seconds) in seconds east of Greenwich.
    fn zone(&mut self) -> Option<i64> {
        if self.mark(b'Z').is_some() {
            return Some(0);
        }
        let sign = if self.mark(b'+').is_some() { 1 } else { self.mark(b'-').map(|()| -1)? };
        let mut offset = self.number(2, 2)? * 3600;
        if self.mark(b':').is_some() {
            offset += self.sixtieth()? * 60;
            if self.mark(b':').is_some() {
                offset += self.sixtieth()?;
            }
        }
        Some(sign * offset)
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar, which is PostgreSQL's.
const fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    const DAYS_TO_EPOCH: i64 = 719_468;
    // Years that begin in March have their leap day at the end.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - DAYS_TO_EPOCH
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Option<i64> {
        parse(text).map(|time| time.0)
    }

    #[test]
    fn the_epoch_is_zero_in_every_zone() {
        for text in [
            "1970-01-01 00:00:00+00",
            "1970-01-01 05:30:00+05:30",
            "1969-12-31 19:00:00-05",
            "1969-12-31 20:30:00-03:30",
            "1970-01-01 00:19:32+00:19:32",
            "1970-01-01T00:00:00Z",
        ] {
            assert_eq!(millis(text), Some(0), "{text}");
        }
    }

    #[test]
    fn fractions_of_any_length_are_cut_to_milliseconds() {
        for (text, expected) in [
            ("1970-01-01 00:00:00.1+00", 100),
            ("1970-01-01 00:00:00.25+00", 250),
            ("1970-01-01 00:00:00.05+00", 50),
            ("1970-01-01 00:00:01.000999+00", 1000),
            ("1970-01-01 00:00:00.999999+00", 999),
            ("1969-12-31 23:59:59.9995+00", -1),
        ] {
            assert_eq!(millis(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn dates_far_and_near_are_counted_by_the_calendar() {
        for (text, seconds) in [
            ("2026-11-21 00:00:00+00", 1_795_219_200),
            ("2000-02-29 12:00:00+00", 951_825_600),
            ("2024-12-31 23:59:59+00", 1_735_689_599),
            ("1900-03-01 00:00:00+00", -2_203_891_200),
            ("0001-01-01 00:00:00+00", -62_135_596_800),
            ("9999-12-31 23:59:59+00", 253_402_300_799),
        ] {
            assert_eq!(millis(text), Some(seconds * 1000), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_not_read() {
        for text in [
            "",
            "infinity",
            "-infinity",
            "2026-11-21",
            "2026-11-21 00:00:00",
            "2026-11-21 00:00:00+00 BC",
            "2026-02-29 00:00:00+00",
            "2026-13-01 00:00:00+00",
            "2026-00-01 00:00:00+00",
            "2026-11-21 24:00:00+00",
            "2026-11-21 00:60:00+00",
            "2026-11-21 00:00:00.+00",
            "2026-11-21 00:00:00+5",
            "2026-11-21 00:00:00+00x",
            "99999999999999999999-01-01 00:00:00+00",
        ] {
            assert_eq!(millis(text), None, "{text}");
        }
    }
}
