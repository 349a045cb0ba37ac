//! Lengths of time as people write them, on the command line and over HTTP: `500ms`, `10s`, `2m`, `1h`.

use std::time::Duration;

/// Reads a length of time.
///
/// # Errors
/// A sentence that shows how to write one.
pub fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit_ms: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 0,
    };
    let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit_ms));
    match millis {
        Some(millis) if unit_ms > 0 => Ok(Duration::from_millis(millis)),
        Some(_) | None => Err("a length of time looks like 500ms, 10s, 2m or 1h".into()),
    }
}

/// Tells a length of time by its two largest units: `1d3h`, `9m12s`, `250ms`.
#[must_use]
pub fn tell(length: Duration) -> String {
    let (seconds, millis) = (length.as_secs(), length.subsec_millis());
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ];
    let largest = parts.iter().position(|(number, _)| *number > 0);
    let Some(largest) = largest else { return format!("{millis}ms") };
    let told = parts.iter().skip(largest).take(2).filter(|(number, _)| *number > 0);
    told.map(|(number, unit)| format!("{number}{unit}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{parse, tell};
    use std::time::Duration;

    #[test]
    fn length_of_time_is_told_by_its_two_largest_units() {
        let told = |millis| tell(Duration::from_millis(millis));
        assert_eq!(told(250), "250ms");
        assert_eq!(told(552_900), "9m12s");
        assert_eq!(told(3_600_000), "1h");
        assert_eq!(told(86_400_000 + 3_600_000 + 60_000), "1d1h");
    }

    #[test]
    fn length_of_time_needs_a_number_and_a_unit() {
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "5", "s", "-1s", "5 s", "1.5s", "99999999999999999999h", "1d"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
