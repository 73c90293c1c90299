//! Since when the counters of tables count, by the server's clock.
//!
//! The server keeps the time of a reset only, and not in every version. It keeps no time of a crash, an immediate shutdown, a
//! failover, pg_upgrade or CREATE DATABASE from a template, after which the counters of all tables begin at zero. What
//! they have counted tells instead: VACUUM and ANALYZE leave their times in the same counters, so these have counted at
//! least since the oldest of them; and what was inserted must fill the file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pgdba_pg::{Millis, display};
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;
use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;

use super::View;
use super::tables::{Table, Tables};
use super::time::age;
use crate::format::{Checked, NotAssessed};

/// Fewer dead rows than this are negligible.
pub const NEGLIGIBLE: i64 = 10_000;

/// Counters that were reset more recently do not show that a table has few dead rows.
pub const SETTLED: Millis = Millis(86_400_000.0);

/// The least that a row takes in a file, live or dead, in bytes: a header of 24 and a pointer of 4.
const LEAST_ROW: i64 = 28;

impl Table {
    /// The most rows, live and dead, that its file has room for; none if it was not measured.
    #[must_use]
    pub fn rows_that_fit(&self) -> Option<i64> {
        Some(self.size.filter(|size| size.is_measured)?.bytes.0 / LEAST_ROW)
    }

    /// How many rows its file might hold, live and dead, that its counters have not counted; none if its file was not measured.
    /// An upper bound: it is of rows of the least possible size.
    #[must_use]
    pub fn uncounted_rows(&self) -> Option<i64> {
        let fit = self.rows_that_fit()?;
        let count = |counter: fn(&PgStatUserTable) -> Option<i64>| self.stat.as_deref().and_then(counter).unwrap_or(0);
        let inserted = count(|stat| stat.n_tup_ins);
        let counted = if self.last_vacuum().is_some() {
            inserted.saturating_sub(count(|stat| stat.n_tup_del))
        } else {
            // Without VACUUM, the pointers of rows are not used again, except those of HOT updates.
            let moved = count(|stat| stat.n_tup_upd).saturating_sub(count(|stat| stat.n_tup_hot_upd));
            inserted.saturating_add(moved)
        };
        Some(fit.saturating_sub(counted.max(0)))
    }

    /// Whether its counters have counted all its rows but fewer than `rows`.
    #[must_use]
    pub fn has_counted_all_but(&self, rows: i64) -> bool {
        self.uncounted_rows().is_some_and(|uncounted| uncounted < rows)
    }

    /// Whether its dead rows are known but for fewer than `rows`: VACUUM or ANALYZE has counted them, or its counters have counted
    /// all its rows.
    #[must_use]
    pub fn are_dead_rows_known(&self, rows: i64) -> bool {
        self.last_vacuum().is_some() || self.last_analyze().is_some() || self.has_counted_all_but(rows)
    }

    /// When VACUUM and ANALYZE processed it, as far as its counters tell.
    fn times(&self) -> impl Iterator<Item = Timestamp> {
        let times =
            |stat: &PgStatUserTable| [stat.last_vacuum, stat.last_autovacuum, stat.last_analyze, stat.last_autoanalyze];
        self.stat.as_deref().map(times).into_iter().flatten().flatten()
    }
}

/// Since when the counters of tables count.
#[derive(Debug, Default)]
pub struct Counters {
    /// The present, by the server's clock.
    now: Option<Timestamp>,
    /// The last reset of each database that had one.
    resets: Vec<(Option<String>, Timestamp)>,
    /// The oldest time in the counters of each database.
    oldest: BTreeMap<Option<String>, Timestamp>,
}

impl Counters {
    pub(super) fn new(now: Option<Timestamp>, databases: Vec<PgStatDatabase>, tables: &Tables) -> Self {
        let resets = databases.into_iter().filter_map(|row| Some((row.datname, row.stats_reset?))).collect();
        let mut oldest = BTreeMap::<Option<String>, Timestamp>::new();
        for (table, time) in tables.all.iter().flat_map(|table| table.times().map(move |time| (table, time))) {
            let first = oldest.entry(table.name.database().map(str::to_owned)).or_insert(time);
            *first = time.min(*first);
        }
        Self { now, resets, oldest }
    }

    /// Since when the counters of a database count at least; none if that is unknown.
    #[must_use]
    pub fn since(&self, datname: Option<&str>) -> Option<Timestamp> {
        let oldest = self.oldest.get(&datname.map(str::to_owned)).copied()?;
        // A reset of a single table leaves the times of the others.
        Some(self.reset(datname).map_or(oldest, |reset| reset.max(oldest)))
    }

