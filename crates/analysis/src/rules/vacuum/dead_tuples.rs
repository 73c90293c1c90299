//! Dead rows pile up past the point where autovacuum should have come.

use jiff::Timestamp;
use pgdba_pg::{Bytes, display};

use crate::engine::rule::{Parts, evidence, evidence_against};
use crate::facts::relation::RelationName;
use crate::facts::tables::Table;
use crate::finding::{Confidence, Effort, Remedy, Severity, Subject};
use crate::{Facts, NotAssessed, rule};

rule! {
    /// ## What it sees
    ///
    /// A table whose dead rows are far past the number at which autovacuum should have come:
    /// `autovacuum_vacuum_threshold + autovacuum_vacuum_scale_factor × rows`, the table's own storage parameters
    /// first, and from 18 on not above `autovacuum_vacuum_max_threshold`.
    ///
    /// ## Why it matters
    ///
    /// Every scan reads the dead rows too, and their space cannot be used again. Once the number is a multiple of
    /// the threshold, autovacuum does not keep up, is switched off, or something keeps the old rows alive.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_DEAD} dead rows. Notice from {NOTICE} times the table's threshold on, warning from {WARNING}
    /// times. Up to once the threshold is the normal life of a table.
    ///
    /// ## Remedy
    ///
    /// Vacuum the table, then find out why autovacuum did not: switched off, too slow, or held back by an old
    /// transaction, a replication slot or a prepared transaction.
    ///
    /// ## When it is no fault
    ///
    /// Right after a mass delete or update: autovacuum comes within minutes. After a crash and on a standby the
    /// counters are 0, and nothing is found.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "The Autovacuum Daemon".
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 150000 } ] }
    /// ```
    /// ```json clean
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 25000 } ] }
    /// ```
    rule dead_tuples {
        code: "PGD502",
        title: "Dead rows pile up past the point where autovacuum should have come",
        area: Vacuum,
        needs: [pg_settings, pg_class, pg_stat_user_tables],
        thresholds: {
            /// Fewer dead rows than this hurt nobody.
            MIN_DEAD: i64 = 10_000,
            /// Multiple of the table's threshold from which it is a notice.
            NOTICE: f64 = 2.0,
            /// Multiple of the table's threshold from which it is a warning.
            WARNING: f64 = 5.0,
        },
    }
}

#[derive(Debug)]
struct Found {
    table: RelationName,
    size: Option<Bytes>,
    n_dead_tup: i64,
    n_live_tup: Option<i64>,
    threshold: f64,
    multiple: f64,
    last_vacuum: Option<Timestamp>,
    autovacuum_enabled: Option<bool>,
}

fn check(facts: &Facts) -> Result<Vec<Found>, NotAssessed> {
    Ok(facts.tables.iter().filter_map(past_threshold).collect())
}

fn past_threshold(table: &Table) -> Option<Found> {
    let stat = table.stat.as_ref()?;
    let n_dead_tup = stat.n_dead_tup.filter(|dead| *dead >= MIN_DEAD)?;
    let threshold = table.vacuum_threshold.filter(|threshold| *threshold > 0.0)?;
    let multiple = n_dead_tup as f64 / threshold;
    (multiple >= NOTICE).then(|| Found {
        table: table.name.clone(),
        size: table.size,
        n_dead_tup,
        n_live_tup: stat.n_live_tup,
        threshold,
        multiple,
        last_vacuum: table.last_vacuum(),
        autovacuum_enabled: table.autovacuum_enabled,
    })
}

fn describe(found: &Found) -> Parts {
    let off = found.autovacuum_enabled == Some(false);
    let reason = if off {
        "Autovacuum is switched off for it."
    } else {
        "Autovacuum does not keep up with it, or something keeps the old rows alive."
    };
    Parts {
        severity: if found.multiple >= WARNING { Severity::Warning } else { Severity::Notice },
        confidence: Confidence::High,
        subject: Subject::Table(found.table.to_string()),
        summary: format!("Vacuum {}: {} dead rows", found.table, display::count(found.n_dead_tup)),
        rationale: format!(
            "It holds {:.1} times as many dead rows as autovacuum lets pass. {reason} Every scan reads them too.",
            found.multiple
        ),
        evidence: vec![
            evidence_against("dead rows", found.n_dead_tup, found.threshold.round() as i64),
            evidence("live rows", found.n_live_tup),
            evidence("last vacuum", found.last_vacuum),
            evidence("size at last vacuum or analyze", found.size),
        ],
        details: Vec::new(),
        remedy: Remedy {
            text: if off {
                "Vacuum it, and give it back to autovacuum."
            } else {
                "Vacuum it, then look for what held autovacuum up: old transactions, slots, too small a cost limit."
            }
            .to_owned(),
            sql: Some(found.table.run_there(if off {
                format!("VACUUM (VERBOSE, ANALYZE) {0};\nALTER TABLE {0} RESET (autovacuum_enabled);", found.table.sql())
            } else {
                format!("VACUUM (VERBOSE, ANALYZE) {};", found.table.sql())
            })),
            effort: Effort::Online,
            impact: Some("Reads and writes go on; the table is read once, DDL on it waits.".to_owned()),
            undo: None,
            undo_text: None,
            sets: None,
        },
        source: "PostgreSQL manual, The Autovacuum Daemon",
    }
}
