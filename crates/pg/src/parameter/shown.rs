//! What `SHOW` and `pg_settings` make of a text that was set.
//!
//! Found by setting a score of texts for every string parameter on servers 12 to 18. Lists that are quoted are not in here: what is
//! shown of them is the text in the file.

use super::kind::Kind;
use super::number;
use super::value::{Value, parse, same};

/// What is shown of a value that was set, where that is not the text itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// This text instead.
    As(String),
    /// The text, or this one in its place while another parameter is off.
    OrElse(&'static str),
    /// The text, with other upper and lower case perhaps.
    IgnoringCase,
    /// What is shown depends on more than the text: it cannot be compared.
    Incomparable,
}

/// What the server shows in place of `text`; `None` where it shows the text itself.
///
/// This is about text, and about the few numbers that are shown as something else altogether; how numbers, Booleans and enums are
/// spelled is for [`same`].
#[must_use]
pub fn reads_back_differently(name: &str, major: i64, text: &str) -> Option<Shown> {
    match name.to_ascii_lowercase().as_str() {
        "application_name" | "cluster_name" => changed(printable(text, major), text),
        "archive_command" => Some(Shown::OrElse("(disabled)")),
        // The connection's own, as the operating system has them; none of a Unix socket.
        "tcp_keepalives_count" | "tcp_keepalives_idle" | "tcp_keepalives_interval" | "tcp_user_timeout" => {
            Some(Shown::Incomparable)
        }
        // Raised to the least that is of use, which differs between versions.
        "autovacuum_work_mem" if is_within(text, "kB", 0.0..1024.0) => Some(Shown::Incomparable),
        // These values stand for what the server works out when it starts, and it shows that.
        "wal_buffers" if is_within(text, "8kB", -1.0..4.0) => Some(Shown::Incomparable),
        "io_max_concurrency" if is_within(text, "", -1.0..0.0) => Some(Shown::Incomparable),
        "commit_timestamp_buffers" | "subtransaction_buffers" | "transaction_buffers"
            if is_within(text, "8kB", 0.0..1.0) =>
        {
            Some(Shown::Incomparable)
        }
        // Completed by the half that was not given, and each session's client has its own.
        "client_encoding" | "datestyle" => Some(Shown::Incomparable),
        "external_pid_file" | "log_directory" | "stats_temp_directory" => path(text),
        // A relative one is shown as an absolute one, below the folder that the server was started in.
        "hba_file" | "ident_file" if text.starts_with('/') => path(text),
        "hba_file" | "ident_file" => Some(Shown::Incomparable),
        "log_timezone" | "timezone" => Some(time_zone(text)),
        _ => None,
    }
}

/// Whether the parameter `name`, set to `given`, is in force when the server shows `shown`: in `pg_settings.setting`, or in `SHOW`,
/// where the unit stands behind the number. `None` where that cannot be told by comparing texts.
#[must_use]
pub fn is_shown_as(name: &str, major: i64, kind: &Kind, given: &str, shown: &str) -> Option<bool> {
    if let (Ok(Value::Real(given)), Ok(Value::Real(shown))) = (parse(kind, given), parse(kind, shown)) {
        // Six digits are shown.
        return Some((given - shown).abs() <= given.abs() * 5.000_001e-6);
    }
    if matches!(parse(kind, given), Ok(Value::Unsure(_))) {
        return same(kind, given, shown).then_some(true);
    }
    match reads_back_differently(name, major, given) {
        None => Some(same(kind, given, shown)),
        Some(Shown::As(text)) => Some(text == shown),
        Some(Shown::OrElse(text)) => Some(shown == given || shown == text),
        Some(Shown::IgnoringCase) => Some(given.eq_ignore_ascii_case(shown)),
        Some(Shown::Incomparable) => None,
    }
}

