//! Lengths of time as people write them: `90s`, `30m`, `12h`, `7d`.

use std::time::Duration;

/// The units, largest first, with their seconds.
const UNITS: [(&str, u64); 4] = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)];

/// Reads a length of time.
///
/// # Errors
/// What should have been written.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a number and s, m, h or d: 30m".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
    let number: u32 = number.parse().map_err(|_| wrong())?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

/// Writes a length of time in its largest unit that leaves no rest, to the second: `90s`, `5m`.
pub fn written(length: Duration) -> String {
    let seconds = length.as_secs();
    let unit = UNITS.iter().find(|(_, unit)| seconds >= *unit && seconds.is_multiple_of(*unit));
    unit.map_or_else(|| format!("{seconds}s"), |(name, unit)| format!("{}{name}", seconds / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, seconds, back) in
            [("90s", 90, "90s"), ("30m", 1800, "30m"), ("60m", 3600, "1h"), ("7d", 604_800, "7d"), ("0s", 0, "0s")]
        {
            let length = duration(text).unwrap();
            assert_eq!((length.as_secs(), written(length).as_str()), (seconds, back), "{text}");
        }
        for text in ["", "m", "5", "-5m", "5 m", "1.5h", "5w", "9999999999s", "5é"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
