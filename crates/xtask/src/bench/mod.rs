//! `cargo xtask bench …`: figures that depend on the machine. They are printed and never fail a test.

mod collect;
mod meter;

use anyhow::Result;
use clap::Subcommand;

/// What can be measured.
#[derive(Debug, Clone, Subcommand)]
pub enum Bench {
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
        Bench::Collect { tables, statements, major } => collect::run(*major, *tables, *statements),
    }
}
