//! Words that are the same on every site: time zones, locales, ciphers, versions. Whatever is not of a known form goes.

use pgdba_pg::mask::setting;
use pgdba_pg::tls_names;

use super::text::{holds_token, is_harmless_value};
use super::vocabulary::TIME_ZONES;
use super::word_lists::{CHARSETS, CIPHERS, CURVES, DATE_STYLES, ENCODINGS, ICU, LANGUAGES, STAGES, VARIANTS};

/// What a text of words may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The name of a time zone, or an offset.
    TimeZone,
    /// A locale of the C library or of ICU.
    Locale,
    /// The name of an encoding.
    Encoding,
    /// A list of ciphers.
    Ciphers,
    /// Names of elliptic curves and groups.
    Curves,
    /// Formats of dates.
    DateStyle,
    /// The version of an extension, a collation or pgdba.
    Version,
    /// What a server says of its version and how it was built.
    ServerVersion,
    /// Digits and their signs: a time, an LSN, a timeline.
    Figures,
    /// The escapes of `log_line_prefix`.
    LinePrefix,
    /// Some of these words.
    Some(&'static [&'static str]),
}

/// Longest value that is looked at.
const LONGEST: usize = 200;

/// Whether `value` is of `form` and tells nothing of a site.
pub(super) fn is_known(form: Form, value: &str) -> bool {
    value.len() <= LONGEST && !holds_token(value) && is_of(form, value)
}

fn is_of(form: Form, value: &str) -> bool {
    match form {
        Form::TimeZone => is_time_zone(value),
        Form::Locale => is_locale(value),
        Form::Encoding => {
            let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
            value.len() < 2 * plain.len() && ENCODINGS.contains(&plain.to_ascii_lowercase().as_str())
        }
        Form::Ciphers => value.split([':', ',', ' ', ';']).all(is_cipher),
        Form::Curves => value.split([':', ',', ' ', '/', '?', '*']).all(is_curve),
        Form::DateStyle => all_of(&[',', ' '], &DATE_STYLES, value),
        Form::Version => is_version(value),
        Form::ServerVersion => is_server_version(value),
        Form::Figures => {
            has_only(value, |byte| byte.is_ascii_digit() || b" +-.:/TZ".contains(&byte) || matches!(byte, b'A'..=b'F'))
        }
        Form::LinePrefix => setting::mask(setting::PREFIX, value) == value,
        Form::Some(words) => all_of(&[',', ' ', '='], words, value) || is_harmless_value(value),
    }
}

fn has_only(text: &str, belongs: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(belongs)
}

/// Whether `value` is nothing but some of `words` with `separators` between them.
fn all_of(separators: &[char], words: &[&str], value: &str) -> bool {
    value.split(separators).all(|word| word.is_empty() || words.contains(&word.to_ascii_lowercase().as_str()))
}

fn is_curve(name: &str) -> bool {
    name.is_empty() || tls_names::is_group(name) || CURVES.contains(&name.to_ascii_lowercase().as_str())
}

fn is_time_zone(value: &str) -> bool {
    let offset = ["UTC", "GMT", "<UTC", "<GMT"].iter().find_map(|zone| value.strip_prefix(zone)).unwrap_or(value);
    let is_offset = has_only(offset, |byte| byte.is_ascii_digit() || b"+-:.<>".contains(&byte));
    let name = value.strip_prefix("posix/").unwrap_or(value);
    is_offset || TIME_ZONES.contains(name) || ["default", "localtime"].contains(&value)
}

fn is_locale(value: &str) -> bool {
    if matches!(value, "C" | "POSIX" | "ucs_basic") {
        return true;
    }
    let (rest, variant) = value.split_once('@').unwrap_or((value, "euro"));
    let (name, charset) = rest.split_once('.').unwrap_or((rest, "utf8"));
    let charset: String = charset.chars().filter(|c| *c != '-' && *c != '_').collect();
    let is_ending = VARIANTS.contains(&variant) && CHARSETS.contains(&charset.to_ascii_lowercase().as_str());
    let mut parts = name.split(['_', '-']);
    let language = parts.next().unwrap_or_default();
    let is_language = language == "C"
        || language.len() == 2 && has_only(language, |byte| byte.is_ascii_lowercase())
        || LANGUAGES.contains(&language);
    let is_part = |part: &str| {
        let is_territory = part.len() == 2 && has_only(part, |byte| byte.is_ascii_uppercase());
        is_territory || part == "001" || part == "419" || ICU.contains(&part.to_ascii_lowercase().as_str())
    };
    is_ending && is_language && parts.all(is_part)
}

