//! Wall time as people and JSON write it (RFC 3339, UTC).

use regent_core::time::WallTime;

const DAY_MS: i64 = 86_400_000;

/// The moment as `2026-05-01T12:00:00.000Z`.
#[must_use]
pub fn rfc3339(time: WallTime) -> String {
    let (days, rest) = (time.0.div_euclid(DAY_MS), time.0.rem_euclid(DAY_MS));
    let (year, month, day) = civil(days);
    let (seconds, millis) = (rest / 1000, rest % 1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z")
}

/// Year, month and day of a number of days since 1970 (Hinnant, "chrono-compatible low-level date algorithms").
const fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::rfc3339;
    use regent_core::time::WallTime;

    #[test]
    fn moments_before_and_after_1970_and_on_leap_days_are_written_as_people_do() {
        assert_eq!(rfc3339(WallTime(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(WallTime(-1)), "1969-12-31T23:59:59.999Z");
        assert_eq!(rfc3339(WallTime(951_782_400_000)), "2000-02-29T00:00:00.000Z");
        assert_eq!(rfc3339(WallTime(1_777_636_800_123)), "2026-05-01T12:00:00.123Z");
    }
}
