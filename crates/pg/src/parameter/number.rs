//! Numbers as the server reads them: decimal, hexadecimal and octal, with a fraction, an exponent and a unit.

use super::error::ValueError;
use crate::unit::{bytes_per_unit, millis_per_unit};

/// The units of a size, as the server names them.
const MEMORY: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];

/// The units of a time, as the server names them.
const TIME: [&str; 6] = ["us", "ms", "s", "min", "h", "d"];

/// Units are looked for in so many bytes; a longer word is no unit.
const MAX_UNIT_BYTES: usize = 3;

/// Reads a whole number in `unit`, rounded as the server rounds it; limits are not looked at, apart from those of 32 bits.
pub(super) fn integer(text: &str, unit: Option<&str>) -> Result<f64, ValueError> {
    let wrong = ValueError::NotANumber { fraction: false };
    let (number, rest) = leading_integer(text).or_else(|| fraction_at_start(text)).ok_or(wrong)?;
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(ValueError::Rule {
            rule: "a number that starts with 0 is octal, so only the digits 0 to 7 are allowed",
        });
    }
    Ok(in_base_unit(number, rest, unit)?.round_ties_even())
}

/// Reads a number in `unit`; limits are not looked at.
pub(super) fn real(text: &str, unit: Option<&str>) -> Result<f64, ValueError> {
    let (number, rest) = leading_real(text).ok_or(ValueError::NotANumber { fraction: true })?;
    in_base_unit(number, rest, unit)
}

/// A whole number at the start, where neither a fraction nor an exponent follows and 64 bits hold it.
///
/// `None` as well where it must be read as a real number, or cannot be read at all.
fn leading_integer(text: &str) -> Option<(f64, &str)> {
    let (negative, unsigned) = sign(trim_start(text));
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', next, ..] if next.is_ascii_hexdigit() => (16, unsigned.get(2..)?),
        [b'0', ..] => (8, unsigned),
        _ => (10, unsigned),
    };
    let (digits, rest) = split_while(digits, |c| c.is_digit(radix));
    let magnitude = i128::from_str_radix(digits, radix).ok().filter(|magnitude| i64::try_from(*magnitude).is_ok())?;
    if rest.starts_with(['.', 'e', 'E']) {
        return None;
    }
    let signed = if negative { -magnitude } else { magnitude };
    Some((signed as f64, rest))
}

/// The second try at a whole number: as a real one, where there were digits before a fraction or an exponent, or too many
/// of them, or where the text begins with the fraction itself.
fn fraction_at_start(text: &str) -> Option<(f64, &str)> {
    let (_, unsigned) = sign(trim_start(text));
    let has_digits = unsigned.starts_with(|c: char| c.is_ascii_digit());
    if has_digits || text.starts_with(['.', 'e', 'E']) { leading_real(text) } else { None }
}

/// A real number at the start, as `strtod` reads it; `None` where it is not one, or none that a double holds.
fn leading_real(text: &str) -> Option<(f64, &str)> {
    let (negative, unsigned) = sign(trim_start(text));
    let (magnitude, rest) = hexadecimal(unsigned).or_else(|| infinity(unsigned)).or_else(|| decimal(unsigned))?;
    Some((if negative { -magnitude } else { magnitude }, rest))
}

fn decimal(text: &str) -> Option<(f64, &str)> {
    let (whole, after) = split_while(text, |c| c.is_ascii_digit());
    let (fraction, after) = match after.strip_prefix('.') {
        Some(after) => split_while(after, |c| c.is_ascii_digit()),
        None => ("", after),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let rest = exponent(after, ['e', 'E']).map_or(after, |(_, rest)| rest);
    let number = text.get(..text.len() - rest.len())?.parse::<f64>().ok()?;
    let is_zero = whole.bytes().chain(fraction.bytes()).all(|digit| digit == b'0');
    (number.is_finite() && (number != 0.0 || is_zero)).then_some((number, rest))
}

/// `0x1.8p3`: nobody writes that, and the server takes it.
fn hexadecimal(text: &str) -> Option<(f64, &str)> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    let (whole, after) = split_while(digits, |c| c.is_ascii_hexdigit());
    let (fraction, after) = match after.strip_prefix('.') {
        Some(after) => split_while(after, |c| c.is_ascii_hexdigit()),
        None => ("", after),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let all = whole.chars().chain(fraction.chars()).filter_map(|c| c.to_digit(16));
    let mantissa = all.fold(0.0, |sum, digit| sum * 16.0 + f64::from(digit));
    let (power, rest) = exponent(after, ['p', 'P']).unwrap_or((0, after));
    let places = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    let number = libm::ldexp(mantissa, power.checked_sub(places)?);
    number.is_finite().then_some((number, rest))
}

fn infinity(text: &str) -> Option<(f64, &str)> {
    ["infinity", "inf"].iter().find_map(|word| {
        let head = text.get(..word.len())?;
        head.eq_ignore_ascii_case(word).then(|| (f64::INFINITY, text.get(word.len()..).unwrap_or_default()))
    })
}

/// An exponent at the start, with its letter; `None` where no digit follows the letter.
fn exponent(text: &str, letters: [char; 2]) -> Option<(i32, &str)> {
    let after = text.strip_prefix(letters)?;
    let (negative, after) = sign(after);
    let (digits, rest) = split_while(after, |c| c.is_ascii_digit());
    if digits.is_empty() {
        return None;
    }
    let power = digits.parse::<i32>().unwrap_or(i32::MAX / 2);
    Some((if negative { -power } else { power }, rest))
}

/// The number in the parameter's own unit, after what follows it was read as a unit.
fn in_base_unit(number: f64, rest: &str, base: Option<&str>) -> Result<f64, ValueError> {
    let after = trim_start(rest);
    if after.is_empty() {
        return Ok(number);
    }
    let (unit, blanks) = split_while(after, |c| !is_space(c));
    let Some(base) = base else { return Err(ValueError::BadUnit { valid: &[] }) };
    let valid = units_of(base);
    if !trim_start(blanks).is_empty() || unit.len() > MAX_UNIT_BYTES {
        return Err(ValueError::BadUnit { valid });
    }
    let position = valid.iter().position(|known| *known == unit).ok_or(ValueError::BadUnit { valid })?;
    let factor = |unit: &str| steps(unit, base).ok_or(ValueError::BadUnit { valid });
    let exact = number * factor(unit)?;
    // Of `30.1GB` the server makes whole megabytes.
    match position.checked_sub(1).and_then(|smaller| valid.get(smaller)) {
        Some(smaller) => {
            let step = factor(smaller)?;
            Ok((exact / step).round_ties_even() * step)
        }
        None => Ok(exact),
    }
}

/// The units that a parameter with this base unit takes, the smallest first.
pub(super) fn units_of(base: &str) -> &'static [&'static str] {
    if bytes_per_unit(base).is_some() {
        &MEMORY
    } else if millis_per_unit(base).is_some() {
        &TIME
    } else {
        &[]
    }
}