/// One of a list: `!aNULL`, `ECDHE-RSA-AES256-GCM-SHA384`, `@SECLEVEL=2`.
fn is_cipher(item: &str) -> bool {
    let name = item.trim_start_matches(['!', '-', '+', '@']);
    let is_level = name
        .strip_prefix("SECLEVEL=")
        .is_some_and(|level| level.len() == 1 && has_only(level, |byte| byte.is_ascii_digit()));
    let is_known =
        |part: &str| part.is_empty() || CIPHERS.contains(&part) || ["kRSA", "kECDHE", "kDHE", "kEDH"].contains(&part);
    if let Some((group, level)) = name.split_once('@') {
        return is_cipher(group) && is_cipher(level);
    }
    is_level || name.split(['-', '_', '+']).all(is_known)
}

/// Digits with dots between them, and perhaps a stage: `1.10`, `153.120`, `3.5.0dev`.
fn is_version(value: &str) -> bool {
    let letters = value.trim_matches(|c: char| c.is_ascii_digit() || ".-+".contains(c));
    letters.is_empty() || STAGES.contains(&letters)
}

/// It is compiled in, so nobody can put a name there but who builds servers.
fn is_server_version(value: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" _.,:;+!/@=-~%[]*()".contains(&byte);
    let (number, build) = value.split_once(' ').unwrap_or((value, "()"));
    let is_number = !number.is_empty() && is_version(number);
    let is_short = is_number && build.starts_with('(') && build.ends_with(')');
    (value.starts_with("PostgreSQL ") || is_short) && has_only(value, is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_site_may_have_stays_and_nothing_else() {
        for (form, known, other) in [
            (
                Form::TimeZone,
                &["Europe/Vienna", "UTC", "GMT+3", "<+03>-03", "-5.5"][..],
                &["Acme/Plant", "acme", "ACME-3"][..],
            ),
            (
                Form::Locale,
                &[
                    "C",
                    "C.UTF-8",
                    "en_US.utf8",
                    "de_AT@euro",
                    "de-AT-u-co-phonebk",
                    "und",
                    "zh-Hans-CN",
                    "sr_RS.UTF-8@latin",
                ],
                &["und-x-acme", "acme", "de_AT@acme", "de_AT.acme", "en-x-orders"],
            ),
            (Form::Encoding, &["UTF8", "utf-8", "SQL_ASCII", "ISO_8859_5"], &["acme"]),
            (
                Form::Ciphers,
                &[
                    "HIGH:MEDIUM:+3DES:!aNULL",
                    "ECDHE-RSA-AES256-GCM-SHA384",
                    "TLS_AES_256_GCM_SHA384",
                    "DEFAULT@SECLEVEL=2",
                ],
                &["HIGH:acme", "ECDHE-ACME-AES256"],
            ),
            (Form::Curves, &["prime256v1", "X25519:prime256v1"], &["acme"]),
            (Form::DateStyle, &["ISO, MDY", "German"], &["ISO, acme"]),
            (Form::Version, &["1.10", "153.120.43", "3.5.0dev"], &["1.0acme", "acme"]),
            (Form::ServerVersion, &["16.3 (Debian 16.3-1)", "PostgreSQL 18.4 on x86_64-pc-linux-gnu"], &["acme"]),
            (Form::Figures, &["0/1A2B3C", "2026-01-31 03:00:00+01"], &["acme"]),
            (Form::LinePrefix, &["%m [%p] user=%u "], &["acme %m"]),
            (Form::Some(&["stderr", "csvlog"]), &["stderr, csvlog", "on"], &["stderr,acme"]),
        ] {
            for value in known {
                assert!(is_known(form, value), "{form:?} {value}");
            }
            for value in other {
                assert!(!is_known(form, value), "{form:?} {value}");
            }
        }
    }
}