    /// The last reset of the counters of a database; without its name, of any.
    fn reset(&self, datname: Option<&str>) -> Option<Timestamp> {
        let is_of = |database: &Option<String>| datname.is_none() || database.as_deref() == datname;
        self.resets.iter().filter(|(database, _)| is_of(database)).map(|(_, reset)| *reset).max()
    }

    /// How long ago something was. What is later than the present was just now: sections are read one after the other.
    fn age(&self, then: Timestamp) -> Option<Millis> {
        self.now.map(|now| age(now, then).unwrap_or(Millis(0.0)))
    }

    /// Requires that the counters of a table, which do not account for its file, have [settled](SETTLED).
    ///
    /// # Errors
    /// They have not, or that is unknown; `unknown` is what they do not show therefore.
    pub fn require_settled(&self, table: &Table, unknown: &str) -> Checked<()> {
        let database = table.name.database();
        if self.since(database).and_then(|since| self.age(since)) >= Some(SETTLED) {
            return Ok(());
        }
        let name = &table.name;
        Err(NotAssessed::because(
            match self.reset(database).and_then(|reset| self.age(reset)).filter(|age| *age < SETTLED) {
                Some(age) => format!("the counters of {name} were reset {} ago, so {unknown}", display::duration(age)),
                None if table.rows_that_fit().is_none() => format!(
                    "the size of {name} was not measured, so pgdba cannot tell whether its counters cover all rows in its file, and {unknown}"
                ),
                None => format!(
                    "the counters of {name} might not cover all rows in its file, as after a crash, a failover or a restore, so {unknown}"
                ),
            },
        ))
    }
}

impl View<'_> {
    /// Requires that the dead rows of all tables are known but for a [negligible](NEGLIGIBLE) number each.
    ///
    /// # Errors
    /// As for [one](Self::require_dead_rows_of).
    pub fn require_dead_rows(&self) -> Checked<()> {
        self.require_counted_dead_rows()?;
        self.tables()?.all.iter().try_for_each(|table| self.counters()?.require_dead_rows(table))
    }

    /// Requires that the dead rows of a table are known but for a [negligible](NEGLIGIBLE) number.
    ///
    /// # Errors
    /// The server does not count them, or its counters do not account for its file and have not [settled](SETTLED).
    pub fn require_dead_rows_of(&self, table: &Table) -> Checked<()> {
        self.require_counted_dead_rows()?;
        self.counters()?.require_dead_rows(table)
    }

    fn require_counted_dead_rows(&self) -> Checked<()> {
        if self.surroundings()?.is_standby {
            return Err(NotAssessed::because("a standby does not count dead rows; check the primary"));
        }
        self.settings()?.require_counting()
    }
}

