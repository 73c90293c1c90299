//! Words of enums that are shown as another word: most are older spellings that no view shows.

use crate::version::ServerVersion;

/// Words for on and off, taken by every enum of the server's own that has those two.
const ON_OFF: [(&str, &str); 6] =
    [("true", "on"), ("yes", "on"), ("1", "on"), ("false", "off"), ("no", "off"), ("0", "off")];

/// What `wal_compression` takes from 15 on, where "on" became a name of the first method.
const COMPRESSION: [(&str, &str); 7] =
    [("on", "pglz"), ("true", "pglz"), ("yes", "pglz"), ("1", "pglz"), ("false", "off"), ("no", "off"), ("0", "off")];

/// What `password_encryption` takes besides its words up to 13, from the time when it was a Boolean.
const ENCRYPTED: [(&str, &str); 4] = [("on", "md5"), ("true", "md5"), ("yes", "md5"), ("1", "md5")];

/// Older names of levels of the write-ahead log.
const WAL_LEVELS: [(&str, &str); 2] = [("archive", "replica"), ("hot_standby", "replica")];

/// A level of messages that has no name of its own.
const DEBUG: (&str, &str) = ("debug", "debug2");

/// The words that this enum takes and the server shows as another, each with that other one.
pub(super) fn aliases(name: &str, shown: &[String], major: i64) -> Vec<(&'static str, &'static str)> {
    let shows = |word: &str| shown.iter().any(|value| value == word);
    match name.to_ascii_lowercase().as_str() {
        of_an_extension if of_an_extension.contains('.') => Vec::new(),
        "wal_level" => WAL_LEVELS.to_vec(),
        "wal_compression" => COMPRESSION.to_vec(),
        "password_encryption" if major <= 13 => ENCRYPTED.to_vec(),
        "password_encryption" => Vec::new(),
        _ if shows("debug2") && shows("info") => vec![DEBUG],
        _ if shows("debug2") => vec![DEBUG, ("info", "info")],
        _ if shows("on") && shows("off") => ON_OFF.to_vec(),
        _ => Vec::new(),
    }
}

/// Whether every word is known that this enum takes: it is the server's own, and the server is one that pgdba knows.
pub(super) fn are_known(name: &str, major: i64) -> bool {
    !name.contains('.') && ServerVersion::KNOWN_MAJORS.contains(&major)
}
