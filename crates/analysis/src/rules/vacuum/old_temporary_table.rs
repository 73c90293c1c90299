//! A temporary table is never frozen.

use jiff::Timestamp;

use crate::engine::prelude::*;
use crate::facts::temporary::TemporaryTable;

rule! {
    /// ## What it sees
    ///
    /// A temporary table whose oldest unfrozen transaction ID or multixact is old.
    ///
    /// ## Why it matters
    ///
    /// Autovacuum cannot read the temporary tables of a session, so it never freezes them. As long as the session keeps such a
    /// table, the age of the whole database grows, and in the end the server stops assigning transaction IDs. Autovacuum drops
    /// only what a crashed session has left.
    ///
    /// ## Threshold
    ///
    /// {SHARE} of `autovacuum_freeze_max_age`, or of `autovacuum_multixact_freeze_max_age`.
    ///
    /// ## Remedy
    ///
    /// End the session, or let it drop or vacuum the table. From PostgreSQL 16 on the number in the name of its schema identifies
    /// the session, and the finding shows a statement that ends it. Before 16 `pg_stat_get_backend_pid()` counts sessions in
    /// another way, so that the number would end the wrong one: look for the role that owns the table, and for the session that
    /// has been connected for long enough. Have connection poolers close server connections after some hours.
    ///
    /// ## When to ignore this
    ///
    /// Never.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ], "pg_database": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "pg_temp_3", "relname": "basket", "relkind": "r", "relpersistence": "t",
    ///                   "relfrozenxid_age": 150000000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ], "pg_database": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "pg_temp_3", "relname": "basket", "relkind": "r", "relpersistence": "t",
    ///                   "relfrozenxid_age": 1500000 } ] }
    /// ```
    rule old_temporary_table {
        code: PGD519,
        title: "Temporary tables hold back freezing",
        passed: "No temporary table holds back freezing",
        worst: Warning,
        reads: [temporary_tables, freeze],
        source: "PostgreSQL manual, CREATE TABLE: temporary tables and autovacuum",
        thresholds: {
            /// Share of the age from which autovacuum freezes other tables.
            SHARE: Ratio = Ratio(0.5),
        },
    }
}

/// The first version in which `pg_stat_get_backend_pid()` knows sessions by the numbers in the names of temporary schemas. Before,
/// it counts the sessions that exist.
const NUMBERED_SINCE: i64 = 16;

/// A table and the statement that ends its session, where one does.
struct Old<'a> {
    table: &'a TemporaryTable,
    end: Option<String>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Old<'a>>> {
    let freeze = view.freeze()?;
    let is_past = |age: Option<i64>, limit: Option<i64>| {
        age.zip(limit).and_then(|(age, limit)| Ratio::of(age, limit)) >= Some(SHARE)
    };
    let is_old = |table: &&TemporaryTable| {
        is_past(Some(table.freeze_age), freeze.xid.freeze) || is_past(table.multixact_age, freeze.multixact.freeze)
    };
    let is_numbered = view.version().is_ok_and(|version| version.major() >= NUMBERED_SINCE);
    let now = view.now().ok().filter(|_| is_numbered);
    let old = |table: &'a TemporaryTable| Old { table, end: now.zip(table.session).map(|(now, session)| end(session, now)) };
    Ok(view.temporary_tables()?.iter().filter(is_old).map(old).collect())
}

/// Ends the session with this number, unless a session that began after `now` has the number by then.
fn end(session: i64, now: Timestamp) -> String {
    format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE pid = pg_stat_get_backend_pid({session}) AND backend_start < '{now}';"
    )
}

fn subject(old: &Old<'_>) -> About {
    let Old { table, end } = old;
    let about = About::table(&table.name, Weight::rows(Some(table.freeze_age))).figures([
        Figure::new("freeze_age", table.freeze_age),
        Figure::new("multixact_age", table.multixact_age),
        Figure::new("session", table.session).labelled("number of its session"),
    ]);
    end.iter().cloned().fold(about, About::run)
}

fn describe(found: &Found<Old<'_>>) -> Draft {
    let oldest = display::count(found.iter().map(|old| old.table.freeze_age).max().unwrap_or(0));
    let name = found.each("temporary table", "temporary tables");
    let is_unknown = found.any(|old| old.end.is_none());
    Draft::new(format!("Drop {name} or end its session: {oldest} transactions old"))
        .because("Only the session that created a temporary table can vacuum it, so autovacuum never freezes it.")
        .because("It determines the age of its database, and with it when the server stops assigning transaction IDs.")
        .advise("Ask whoever runs the session to drop the table, or end the session.")
        .advise_if(
            is_unknown,
            "Before PostgreSQL 16 the server does not show which session that is: compare the table's owner and how long sessions \
             have been connected in pg_stat_activity.",
        )
        .advise("Let connection poolers close server connections after some hours.")
        .impact("The session ends, and its temporary tables are dropped.")
        .undo_text("The application connects again and creates its temporary tables again.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn a_session_is_ended_only_where_the_number_identifies_it() {
        let script = |version: u32| {
            let document = json!({
                "version": version,
                "pg_settings": [{ "name": "autovacuum_freeze_max_age", "setting": "200000000" }], "pg_database": [],
                "pg_class": [{ "oid": 16385, "nspname": "pg_temp_3", "relname": "basket", "relkind": "r",
                               "relpersistence": "t", "relfrozenxid_age": 150_000_000 }],
            });
            let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
            let finding = analysis.findings.into_iter().find(|finding| finding.code == "PGD519").unwrap();
            finding.statements()
        };
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE pid = pg_stat_get_backend_pid(3) AND backend_start < '2026-01-01T12:00:00Z';";
        assert_eq!(script(16).as_deref(), Some(end));
        assert_eq!(script(15), None);
    }
}
