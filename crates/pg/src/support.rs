//! When the community stops to release fixes for a major version.
//!
//! Data with a date, not logic: read the table off <https://www.postgresql.org/support/versioning/> and move
//! [`AS_OF`] whenever it is read again.

use jiff::civil::{Date, date};

/// The day on which [`END_OF_SUPPORT`] was last compared with the project's versioning page.
pub const AS_OF: Date = date(2026, 11, 24);

/// Major version and the day of its final release.
pub const END_OF_SUPPORT: [(i64, Date); 7] = [
    (12, date(2024, 11, 21)),
    (13, date(2025, 11, 13)),
    (14, date(2026, 11, 12)),
    (15, date(2027, 11, 11)),
    (16, date(2028, 11, 9)),
    (17, date(2029, 11, 8)),
    (18, date(2030, 11, 14)),
];

/// The day of the final release of `major`, `None` for a version the table does not know (a newer one).
///
/// A version older than the table is answered with the oldest date, which is in the past as well.
#[must_use]
pub fn end_of_support(major: i64) -> Option<Date> {
    let (oldest, oldest_end) = END_OF_SUPPORT[0];
    if major < oldest {
        return Some(oldest_end);
    }
    END_OF_SUPPORT.iter().find(|(known, _)| *known == major).map(|(_, end)| *end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_version_is_never_called_out_of_support() {
        assert_eq!(end_of_support(19), None);
        assert_eq!(end_of_support(18), Some(date(2030, 11, 14)));
        assert_eq!(end_of_support(9), Some(date(2024, 11, 21)));
    }
}
