//! Server versions as `server_version_num` states them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A server's `server_version_num`: 170010 is 17.10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerVersion(pub i64);

impl ServerVersion {
    /// The major versions whose catalogs pgdba knows from real servers.
    pub const KNOWN_MAJORS: [i64; 7] = [12, 13, 14, 15, 16, 17, 18];

    /// The first release of a major version; `from_major(17)` is 170000.
    #[must_use]
    pub const fn from_major(major: i64) -> Self {
        Self(major * 10_000)
    }

    /// The major version: 17 of 17.10.
    #[must_use]
    pub const fn major(self) -> i64 {
        self.0 / 10_000
    }

    /// The minor version: 10 of 17.10.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0 % 10_000
    }

    /// Whether this server is newer than every version pgdba was tested with.
    #[must_use]
    pub fn is_newer_than_known(self) -> bool {
        Self::KNOWN_MAJORS.iter().all(|known| self.major() > *known)
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major(), self.minor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_num_splits_into_major_and_minor() {
        let version = ServerVersion(170_010);
        assert_eq!((version.major(), version.minor()), (17, 10));
        assert_eq!(version.to_string(), "17.10");
    }

    #[test]
    fn only_versions_above_the_newest_known_are_newer() {
        assert!(ServerVersion(190_000).is_newer_than_known());
        assert!(!ServerVersion(180_004).is_newer_than_known());
    }
}
