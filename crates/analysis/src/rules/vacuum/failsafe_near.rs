//! VACUUM is about to skip indexes to prevent wraparound.

use crate::engine::prelude::*;
use crate::facts::freeze::{Freeze, Limits};

rule! {
    /// ## What it sees
    ///
    /// A table whose oldest unfrozen transaction ID or multixact is close to the failsafe age: `vacuum_failsafe_age` or
    /// `vacuum_multixact_failsafe_age`, and at least 105 % of `autovacuum_freeze_max_age` or
    /// `autovacuum_multixact_freeze_max_age`. Versions before 14 do not have it.
    ///
    /// ## Why it matters
    ///
    /// From this age on, VACUUM drops everything that is not freezing: it ignores the cost delay, so that its load is not limited
    /// any more, and skips the indexes, so that indexes grow and dead row pointers remain. It is the last measure before the
    /// server stops assigning IDs.
    ///
    /// ## Threshold
    ///
    /// {NEAR} of the failsafe age.
    ///
    /// ## Remedy
    ///
    /// Vacuum the table now, while VACUUM can still process the indexes. If the table is already above the failsafe age, freeze it
    /// first, then vacuum it a second time to clean the indexes.
    ///
    /// ## When to ignore this
    ///
    /// If `vacuum_failsafe_age` was set to a low value for a test.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" },
    ///                    { "name": "vacuum_failsafe_age", "setting": "1600000000" } ],
    ///   "pg_database": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "events", "relkind": "r",
    ///                   "relfrozenxid_age": 1500000000 } ],
    ///   "pg_stat_user_tables": [] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" },
    ///                    { "name": "vacuum_failsafe_age", "setting": "1600000000" } ],
    ///   "pg_database": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "events", "relkind": "r",
    ///                   "relfrozenxid_age": 300000000 } ],
    ///   "pg_stat_user_tables": [] }
    /// ```
    ///
    /// A failsafe age below `autovacuum_freeze_max_age` does not count:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" },
    ///                    { "name": "vacuum_failsafe_age", "setting": "1000" } ],
    ///   "pg_database": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "events", "relkind": "r",
    ///                   "relfrozenxid_age": 180000000 } ],
    ///   "pg_stat_user_tables": [] }
    /// ```
    rule failsafe_near {
        code: PGD506,
        title: "VACUUM is about to skip indexes to prevent wraparound",
        passed: "No table is close to the failsafe age",
        worst: Critical,
        reads: [tables, freeze],
        source: "PostgreSQL manual, vacuum_failsafe_age",
        thresholds: {
            /// Share of the failsafe age.
            NEAR: Ratio = Ratio(0.9),
        },
    }
}

struct Near<'a> {
    table: &'a Table,
    limits: [Option<i64>; 2],
}

impl Near<'_> {
    /// The share of the failsafe age that its greater age is.
    fn share(&self) -> Option<Ratio> {
        let ages = [self.table.freeze_age, self.table.multixact_age].into_iter().zip(self.limits);
        let shares = ages.filter_map(|(age, limit)| Ratio::of(age?, limit?));
        shares.reduce(|a, b| if a >= b { a } else { b })
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Near<'a>>> {
    let Freeze { xid, multixact, .. } = view.freeze()?;
    let limits = [xid, multixact].map(|limits: &Limits| limits.failsafe);
    let near = view.tables()?.all.iter().map(|table| Near { table, limits });
    Ok(near.filter(|near| near.share() >= Some(NEAR)).collect())
}

fn subject(near: &Near<'_>) -> About {
    let table = near.table;
    let name = table.remedied().sql();
    let again = if near.share() >= Some(Ratio(1.0)) { format!("\nVACUUM (VERBOSE) {name};") } else { String::new() };
    About::table(&table.name, near.share())
        .figures([
            Figure::new("share_of_failsafe_age", near.share()).against(NEAR),
            Figure::new("freeze_age", table.freeze_age).against(near.limits[0]),
            Figure::new("multixact_age", table.multixact_age).against(near.limits[1]),
            Figure::new("last_vacuum", table.last_vacuum()),
        ])
        .run(format!("VACUUM (VERBOSE) {name};{again}"))
}

fn describe(found: &Found<Near<'_>>) -> Draft {
    let share = display::percent(Ratio(found.max(|near| near.share().map(|share| share.0))));
    let past = found.part(|near| near.share() >= Some(Ratio(1.0)));
    Draft::new(format!("Vacuum {} now: {share} of the failsafe age", found.named("table", "tables")))
        .because("From the failsafe age on, VACUUM ignores the cost delay and skips the indexes, which then grow.")
        .because_for(past.as_ref(), "That has already begun for")
        .advise("Run VACUUM. Above the failsafe age, run it a second time, so that it cleans the indexes.")
        .advise("First end what holds the xmin horizon: see pgdba query vacuum-health.")
        .impact("Reads and writes continue; above the failsafe age, VACUUM is not throttled.")
}
