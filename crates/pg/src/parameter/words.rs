//! The words of enums that no view shows: older spellings which the server still takes.

use crate::version::ServerVersion;

/// Words for on and off, taken by every enum of the server's own that has those two.
const ON_OFF: [(&str, &str); 6] =
    [("true", "on"), ("yes", "on"), ("1", "on"), ("false", "off"), ("no", "off"), ("0", "off")];

/// What `password_encryption` takes besides its words up to 13, from the time when it was a Boolean.
const ENCRYPTED: [(&str, &str); 4] = [("on", "md5"), ("true", "md5"), ("yes", "md5"), ("1", "md5")];

/// Older names of levels of the write-ahead log.
const WAL_LEVELS: [(&str, &str); 2] = [("archive", "replica"), ("hot_standby", "replica")];

/// A level of messages that has no name of its own.
const DEBUG: (&str, &str) = ("debug", "debug2");

/// The words that this enum takes and `pg_settings` does not show, each with the one it is shown as.
pub(super) fn hidden(name: &str, shown: &[String], major: i64) -> Vec<(&'static str, &'static str)> {
    let shows = |word: &str| shown.iter().any(|value| value == word);
    if name.contains('.') {
        return Vec::new();
    }
    if name.eq_ignore_ascii_case("wal_level") {
        return WAL_LEVELS.to_vec();
    }
    if name.eq_ignore_ascii_case("password_encryption") {
        return if major <= 13 { ENCRYPTED.to_vec() } else { Vec::new() };
    }
    if shows("debug2") {
        return if shows("info") { vec![DEBUG] } else { vec![DEBUG, ("info", "info")] };
    }
    if shows("on") && shows("off") { ON_OFF.to_vec() } else { Vec::new() }
}

/// Whether every word is known that this enum takes: it is the server's own, and the server is one that pgdba knows.
pub(super) fn are_known(name: &str, major: i64) -> bool {
    !name.contains('.') && ServerVersion::KNOWN_MAJORS.contains(&major)
}
