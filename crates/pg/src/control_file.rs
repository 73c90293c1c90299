//! `global/pg_control`: which cluster a data directory belongs to, and in which state its server left it.

/// The versions of the file that servers have written since PostgreSQL 8.3; anything else was written on a machine with another
/// byte order, or is not a control file.
const CONTROL_VERSIONS: std::ops::Range<u32> = 800..10_000;

/// The beginning of a control file, which is the same on PostgreSQL 12 to 18.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlFile {
    /// The identifier that `initdb` gave the cluster.
    pub system_identifier: u64,
    /// `pg_control_version`.
    pub control_version: u32,
    /// The state of the server.
    state: u32,
}

impl ControlFile {
    /// Reads the beginning of a control file that was written on a machine of this byte order; `None` where it is not one.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| bytes.get(at..at + 4).and_then(|word| <[u8; 4]>::try_from(word).ok());
        let system_identifier = bytes.get(..8).and_then(|word| <[u8; 8]>::try_from(word).ok())?;
        let found = Self {
            system_identifier: u64::from_ne_bytes(system_identifier),
            control_version: u32::from_ne_bytes(word(8)?),
            state: u32::from_ne_bytes(word(16)?),
        };
        CONTROL_VERSIONS.contains(&found.control_version).then_some(found)
    }

    /// The state of the server in the words of `pg_controldata`.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self.state {
            0 => "starting up",
            1 => "shut down",
            2 => "shut down in recovery",
            3 => "shutting down",
            4 => "in crash recovery",
            5 => "in archive recovery",
            6 => "in production",
            _ => "unrecognized status code",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first 24 bytes as a server writes them.
    fn bytes(control_version: u32, state: u32) -> Vec<u8> {
        let mut bytes = 7_412_345_678_901_234_567_u64.to_ne_bytes().to_vec();
        for word in [control_version, 202_506_291, state, 0] {
            bytes.extend(word.to_ne_bytes());
        }
        bytes
    }

    #[test]
    fn identifier_and_state_are_read() {
        let found = ControlFile::read(&bytes(1800, 6)).unwrap();
        assert_eq!(found.system_identifier, 7_412_345_678_901_234_567);
        assert_eq!((found.control_version, found.state()), (1800, "in production"));
    }

    #[test]
    fn a_short_or_foreign_file_is_not_a_control_file() {
        assert_eq!(ControlFile::read(&bytes(1800, 1)[..19]), None);
        assert_eq!(ControlFile::read(&[]), None);
        assert_eq!(ControlFile::read(&bytes(1800_u32.swap_bytes(), 1)), None);
    }
}
