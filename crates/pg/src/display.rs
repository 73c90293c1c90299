//! Figures as people read them. One place, so that every face writes the same number the same way.
//!
//! Sizes are in units of 1024 as PostgreSQL prints them, durations in the two largest units that matter,
//! counts with narrow no-break spaces. Exact values belong beside these, in evidence or in a title.

use std::borrow::Borrow;

use crate::unit::{Bytes, Millis, Ratio, bytes_per_unit, millis_per_unit};

/// Units of sizes in bytes, the largest first.
const SIZES: [(&str, f64); 5] = [
    ("PB", 1_125_899_906_842_624.0),
    ("TB", 1_099_511_627_776.0),
    ("GB", 1_073_741_824.0),
    ("MB", 1_048_576.0),
    ("kB", 1024.0),
];

/// Units of times in milliseconds, the largest first.
const TIMES: [(&str, f64); 4] = [("h", 3_600_000.0), ("min", 60_000.0), ("s", 1000.0), ("ms", 1.0)];

/// `1536 MB`, `64 MB`, `8 kB`: the size of a parameter, as a statement sets it.
#[must_use]
pub fn exact_bytes(size: Bytes) -> String {
    let text = size.to_parameter();
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    format!("{number} {}", if unit == "B" { "bytes" } else { unit })
}

/// `1.5 GB`, `64 MB`, `8 kB`, `12 bytes`.
#[must_use]
pub fn bytes(size: Bytes) -> String {
    let value = size.0 as f64;
    for (name, step) in SIZES {
        if value.abs() >= step {
            return format!("{} {name}", trimmed(value / step));
        }
    }
    format!("{} bytes", size.0)
}

/// `0.03 ms`, `0.4 ms`, `12 ms`, `3.2 s`, `5 min 10 s`, `2 h 5 min`, `3 d 4 h`.
#[must_use]
pub fn duration(time: Millis) -> String {
    if !time.0.is_finite() {
        return "–".to_owned();
    }
    if time.0 < 0.0 {
        return format!("-{}", duration(Millis(-time.0)));
    }
    let seconds = time.seconds();
    if seconds < 1.0 {
        return match time.0 {
            ms if ms > 0.0 && ms < 0.005 => "< 0.01 ms".to_owned(),
            ms if ms > 0.0 && ms < 0.095 => format!("{ms:.2} ms"),
            ms => format!("{} ms", trimmed(ms)),
        };
    }
    if seconds < 60.0 {
        return format!("{} s", trimmed(seconds));
    }
    let whole = seconds.round() as i64;
    let (large, large_name, small, small_name) = match whole {
        ..3600 => (whole / 60, "min", whole % 60, "s"),
        3600..86_400 => (whole / 3600, "h", whole % 3600 / 60, "min"),
        _ => (whole / 86_400, "d", whole % 86_400 / 3600, "h"),
    };
    if small == 0 { format!("{large} {large_name}") } else { format!("{large} {large_name} {small} {small_name}") }
}

/// `1 234 567`, with narrow no-break spaces between groups of three from five digits on.
#[must_use]
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    if digits.len() < 5 {
        return number.to_string();
    }
    let mut grouped = String::with_capacity(digits.len() * 2);
    if number < 0 {
        grouped.push('-');
    }
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// `12.3 %`.
#[must_use]
pub fn percent(ratio: Ratio) -> String {
    if ratio.0.is_finite() { format!("{} %", trimmed(ratio.0 * 100.0)) } else { "–".to_owned() }
}

/// `1 table`, `2 tables`: a count with its noun in the right number. A count beyond `i64` is shown as its greatest.
#[must_use]
pub fn counted(number: impl TryInto<i64>, singular: &str, plural: &str) -> String {
    let number = number.try_into().unwrap_or(i64::MAX);
    format!("{} {}", count(number), if number == 1 { singular } else { plural })
}

/// `a, b and c`.
#[must_use]
pub fn list<S: Borrow<str>>(names: &[S]) -> String {
    match names {
        [] => String::new(),
        [only] => only.borrow().to_owned(),
        [first @ .., last] => format!("{} and {}", first.join(", "), last.borrow()),
    }
}