impl Counters {
    /// Requires that the dead rows of a table are known but for a [negligible](NEGLIGIBLE) number. Those of TOAST tables are counted
    /// with the next VACUUM.
    ///
    /// # Errors
    /// Its counters do not account for its file and have not [settled](SETTLED).
    fn require_dead_rows(&self, table: &Table) -> Checked<()> {
        if !table.has_rows() || table.are_dead_rows_known(NEGLIGIBLE) {
            return Ok(());
        }
        self.require_settled(table, "its dead rows from before are unknown")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::example;
    use crate::facts::{Beside, Fact, Facts, View, declared};

    const READS: &[&Fact] = &[&declared::surroundings, &declared::settings, &declared::tables, &declared::counters];

    /// Why the dead rows of the first of these tables are unknown.
    fn unknown(system: &Value, databases: &Value, tables: &[Value]) -> Option<String> {
        let class = |(oid, table): (usize, &Value)| {
            json!({ "oid": oid, "datname": table["datname"], "nspname": "s", "relname": "t", "relkind": "r",
                    "relpages": table["pages"], "reltuples": table["rows"], "size_bytes": table["bytes"],
                    "size_source": table["source"].as_str().unwrap_or("pg_relation_size") })
        };
        let stat = |(oid, table): (usize, &Value)| {
            let mut stat = table.clone();
            stat["relid"] = json!(oid);
            stat
        };
        let document = json!({
            "system": system, "pg_stat_database": databases, "pg_settings": [],
            "pg_class": tables.iter().enumerate().map(class).collect::<Vec<_>>(),
            "pg_stat_user_tables": tables.iter().enumerate().map(stat).collect::<Vec<_>>(),
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let view = View::new(&facts, Beside::default(), READS);
        let table = &view.tables().unwrap().all[0];
        let outcome = view.require_dead_rows_of(table);
        assert_eq!(view.require_dead_rows().err(), outcome.clone().err(), "of all tables");
        outcome.err().map(|missing| missing.reason)
    }

    /// The same for a table of 300 000 rows with these counters, beside another that was analyzed at this time.
    fn of_lost(counters: &Value, other: Option<&str>) -> bool {
        let mut table = json!({ "datname": "a", "bytes": 13_000_000, "pages": 0, "rows": -1 });
        for (name, value) in counters.as_object().unwrap() {
            table[name] = value.clone();
        }
        let other = json!({ "datname": "a", "bytes": 0, "last_autoanalyze": other });
        let system = json!([{ "block_size": 8192 }]);
        unknown(&system, &json!([]), &[table, other]).is_some()
    }

    const YESTERDAY: &str = "2025-12-31T11:00:00Z";

    #[test]
    fn counters_are_complete_where_they_fill_the_file_or_have_counted_again() {
        for (counters, is_unknown) in [
            // After a crash, with a few rows inserted since.
            (json!({}), true),
            (json!({ "n_tup_ins": 20_000, "pages": 88, "rows": 20_000 }), true),
            (json!({ "n_tup_ins": 300_000, "bytes": 26_000_000 }), true),
            // HOT updates use the space of others again.
            (json!({ "n_tup_ins": 1, "n_tup_upd": 500_000, "n_tup_hot_upd": 500_000 }), true),
            (json!({ "n_tup_ins": 1, "n_tup_upd": 500_000, "n_tup_hot_upd": 20_000 }), false),
            (json!({ "n_tup_ins": 460_000 }), false),
            (json!({ "last_analyze": "2026-01-01T11:59:00Z" }), false),
            (json!({ "last_autovacuum": "2026-01-01T11:59:00Z" }), false),
            // As of the last VACUUM or ANALYZE it is small, but nobody knows when that was.
            (json!({ "bytes": 8192, "pages": 1, "rows": 100, "source": "relpages" }), true),
            (json!({ "bytes": 8192, "pages": 1, "rows": 100 }), false),
            (json!({ "bytes": 0 }), false),
        ] {
            assert_eq!(of_lost(&counters, None), is_unknown, "{counters}");
            assert!(!of_lost(&counters, Some(YESTERDAY)), "{counters}");
        }
        assert!(of_lost(&json!({}), Some("2026-01-01T11:00:00Z")), "they have counted for an hour");
    }

    #[test]
    fn what_counters_cover_of_a_file_that_was_not_measured_is_unknown() {
        let table = |source: &str| json!({ "datname": "a", "bytes": 13_000_000, "pages": 1587, "rows": 300_000, "source": source });
        let why = |source: &str| unknown(&json!([{ "block_size": 8192 }]), &json!([]), &[table(source)]).unwrap();
        let unmeasured = "the size of s.t was not measured, so pgdba cannot tell whether its counters cover all rows in its file, \
                          and its dead rows from before are unknown";
        assert_eq!(why("relpages"), unmeasured);
        assert!(why("pg_relation_size").starts_with("the counters of s.t might not cover"));
    }

    #[test]
    fn the_age_of_counters_is_that_of_their_own_database_by_the_servers_clock() {
        let table = |database: &str| json!({ "datname": database, "bytes": 13_000_000, "pages": 0, "rows": -1 });
        let old = |database: &str| json!({ "datname": database, "bytes": 0, "last_vacuum": YESTERDAY });
        let system = json!([{ "server_time": "2026-01-01T12:01:00Z" }]);
        let reset = |database: &str, time: Value| json!([{ "datid": 1, "datname": database, "stats_reset": time }]);
        let why = |databases: Value, other: Value| unknown(&system, &databases, &[table("a"), other]);
        let lost = "the counters of s.t in database a might not cover all rows in its file, as after a crash, a failover or a restore";
        assert_eq!(why(reset("a", json!(null)), old("a")), None);
        // A database that was created from another has no counters of its own before.
        let clone = why(reset("a", json!(null)), old("b")).unwrap();
        assert!(clone.starts_with(lost), "{clone}");
        // Of the servers that keep a time of the reset, a promoted standby has one from before it counted.
        let promoted = why(reset("a", json!("2025-06-01T00:00:00Z")), old("b")).unwrap();
        assert!(promoted.starts_with(lost), "{promoted}");
        // pg_stat_reset_single_table_counters() leaves the times of other tables.
        for (time, age) in [("2026-01-01T11:56:00Z", "5 min"), ("2026-01-01T12:01:01Z", "0 ms")] {
            let reset = why(reset("a", json!(time)), old("a")).unwrap();
            let expected = format!("were reset {age} ago, so its dead rows from before are unknown");
            assert!(reset.ends_with(&expected), "{reset}");
        }
        assert_eq!(why(reset("b", json!("2026-01-01T11:56:00Z")), old("a")), None);
    }
}