/// How many of `base` one `unit` is. Divides the larger by the smaller, so that the quotient has no error where it is whole.
fn steps(unit: &str, base: &str) -> Option<f64> {
    let (unit, base) = match (bytes_per_unit(unit), bytes_per_unit(base)) {
        (Some(unit), Some(base)) => (unit, base),
        _ => (micros(unit)?, micros(base)?),
    };
    let (unit, base) = (unit as f64, base as f64);
    if base <= 0.0 {
        return None;
    }
    Some(if unit >= base { unit / base } else { 1.0 / (base / unit) })
}

fn micros(unit: &str) -> Option<i64> {
    millis_per_unit(unit).map(|millis| (millis * 1000.0).round() as i64)
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    }
}

fn split_while(text: &str, holds: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !holds(c)).unwrap_or(text.len()))
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches(is_space)
}

/// What C's `isspace` says of ASCII.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// Whether the text is a binary number such as `0b101`, which only servers built against a recent C library read.
pub(super) fn is_binary(text: &str) -> bool {
    let (_, unsigned) = sign(trim_start(text));
    matches!(unsigned.as_bytes(), [b'0', b'b' | b'B', b'0' | b'1', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_as_the_server_reads_them() {
        let cases: [(&str, Option<&str>, f64); 19] = [
            ("64MB", Some("kB"), 65536.0),
            ("64 MB ", Some("kB"), 65536.0),
            ("  +64", Some("kB"), 64.0),
            ("0x10", None, 16.0),
            ("010", None, 8.0),
            ("2.5", None, 2.0),
            ("3.5", None, 4.0),
            (".5", None, 0.0),
            ("1e3", None, 1000.0),
            ("-1", Some("ms"), -1.0),
            ("1GB", Some("8kB"), 131_072.0),
            ("30.1GB", Some("kB"), 31_561_728.0),
            ("1.5min", Some("s"), 90.0),
            ("500us", Some("ms"), 0.0),
            ("1500us", Some("ms"), 2.0),
            ("2000B", Some("kB"), 2.0),
            ("1TB", Some("16MB"), 65536.0),
            ("99999999999999999999", None, 1e20),
            ("1d", Some("min"), 1440.0),
        ];
        for (text, unit, expected) in cases {
            assert_eq!(integer(text, unit), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_whole_number_is_refused() {
        for text in ["", "lots", " .5", "-.5", "inf", "nan", "1e400", "kB", "+"] {
            assert_eq!(integer(text, Some("kB")), Err(ValueError::NotANumber { fraction: false }), "{text}");
        }
        assert!(matches!(integer("08", Some("kB")), Err(ValueError::Rule { .. })));
        for text in ["64mb", "64 M B", "1kBkB", "1,5", "64MB x", "0xMB", "1ms"] {
            assert!(
                matches!(integer(text, Some("kB")), Err(ValueError::BadUnit { valid }) if valid == MEMORY),
                "{text}"
            );
        }
        assert_eq!(integer("64MB", None), Err(ValueError::BadUnit { valid: &[] }));
    }

    #[test]
    fn real_numbers_are_read_as_the_server_reads_them() {
        let cases: [(&str, Option<&str>, f64); 8] = [
            ("0.9", None, 0.9),
            (" -.5e1 ", None, -5.0),
            ("1.5s", Some("ms"), 1500.0),
            ("2ms", Some("ms"), 2.0),
            ("0x1.8p1", None, 3.0),
            ("Infinity", None, f64::INFINITY),
            ("0e999", None, 0.0),
            ("1e-7", None, 1e-7),
        ];
        for (text, unit, expected) in cases {
            assert_eq!(real(text, unit), Ok(expected), "{text}");
        }
        for text in ["", "x", "nan", "1e400", "1e-400", "."] {
            assert_eq!(real(text, None), Err(ValueError::NotANumber { fraction: true }), "{text}");
        }
    }
}