/// The value of a parameter with its unit: `128 MB` of `16384` in `8kB`, `5 min` of `300` in `s`. Never rounded: `1234 MB`
/// stays what it is.
///
/// Zero and less mostly stand for something else than a size or a time ("off", "as another parameter says"), so they
/// stay as they are, and so does what is no number.
#[must_use]
pub fn parameter(setting: &str, unit: Option<&str>) -> String {
    let number = setting.parse::<f64>().ok().filter(|number| *number > 0.0 && number.is_finite());
    let Some((number, unit)) = number.zip(unit) else { return setting.to_owned() };
    let (shown, exact, units) = if let Some(step) = bytes_per_unit(unit) {
        let size = number * step as f64;
        (bytes(Bytes(size as i64)), size, &SIZES[..])
    } else if let Some(step) = millis_per_unit(unit) {
        (duration(Millis(number * step)), number * step, &TIMES[..])
    } else {
        return format!("{setting} {unit}");
    };
    if amount(&shown) == Some(exact) {
        return shown;
    }
    in_one_unit(exact, units).unwrap_or_else(|| format!("{setting} {unit}"))
}

/// What `1 h 5 min` or `1.5 GB` comes to, in milliseconds or bytes.
fn amount(shown: &str) -> Option<f64> {
    let words: Vec<&str> = shown.split(' ').collect();
    let parts = words.chunks(2).map(|pair| {
        let [number, unit] = pair else { return None };
        let step = match *unit {
            "bytes" => Some(1.0),
            unit => bytes_per_unit(unit).map(|step| step as f64).or_else(|| millis_per_unit(unit)),
        };
        Some(number.parse::<f64>().ok()? * step?)
    });
    parts.sum()
}

/// A number in the largest unit in which it is whole: `1234 MB`, `3905 s`. None where it is whole in none.
fn in_one_unit(number: f64, units: &[(&str, f64)]) -> Option<String> {
    let fitting = units.iter().find(|(_, step)| number % step == 0.0);
    fitting.map(|(name, step)| format!("{} {name}", number / step))
}

/// At most one decimal, none where it would be `.0`, none from 100 on.
fn trimmed(value: f64) -> String {
    if value.abs() >= 100.0 {
        return format!("{value:.0}");
    }
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_like_postgresql_prints_them() {
        assert_eq!([12, 8192, 1536 << 20].map(|size| exact_bytes(Bytes(size))), ["12 bytes", "8 kB", "1536 MB"]);
        assert_eq!(bytes(Bytes(12)), "12 bytes");
        assert_eq!(bytes(Bytes(8192)), "8 kB");
        assert_eq!(bytes(Bytes(1536 * 1024 * 1024)), "1.5 GB");
        assert_eq!(bytes(Bytes(i64::MAX)), "8192 PB");
    }

    #[test]
    fn durations_take_two_units_at_most() {
        assert_eq!(duration(Millis(0.42)), "0.4 ms");
        assert_eq!(duration(Millis(0.034)), "0.03 ms");
        assert_eq!(duration(Millis(0.0004)), "< 0.01 ms");
        assert_eq!(duration(Millis(0.0)), "0 ms");
        assert_eq!(duration(Millis(310_000.0)), "5 min 10 s");
        assert_eq!(duration(Millis(3_600_000.0)), "1 h");
        assert_eq!(duration(Millis(97_200_000.0)), "1 d 3 h");
        assert_eq!(duration(Millis(f64::NAN)), "–");
    }

    #[test]
    fn counts_are_grouped_from_five_digits_on() {
        assert_eq!(count(1234), "1234");
        assert_eq!(count(-1_234_567), "-1\u{202f}234\u{202f}567");
        assert_eq!(count(i64::MIN), "-9\u{202f}223\u{202f}372\u{202f}036\u{202f}854\u{202f}775\u{202f}808");
        assert_eq!(counted(1, "table", "tables"), "1 table");
    }

    #[test]
    fn parameters_are_shown_in_the_unit_that_fits() {
        assert_eq!(parameter("16384", Some("8kB")), "128 MB");
        assert_eq!(parameter("300", Some("s")), "5 min");
        assert_eq!(parameter("-1", Some("kB")), "-1");
        assert_eq!(parameter("on", None), "on");
        assert_eq!(parameter("100", None), "100");
        assert_eq!(parameter("0.2", Some("ms")), "0.2 ms");
    }

    #[test]
    fn parameters_are_never_rounded() {
        assert_eq!(parameter("1234", Some("MB")), "1234 MB");
        assert_eq!(parameter("1263616", Some("kB")), "1234 MB");
        assert_eq!(parameter("1501", Some("B")), "1501 B");
        assert_eq!(parameter("1536", Some("MB")), "1.5 GB");
        assert_eq!(parameter("131073", Some("8kB")), "1048584 kB");
        assert_eq!(parameter("3905", Some("s")), "3905 s");
        assert_eq!(parameter("3900", Some("s")), "1 h 5 min");
        assert_eq!(parameter("1501", Some("ms")), "1501 ms");
    }

    #[test]
    fn ratios_become_percentages() {
        assert_eq!(percent(Ratio(0.1234)), "12.3 %");
        assert_eq!(percent(Ratio(f64::NAN)), "–");
    }
}