/// Whether a text is a whole number of this unit within these limits.
fn is_within(text: &str, unit: &str, limits: std::ops::Range<f64>) -> bool {
    number::integer(text, Some(unit)).is_ok_and(|number| limits.contains(&number))
}

fn changed(shown: String, text: &str) -> Option<Shown> {
    (shown != text).then_some(Shown::As(shown))
}

/// What is not printable ASCII is shown as question marks up to 15, and in hexadecimal from then on, byte by byte.
fn printable(text: &str, major: i64) -> String {
    let shown = |byte: u8| match byte {
        b' '..=b'~' => char::from(byte).to_string(),
        _ if major <= 15 => "?".to_owned(),
        _ => format!("\\x{byte:02x}"),
    };
    text.bytes().map(shown).collect()
}

/// A path loses the slashes that say nothing. What becomes of `.` and `..` differs between versions.
fn path(text: &str) -> Option<Shown> {
    if text.split('/').any(|part| part == "." || part == "..") {
        return Some(Shown::Incomparable);
    }
    let parts: Vec<_> = text.split('/').filter(|part| !part.is_empty()).collect();
    let root = if text.starts_with('/') { "/" } else { "" };
    changed(format!("{root}{}", parts.join("/")), text)
}

/// A zone is shown as its file is spelled; an offset in words of its own.
fn time_zone(text: &str) -> Shown {
    let is_name =
        text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(|byte| !byte.is_ascii_digit());
    if is_name && !text.to_ascii_lowercase().starts_with("interval") {
        Shown::IgnoringCase
    } else {
        Shown::Incomparable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_printable() {
        let of = |major| reads_back_differently("cluster_name", major, "tä\t");
        assert_eq!(of(15), Some(Shown::As("t???".to_owned())));
        assert_eq!(of(16), Some(Shown::As("t\\xc3\\xa4\\x09".to_owned())));
        assert_eq!(reads_back_differently("cluster_name", 16, "it's ~"), None);
    }

    #[test]
    fn paths_lose_slashes() {
        let of = |text| reads_back_differently("log_directory", 17, text);
        assert_eq!(of("log"), None);
        assert_eq!(of("/"), None);
        assert_eq!(of("//var//log/"), Some(Shown::As("/var/log".to_owned())));
        assert_eq!(of("a/../b"), Some(Shown::Incomparable));
        assert_eq!(reads_back_differently("hba_file", 17, "x"), Some(Shown::Incomparable));
    }

    #[test]
    fn numbers_that_stand_for_others_are_not_compared() {
        let is_told = |name, text| reads_back_differently(name, 18, text).is_none();
        assert!(is_told("wal_buffers", "16MB") && !is_told("wal_buffers", "-1") && !is_told("wal_buffers", "8kB"));
        assert!(is_told("transaction_buffers", "16") && !is_told("transaction_buffers", "0kB"));
        assert!(is_told("io_max_concurrency", "8") && !is_told("io_max_concurrency", "-1"));
        assert!(is_told("autovacuum_work_mem", "-1") && !is_told("autovacuum_work_mem", "64kB"));
    }

    #[test]
    fn what_is_shown_is_compared_with_what_was_given() {
        let shown = |name, given, shown| is_shown_as(name, 17, &Kind::String, given, shown);
        assert_eq!(shown("archive_command", "true", "(disabled)"), Some(true));
        assert_eq!(shown("archive_command", "true", "false"), Some(false));
        assert_eq!(shown("log_timezone", "utc", "UTC"), Some(true));
        assert_eq!(shown("log_timezone", "3", "<+03>-03"), None);
        assert_eq!(shown("restore_command", "a", "A"), Some(false));
        let real = Kind::Real { unit: None, min: 0.0, max: 10.0 };
        assert_eq!(is_shown_as("seq_page_cost", 17, &real, "1.23456789", "1.23457"), Some(true));
        assert_eq!(is_shown_as("seq_page_cost", 17, &real, "1.2345", "1.2346"), Some(false));
    }
}
