//! Numbers that are random enough for moments of death, and the same in each run.

/// A generator; it begins with its number.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// The next one, from 0 up to 1.
    pub(crate) fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
