//! The remedy of rules that drop or rebuild indexes.

use super::draft::Draft;
use crate::facts::indexes::Index;

const IMPACT: &str = "Reads and writes continue; DROP INDEX CONCURRENTLY waits for older transactions.";
const UNDO: &str = "Run the CREATE INDEX statement that pg_get_indexdef() returned; with the word CONCURRENTLY it does \
                    not block writes.";
const IMPACT_PARTITIONED: &str = "DROP INDEX on a partitioned index waits for transactions that use the table, and \
                                  blocks new ones meanwhile; then it briefly locks the table and all its partitions \
                                  against reads and writes.";
const UNDO_PARTITIONED: &str = "Run the CREATE INDEX statement that pg_get_indexdef() returned, for a partitioned index \
                                without the word ONLY, so that the partitions get their indexes too. Writes wait while \
                                they are built.";

/// Statements that show the definition of an index and drop it. A partitioned index cannot be dropped CONCURRENTLY.
#[must_use]
pub fn statements(index: &Index) -> String {
    let drop = if index.is_partitioned() { "DROP INDEX" } else { "DROP INDEX CONCURRENTLY" };
    format!("SELECT pg_get_indexdef({});\n{drop} {};", index.name.regclass(), index.name.sql())
}

/// Statements that rebuild an invalid index or drop it. A leftover is not rebuilt, a partition is not dropped alone.
#[must_use]
pub fn rebuild_or_drop(index: &Index) -> String {
    let name = index.name.sql();
    let (drop, rebuild) = (format!("DROP INDEX CONCURRENTLY {name};"), format!("REINDEX INDEX CONCURRENTLY {name};"));
    match (index.is_leftover(), index.is_partition) {
        (true, _) => drop,
        (false, true) => rebuild,
        (false, false) => format!("{rebuild}\n-- or: {drop}"),
    }
}

impl Draft {
    /// Advises to drop indexes with these [statements]. The definition cannot be known in advance, so what undoes it is not
    /// a statement.
    #[must_use]
    pub fn drop_indexes<'a>(self, mut indexes: impl Iterator<Item = &'a Index>) -> Self {
        let is_partitioned = indexes.any(Index::is_partitioned);
        self.advise("Save the output of pg_get_indexdef() so that you can recreate the index, then drop it.")
            .impact(if is_partitioned { IMPACT_PARTITIONED } else { IMPACT })
            .undo_text(if is_partitioned { UNDO_PARTITIONED } else { UNDO })
    }
}
