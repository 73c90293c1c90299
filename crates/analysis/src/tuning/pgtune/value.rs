//! A value as `postgresql.conf` takes it.

use std::fmt;

/// A value that a formula gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// A size in kB, printed in the largest of GB, MB and kB in which it is whole.
    Kilobytes(i64),
    /// A number without unit.
    Number(i64),
    /// A word, or a number with a fraction.
    Word(&'static str),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MB: i64 = 1 << 10;
        const GB: i64 = 1 << 20;
        match *self {
            Self::Kilobytes(size) if size % GB == 0 => write!(f, "{}GB", size / GB),
            Self::Kilobytes(size) if size % MB == 0 => write!(f, "{}MB", size / MB),
            Self::Kilobytes(size) => write!(f, "{size}kB"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}
