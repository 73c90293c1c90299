//! What the caller says of a machine, and how it is read.

use std::fmt;
use std::ops::RangeInclusive;

use pgdba_pg::Bytes;
use pgdba_pg::parameter::{Kind, Value, ValueError, parse};

use super::pgtune::{DataSize, Storage, Workload};

/// Processors that a machine can have.
pub const CPUS: RangeInclusive<i64> = 1..=65_536;

/// Connections that a server can accept.
pub const CONNECTIONS: RangeInclusive<i64> = 1..=262_143;

/// A petabyte, in kB.
const LARGEST: f64 = 1_099_511_627_776.0;

/// What the caller says of the machine; it replaces what the snapshot shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given {
    /// What the server is used for.
    pub workload: Option<Workload>,
    /// Its memory.
    pub memory: Option<Bytes>,
    /// Its processors.
    pub cpus: Option<i64>,
    /// Its storage.
    pub storage: Option<Storage>,
    /// The connections that it must accept.
    pub connections: Option<i64>,
    /// The size of the data compared with the memory.
    pub data_size: Option<DataSize>,
    /// What `pg_wal` can grow to.
    pub wal_space: Option<Bytes>,
}

/// Why a text is not a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeError {
    /// It is not a number with a unit.
    Form,
    /// It is too small or too large.
    Range,
}

impl fmt::Display for SizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "write a size with its unit, such as 512MB, 64GB or 1.5TB",
            Self::Range => "write a size between 1kB and 1024TB",
        })
    }
}

impl std::error::Error for SizeError {}

/// A size with its unit (kB, MB, GB or TB), in any case.
///
/// # Errors
/// It is not one, or it is less than 1 kB or more than 1 PB.
pub fn size(text: &str) -> Result<Bytes, SizeError> {
    let start = text.find(|c: char| c.is_ascii_alphabetic()).ok_or(SizeError::Form)?;
    let (number, unit) = text.split_at(start);
    let units = ["kB", "MB", "GB", "TB"];
    let unit = units.into_iter().find(|known| known.eq_ignore_ascii_case(unit)).ok_or(SizeError::Form)?;
    let kind = Kind::Real { unit: Some("kB".to_owned()), min: 1.0, max: LARGEST };
    match parse(&kind, &format!("{}{unit}", number.trim())) {
        Ok(Value::Real(kilobytes)) => Ok(Bytes((kilobytes as i64).saturating_mul(1024))),
        Err(ValueError::OutOfRange { .. }) => Err(SizeError::Range),
        _ => Err(SizeError::Form),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_unit() {
        assert_eq!(size("64GB"), Ok(Bytes(64 << 30)));
        assert_eq!(size("502511173632kB"), Ok(Bytes(502_511_173_632 << 10)));
        assert_eq!(size("1.5 tb"), Ok(Bytes(3 << 39)));
        for wrong in ["64", "GB", "64G", "64GiB", "", "x GB", "1e99TB"] {
            assert_eq!(size(wrong), Err(SizeError::Form), "{wrong}");
        }
        for wrong in ["0GB", "-1GB", "1025TB"] {
            assert_eq!(size(wrong), Err(SizeError::Range), "{wrong}");
        }
    }
}
