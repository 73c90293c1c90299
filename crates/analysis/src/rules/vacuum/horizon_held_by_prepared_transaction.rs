//! A prepared transaction holds the xmin horizon.

use crate::engine::horizon::{Holding, holding, lasting};
use crate::engine::prelude::*;
use crate::facts::horizon::{self, HolderKind};
use crate::rules::locks::prepared_transaction_old;

rule! {
    /// ## What it sees
    ///
    /// A transaction that was prepared for two-phase commit and neither committed nor rolled back since, of which dead rows show that
    /// it holds VACUUM back. One that is so old that PGD1106 reports it is left out.
    ///
    /// ## Why it matters
    ///
    /// It belongs to no session and survives a restart, so nothing ends it by itself. It keeps its locks, VACUUM must keep every
    /// row that it might still see, and in the end it stops the server from assigning transaction IDs.
    ///
    /// ## Threshold
    ///
    /// It was prepared {LASTING} ago or earlier, VACUUM has run since, and has left dead rows at {HURTS} times a table's autovacuum
    /// threshold or more.
    ///
    /// ## Remedy
    ///
    /// Ask the transaction manager what was decided, then commit or roll back in the transaction's database, as its owner or a
    /// superuser. Its name can contain anything, so pgdba does not collect it: the query looks it up and shows the commands
    /// `COMMIT PREPARED` and `ROLLBACK PREPARED`. It runs neither, since only the transaction manager knows which is right.
    ///
    /// ## When to ignore this
    ///
    /// Never: a transaction manager commits within seconds.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "system": [ { "is_in_recovery": false } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 150000,
    ///                              "last_vacuum": "2026-01-01T11:59:59Z" } ],
    ///   "pg_prepared_xacts": [ { "transactionid": "733", "transaction_age": 90000, "owner": "app", "database": "shop",
    ///                            "prepared": "2026-01-01T11:30:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [], "pg_class": [], "pg_stat_user_tables": [], "system": [ { "is_in_recovery": false } ],
    ///   "pg_prepared_xacts": [ { "transactionid": "733", "transaction_age": 3, "owner": "app", "database": "shop",
    ///                            "prepared": "2026-01-01T11:59:58Z" } ] }
    /// ```
    ///
    /// VACUUM has just run, but the transaction was prepared two seconds ago and is about to be completed:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "system": [ { "is_in_recovery": false } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 150000,
    ///                              "last_vacuum": "2026-01-01T11:59:59Z" } ],
    ///   "pg_prepared_xacts": [ { "transactionid": "733", "transaction_age": 3, "owner": "app", "database": "shop",
    ///                            "prepared": "2026-01-01T11:59:58Z" } ] }
    /// ```
    rule horizon_held_by_prepared_transaction {
        code: PGD508,
        title: "A prepared transaction holds the xmin horizon",
        passed: "No prepared transaction holds the xmin horizon for long",
        worst: Warning,
        reads: [system, prepared_holders, horizon, tables, prepared_transactions],
        source: "PostgreSQL manual, PREPARE TRANSACTION",
        thresholds: {
            /// One that was prepared more recently is about to be completed.
            LASTING: Millis = horizon::LASTING,
            /// Multiple of a table's autovacuum threshold in dead rows that VACUUM has left.
            HURTS: f64 = 2.0,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Holding<'a>>> {
    view.prepared_holders()?;
    let old = prepared_transaction_old::check(view)?;
    let is_old = |holding: &Holding<'_>| {
        old.iter().any(|prepared| prepared.row.transactionid.as_ref() == Some(&holding.holder.name))
    };
    let mut found = holding(view, HolderKind::PreparedTransaction)?;
    found.retain(|holding| holding.lasts(LASTING) && holding.multiple() >= Some(HURTS) && !is_old(holding));
    Ok(found)
}

fn subject(holding: &Holding<'_>) -> About {
    holding.about()
}

fn describe(found: &Found<Holding<'_>>) -> Draft {
    let name = found.each("prepared transaction", "prepared transactions");
    Draft::new(format!("Finish {name}{}", lasting(found)))
        .holding(found)
        .because("It has no session and survives a restart.")
        .advise("Ask the transaction manager what was decided, then run COMMIT PREPARED or ROLLBACK PREPARED in its database.")
        .advise("The query shows both commands.")
        .advise("Where nothing prepares transactions, set max_prepared_transactions to 0.")
        .impact("Either command releases its locks. ROLLBACK PREPARED discards its changes.")
        .undo_text("Neither command can be undone.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn an_old_transaction_is_reported_once() {
        let codes = |prepared: &str| {
            let setting = |name: &str, setting: &str| json!({ "name": name, "setting": setting });
            let document = json!({
                "pg_settings": [setting("autovacuum_vacuum_threshold", "50"), setting("autovacuum_vacuum_scale_factor", "0.2")],
                "system": [{ "is_in_recovery": false }],
                "pg_class": [{ "oid": 1, "nspname": "public", "relname": "t", "relkind": "r", "relpages": 5000, "reltuples": 100_000 }],
                "pg_stat_user_tables": [{ "relid": 1, "n_live_tup": 100_000, "n_dead_tup": 150_000,
                                          "last_vacuum": "2026-01-01T11:59:59Z" }],
                "pg_prepared_xacts": [{ "transactionid": "733", "transaction_age": 90_000, "database": "shop", "prepared": prepared }],
            });
            let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
            let of_transaction = |code: &&String| ["PGD508", "PGD1106"].contains(&code.as_str());
            findings.iter().map(|finding| &finding.code).filter(of_transaction).cloned().collect::<Vec<_>>()
        };
        assert_eq!(codes("2026-01-01T08:00:00Z"), ["PGD1106"]);
        assert_eq!(codes("2026-01-01T11:30:00Z"), ["PGD508"]);
    }
}
