//! What `global/pg_control` says of the server that wrote the WAL.

use std::collections::BTreeMap;

/// Where the versions of the file format stand, and which of them are known: those of 12 to 18.
const FORMAT_AT: usize = 8;
const FORMATS: [u32; 4] = [1201, 1300, 1700, 1800];

/// Where the parameters stand, the same in all these formats, and which they are, four bytes each.
const PARAMETERS_AT: usize = 180;
const PARAMETERS: [&str; 5] = [
    "max_connections",
    "max_worker_processes",
    "max_wal_senders",
    "max_prepared_transactions",
    "max_locks_per_transaction",
];

/// The values of the primary's parameters that its standbys must not go below.
///
/// None where the bytes are not those of a file of 12 to 18 of a little-endian machine.
#[must_use]
pub fn primary_parameters(pg_control: &[u8]) -> Option<BTreeMap<String, i64>> {
    let number = |at: usize| {
        let bytes = pg_control.get(at..)?.get(..4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    number(FORMAT_AT).filter(|format| FORMATS.contains(format))?;
    let values = PARAMETERS.iter().enumerate().map(|(index, name)| {
        let value = number(PARAMETERS_AT + 4 * index)?;
        Some(((*name).to_owned(), i64::from(value)))
    });
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_known_format_is_read() {
        let mut bytes = vec![0; 296];
        bytes[8..12].copy_from_slice(&1300_u32.to_le_bytes());
        bytes[180..184].copy_from_slice(&200_u32.to_le_bytes());
        bytes[196..200].copy_from_slice(&128_u32.to_le_bytes());
        let found = primary_parameters(&bytes).unwrap();
        assert_eq!((found["max_connections"], found["max_locks_per_transaction"]), (200, 128));
        assert_eq!(primary_parameters(&bytes[..199]), None);
        bytes[8..12].copy_from_slice(&1100_u32.to_le_bytes());
        assert_eq!(primary_parameters(&bytes), None);
    }
}
