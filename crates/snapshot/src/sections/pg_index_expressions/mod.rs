//! Expressions and predicates of indexes.

use crate::section;

section! {
    /// The expressions of indexes on expressions and the predicates of partial ones. A constant is `?` and eight
    /// digits, the same for equal constants of this document and for nothing else.
    ///
    /// The server waits for whoever holds a table exclusively before it spells them out, so those of such tables are
    /// left out and marked.
    section pg_index_expressions {
        scope: Database,
        why: "Two indexes are only equal if their expressions and predicates are.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgIndexExpression {
        /// The index's oid, see `pg_index`.
        indexrelid: i64,
        /// Whether they were left out.
        is_locked: Option<bool>,
        /// Its expressions, separated by commas, for each 0 in `indkey`.
        indexprs: Option<String> = Expression,
        /// Its predicate.
        indpred: Option<String> = Expression,
    }
}
