//! Values of parameters by their meaning: `64MB` and `65536kB` are one value of `work_mem`, `yes` and `on` of `fsync`.

use crate::unit::{bytes_per_unit, millis_per_unit};

/// What values a parameter may have, as `pg_settings` tells it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kind<'a> {
    /// `bool`, `enum`, `integer`, `real` or `string`.
    pub vartype: Option<&'a str>,
    /// The unit of a number that is written without one, such as `8kB` or `ms`.
    pub unit: Option<&'a str>,
    /// The smallest number.
    pub min: Option<&'a str>,
    /// The largest number.
    pub max: Option<&'a str>,
    /// The words of an enum.
    pub words: Option<&'a [String]>,
}

impl Kind<'_> {
    /// Whether both texts set the parameter to the same.
    #[must_use]
    pub fn is_same(&self, a: &str, b: &str) -> bool {
        if a == b {
            return true;
        }
        match self.vartype {
            Some("bool") => both(truth(a), truth(b)),
            // Some enums take the words of a boolean beside their own: `true` for `on`.
            Some("enum") => a.trim().eq_ignore_ascii_case(b.trim()) || both(truth(a), truth(b)),
            Some("integer" | "real") => both(self.number(a), self.number(b)),
            _ => false,
        }
    }

    /// Whether the server would take the text, as far as can be told from outside: of a string that cannot be told.
    #[must_use]
    pub fn allows(&self, text: &str) -> bool {
        match self.vartype {
            Some("bool") => truth(text).is_some(),
            Some("enum") => self.words.is_none_or(|words| {
                words.iter().any(|word| word.eq_ignore_ascii_case(text.trim())) || truth(text).is_some()
            }),
            Some("integer" | "real") => self.number(text).is_some_and(|number| self.is_in_range(number)),
            _ => true,
        }
    }

    /// A number that brings its own unit, in the parameter's: `65536` of `64MB`. None of what is no number.
    #[must_use]
    pub fn plain(&self, text: &str) -> Option<String> {
        matches!(self.vartype, Some("integer" | "real")).then(|| self.number(text)).flatten().map(|n| n.to_string())
    }

    /// Whether two texts that are not [the same](Self::is_same) surely mean different things. The server rewrites many a
    /// string (a list, a path, a time zone), so of strings nobody knows.
    #[must_use]
    pub fn can_tell_apart(&self) -> bool {
        matches!(self.vartype, Some("bool" | "integer" | "real"))
    }

    fn is_in_range(&self, number: f64) -> bool {
        let limit = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok());
        limit(self.min).is_none_or(|min| number >= min) && limit(self.max).is_none_or(|max| number <= max)
    }

    /// The number in the parameter's own unit; a whole one where the parameter takes no other.
    fn number(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.').map_or(0, |at| at + 1);
        let is_hexadecimal = text.starts_with("0x") || text.starts_with("0X");
        let (digits, unit) = if is_hexadecimal { (text, "") } else { text.split_at_checked(end)? };
        let number = self.digits(digits.trim())?;
        let number = match unit.trim() {
            "" => number,
            unit => number * steps(unit, self.unit?)?,
        };
        Some(if self.vartype == Some("integer") { number.round_ties_even() } else { number })
    }

    /// Whole numbers may be hexadecimal or octal, as in C.
    fn digits(&self, text: &str) -> Option<f64> {
        if self.vartype == Some("integer") {
            let lower = text.to_ascii_lowercase();
            if let Some(digits) = lower.strip_prefix("0x") {
                return i64::from_str_radix(digits, 16).ok().map(|number| number as f64);
            }
            if let Some(digits) = lower.strip_prefix('0').filter(|digits| digits.bytes().all(|b| b.is_ascii_digit())) {
                return if digits.is_empty() {
                    Some(0.0)
                } else {
                    i64::from_str_radix(digits, 8).ok().map(|n| n as f64)
                };
            }
        }
        text.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

fn both<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    a.is_some() && a == b
}

/// How many steps of `to` are in one of `from`; none where one is a size and the other a time.
fn steps(from: &str, to: &str) -> Option<f64> {
    let sizes = bytes_per_unit(from).zip(bytes_per_unit(to)).map(|(from, to)| from as f64 / to as f64);
    sizes.or_else(|| millis_per_unit(from).zip(millis_per_unit(to)).map(|(from, to)| from / to))
}

/// A boolean as the server reads it: any beginning of a word that is the beginning of no other.
fn truth(text: &str) -> Option<bool> {
    let text = text.trim().to_ascii_lowercase();
    let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(&text);
    if text == "1" || text == "on" || begins("true", 1) || begins("yes", 1) {
        Some(true)
    } else if text == "0" || begins("off", 2) || begins("false", 1) || begins("no", 1) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind<'a>(vartype: &'a str, unit: Option<&'a str>) -> Kind<'a> {
        Kind { vartype: Some(vartype), unit, ..Kind::default() }
    }

    #[test]
    fn values_are_compared_by_what_they_mean() {
        for (vartype, unit, a, b, same) in [
            ("integer", Some("kB"), "64MB", "65536kB", true),
            ("integer", Some("kB"), "65536", "64 MB", true),
            ("integer", Some("8kB"), "128MB", "16384", true),
            ("integer", Some("8kB"), "128MB", "16385", false),
            ("integer", Some("ms"), "1.5s", "1500", true),
            ("integer", Some("kB"), "1min", "60000", false),
            ("integer", None, "0x10", "16", true),
            ("integer", None, "0600", "384", true),
            ("integer", None, "0", "00", true),
            ("integer", Some("kB"), "-1", "-1.0", true),
            ("real", None, "0.90", "0.9", true),
            ("real", Some("ms"), "2ms", "2000us", true),
            ("bool", None, "yes", "on", true),
            ("bool", None, "of", "false", true),
            ("bool", None, "o", "on", false),
            ("enum", None, "Replica", "replica", true),
            ("enum", None, "true", "on", true),
            ("string", None, "a", "A", false),
        ] {
            assert_eq!(kind(vartype, unit).is_same(a, b), same, "{vartype} {a} {b}");
        }
        assert!(!Kind::default().is_same("on", "yes"), "nothing is known of an unknown type");
    }

    #[test]
    fn a_number_is_put_into_the_unit_of_its_parameter() {
        assert_eq!(kind("integer", Some("kB")).plain("64MB").as_deref(), Some("65536"));
        assert_eq!(kind("real", Some("ms")).plain("1500us").as_deref(), Some("1.5"));
        assert_eq!(kind("integer", None).plain("many"), None);
        assert_eq!(kind("string", None).plain("12"), None);
    }

    #[test]
    fn what_the_server_would_refuse_is_told_where_it_can_be() {
        let words = ["minimal".to_owned(), "replica".to_owned()];
        let number = Kind { min: Some("1"), max: Some("100"), ..kind("integer", Some("kB")) };
        let level = Kind { words: Some(&words), ..kind("enum", None) };
        for (kind, text, allowed) in [
            (number, "100", true),
            (number, "101", false),
            (number, "1MB", false),
            (number, "banana", false),
            (number, "", false),
            (number, "ä", false),
            (level, "REPLICA", true),
            (level, "archive", false),
            (kind("bool", None), "maybe", false),
            (kind("string", None), "anything", true),
        ] {
            assert_eq!(kind.allows(text), allowed, "{text}");
        }
    }
}
