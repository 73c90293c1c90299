//! What each version asks for, in bytes: measured on real servers, not taken from their sources.

/// Bytes for one of each, and figures that differ between versions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coefficients {
    pub(super) base: i128,
    /// A page of shared_buffers.
    pub(super) page: i128,
    /// What a page beyond the cap of the checkpointer's queue costs less.
    pub(super) page_over_cap: i128,
    /// Server processes of their own that count as backends.
    pub(super) special: i128,
    /// Auxiliary processes that show their activity besides.
    pub(super) auxiliary: i128,
    pub(super) backend: i128,
    pub(super) prepared: i128,
    pub(super) worker: i128,
    pub(super) sender: i128,
    pub(super) autovacuum: i128,
    pub(super) slot: i128,
    pub(super) logical: i128,
    pub(super) statements: i128,
    pub(super) statement: i128,
    /// A process of a build with GSSAPI; measured on 15.
    pub(super) gss: i128,
}

impl Coefficients {
    /// None of a version that was not measured.
    pub(super) fn of(major: i64) -> Option<Self> {
        let index = usize::try_from(major.checked_sub(12)?).ok()?;
        let column = |row: [i128; 7]| row.get(index).copied();
        Some(Self {
            base: column([908_495, 908_420, 910_600, 1_172_072, 1_190_864, 561_864, 674_413])?,
            page: column([8332, 8332, 8316, 8316, 8316, 8324, 8324])?,
            page_over_cap: column([0, 24, 24, 24, 24, 32, 32])?,
            special: column([1, 1, 1, 1, 1, 2, 2])?,
            auxiliary: column([7, 7, 8, 6, 6, 6, 38])?,
            backend: column([6072, 6104, 6143, 6143, 6151, 6159, 6479])?,
            prepared: column([5216, 5224, 5243, 5243, 5243, 5247, 5191])?,
            worker: column([560, 560, 560, 560, 560, 1488, 1484])?,
            sender: column([104, 96, 96, 96, 104, 104, 96])?,
            autovacuum: column([64, 64, 64, 64, 48, 48, 44])?,
            slot: column([296, 304, 320, 320, 320, 336, 288])?,
            logical: column([104, 104, 104, 112, 120, 128, 128])?,
            statements: column([1095, 1022, 1100, 1052, 1080, 1106, 1065])?,
            statement: column([200, 272, 280, 360, 360, 408, 432])?,
            gss: column([66, 66, 66, 66, 67, 67, 67])?,
        })
    }
}
