//! The modes of heavyweight locks, and which of them conflict.

/// The modes from the weakest to the strongest, each with the modes that it conflicts with, as a bit per position.
const MODES: [(&str, u8); 8] = [
    ("AccessShareLock", 0b1000_0000),
    ("RowShareLock", 0b1100_0000),
    ("RowExclusiveLock", 0b1111_0000),
    ("ShareUpdateExclusiveLock", 0b1111_1000),
    ("ShareLock", 0b1110_1100),
    ("ShareRowExclusiveLock", 0b1111_1100),
    ("ExclusiveLock", 0b1111_1110),
    ("AccessExclusiveLock", 0b1111_1111),
];

/// The strongest mode.
pub const ACCESS_EXCLUSIVE: &str = "AccessExclusiveLock";

/// How strong a mode is; none of one that blocks nobody, such as `SIReadLock`.
#[must_use]
pub fn strength(mode: &str) -> Option<usize> {
    MODES.iter().position(|(name, _)| *name == mode)
}

/// Whether a session that awaits one mode is blocked by another that holds the other.
#[must_use]
pub fn conflict(a: &str, b: &str) -> bool {
    let conflicts = |a: &str, b: &str| Some(MODES.get(strength(a)?)?.1 >> strength(b)? & 1 == 1);
    conflicts(a, b).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_conflict_as_in_the_manual() {
        // Explicit Locking, table 13.2: the first mode in the row, the second in the column.
        let table = ["       x", "      xx", "    xxxx", "   xxxxx", "  xx xxx", "  xxxxxx", " xxxxxxx", "xxxxxxxx"];
        for ((row, _), cells) in MODES.iter().zip(table) {
            for ((column, _), cell) in MODES.iter().zip(cells.chars()) {
                assert_eq!(conflict(row, column), cell == 'x', "{row}, {column}");
                assert_eq!(conflict(row, column), conflict(column, row));
            }
        }
        assert!(!conflict("SIReadLock", ACCESS_EXCLUSIVE) && !conflict(ACCESS_EXCLUSIVE, "SIReadLock"));
    }
}
