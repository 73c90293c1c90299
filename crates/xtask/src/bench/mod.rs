//! `cargo xtask bench …`: figures that depend on the machine. They are printed and never fail a test.

mod analyze;
pub mod bloat;
mod collect;
mod diff;
mod meter;
mod scale;

use anyhow::Result;
use clap::Subcommand;

/// What can be measured.
#[derive(Debug, Clone, Subcommand)]
pub enum Bench {
    /// What checking a snapshot of 1,000, 10,000 and 100,000 tables costs, natively and in WebAssembly
    Analyze {
        /// Major version of the server whose tables are repeated
        #[arg(long, default_value_t = 17)]
        major: u32,
        /// Leave out the page's module, which takes minutes to build
        #[arg(long)]
        without_wasm: bool,
    },
    /// How far the estimates of bloat are from what VACUUM FULL and REINDEX return, beside check_postgres
    Bloat {
        /// Major versions, such as 13 17
        #[arg(default_values_t = [13, 17])]
        majors: Vec<u32>,
        /// Keep the measured set in fixtures/bloat
        #[arg(long)]
        record: bool,
        /// Relations with the largest errors that are listed
        #[arg(long, default_value_t = 5)]
        worst: usize,
    },
    /// How often `baseline diff` reports a change that nobody made, and how often it finds one that was made
    Diff {
        /// Major version
        #[arg(long, default_value_t = 17)]
        major: u32,
        /// Seconds of a delta; from 120 on it has several windows
        #[arg(long, default_value_t = 120)]
        seconds: u32,
        /// Deltas on each side
        #[arg(long, default_value_t = 4)]
        windows: u32,
    },
    /// What a collection costs a large and a small server, beside a plain dump of the statistics views
    Collect {
        /// Tables of the large server; each has eight columns and three indexes
        #[arg(long, default_value_t = 10_000)]
        tables: u32,
        /// Statements in pg_stat_statements of the large server
        #[arg(long, default_value_t = 5_000)]
        statements: u32,
        /// Major version
        #[arg(long, default_value_t = 17)]
        major: u32,
    },
}

/// Measures and prints.
pub fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Analyze { major, without_wasm } => analyze::run(*major, !without_wasm),
        Bench::Bloat { majors, record, worst } => bloat::run(majors, *record, *worst),
        Bench::Diff { major, seconds, windows } => diff::run(*major, *seconds, *windows),
        Bench::Collect { tables, statements, major } => collect::run(*major, *tables, *statements),
    }
}
