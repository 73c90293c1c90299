//! Autovacuum workers that cannot keep up.

use pgdba_pg::Millis;

use super::vacuum::vacuum;
use crate::facts::View;
use crate::facts::settings::Settings;
use crate::facts::tables::Table;
use crate::format::{Block, Checked, Figure, Table as Rows};

/// Tables that must wait before autovacuum is considered late.
pub const MIN_WAITING: usize = 3;

/// A table waits if it is at this multiple of its autovacuum threshold.
pub const WAITING: f64 = 2.0;

/// Tables with fewer dead or inserted rows than this are negligible.
const MIN_ROWS: i64 = 10_000;

/// The cost points per second that an unchanged configuration allows: a limit of 200 for each 2 ms.
const DEFAULT_RATE: f64 = 100_000.0;

/// From this multiple of the unchanged configuration on, storage rather than the cost limit decides.
const UNTHROTTLED: f64 = 10.0;

/// Autovacuum workers, all of them busy, and tables that wait for one.
#[derive(Debug)]
pub struct Late<'a> {
    /// Workers that are running; as many as are allowed.
    pub workers: i64,
    /// Those of them that are sleeping because of the cost limit.
    pub sleeping: i64,
    /// Tables that wait, the furthest past their threshold first.
    pub waiting: Vec<&'a Table>,
    /// The cost limit in force.
    pub limit: i64,
    /// The cost delay in force.
    pub delay: Millis,
    /// Whether the server shows that a worker is sleeping (13).
    is_sleep_shown: bool,
}

/// Whether autovacuum is late: all workers are busy and several tables wait.
///
/// # Errors
/// A standby does not run autovacuum, or a fact is missing.
pub fn late<'a>(view: &View<'a>) -> Checked<Option<Late<'a>>> {
    view.require_primary("run autovacuum")?;
    let (settings, sessions, running) = (view.server_settings()?, view.sessions()?, view.vacuums()?);
    let is_worker = |kind: Option<&str>| kind == Some("autovacuum worker");
    let workers = || sessions.processes.iter().filter(|process| is_worker(process.backend_type.as_deref()));
    let sleeping = workers().filter(|worker| worker.wait_event.as_deref() == Some("VacuumDelay"));
    let is_waiting = |table: &&Table| {
        let rows = table.dead_rows().max(table.stat.as_deref().and_then(|stat| stat.n_ins_since_vacuum));
        let is_running = table.is_processed_by(running) == Some(true);
        rows >= Some(MIN_ROWS)
            && table.vacuum_multiple() >= Some(WAITING)
            && !table.autovacuum.is_disabled()
            && !is_running
    };
    let mut waiting: Vec<&Table> = view.tables()?.all.iter().filter(is_waiting).collect();
    waiting.sort_by(|a, b| b.vacuum_multiple().partial_cmp(&a.vacuum_multiple()).unwrap_or(std::cmp::Ordering::Equal));
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let workers = count(workers().count());
    let allowed = settings.require("autovacuum_max_workers").map(|_| settings.integer("autovacuum_max_workers"))?;
    let is_late = workers > 0 && Some(workers) >= allowed && waiting.len() >= MIN_WAITING;
    if !is_late {
        return Ok(None);
    }
    let (limit, delay) = cost(settings)?;
    let is_sleep_shown = view.version().is_ok_and(|version| version.major() >= 13);
    Ok(Some(Late { workers, sleeping: count(sleeping.count()), waiting, limit, delay, is_sleep_shown }))
}

/// The cost limit and delay of autovacuum, which can be those of VACUUM.
///
/// # Errors
/// `pg_settings` does not show one of them, or the collecting session has a value of its own, which hides it.
pub fn cost(settings: &Settings) -> Checked<(i64, Millis)> {
    let limit = settings.integer("autovacuum_vacuum_cost_limit").filter(|limit| *limit > 0);
    let delay = settings.millis("autovacuum_vacuum_cost_delay");
    Ok((
        limit.map_or_else(|| settings.require_integer("vacuum_cost_limit"), Ok)?,
        delay.map_or_else(|| settings.require_millis("vacuum_cost_delay"), Ok)?,
    ))
}

/// The cost points per second that a limit and a delay allow; infinite without a delay.
#[must_use]
pub fn rate((limit, delay): (i64, Millis)) -> f64 {
    if delay.0 > 0.0 { limit as f64 / delay.seconds() } else { f64::INFINITY }
}

impl Late<'_> {
    /// Whether the cost limit is what makes the workers slow.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        let is_low = rate((self.limit, self.delay)) < DEFAULT_RATE * UNTHROTTLED;
        is_low && (!self.is_sleep_shown || self.sleeping.saturating_mul(2) >= self.workers)
    }

    /// Figures of the whole.
    #[must_use]
    pub fn figures(&self) -> Vec<Figure> {
        let waiting = i64::try_from(self.waiting.len()).unwrap_or(i64::MAX);
        vec![
            Figure::new("workers", self.workers).labelled("busy autovacuum workers"),
            Figure::new("sleeping", self.sleeping).labelled("workers sleeping because of the cost limit"),
            Figure::new("waiting_tables", waiting).against(MIN_WAITING as i64),
            Figure::parameter("autovacuum_vacuum_cost_limit", self.limit),
            Figure::parameter("autovacuum_vacuum_cost_delay", self.delay),
        ]
    }

    /// The tables that wait.
    #[must_use]
    pub fn tables(&self) -> Block {
        let columns =
            [("table", "table"), ("dead_rows", "dead rows"), ("last_vacuum", "last vacuum"), ("sql", "statement")];
        let row = |table: &&Table| {
            vec![
                table.name.to_string().into(),
                table.dead_rows().into(),
                table.last_vacuum().into(),
                vacuum(table).into(),
            ]
        };
        Block::Table(Rows::new("Tables that wait for autovacuum", &columns, self.waiting.iter().map(row)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::engine::find;
    use crate::facts::Beside;
    use crate::rules::vacuum::{busy_autovacuum_workers, throttled_autovacuum};
    use crate::{Facts, example};

    /// What the two rules set on a server with one worker, which is in a certain wait, and three tables that wait for it.
    fn sets(version: i64, wait: &str, settings: &[(&str, &str)]) -> [Option<(String, String)>; 2] {
        let setting = |(name, setting): &(&str, &str)| json!({ "name": name, "setting": setting, "unit": "ms" });
        let defaults = [
            ("autovacuum_vacuum_threshold", "50"),
            ("autovacuum_vacuum_scale_factor", "0.2"),
            ("autovacuum_max_workers", "1"),
            ("autovacuum_vacuum_cost_limit", "-1"),
            ("autovacuum_vacuum_cost_delay", "2"),
            ("vacuum_cost_limit", "200"),
        ];
        let all: Vec<Value> = defaults.iter().chain(settings).map(setting).collect();
        let class = |oid: i64| json!({ "oid": oid, "nspname": "s", "relname": format!("t{oid}"), "relkind": "r", "relpages": 9, "reltuples": 1000 });
        let document = json!({
            "version": version, "system": [{ "is_in_recovery": false }], "pg_settings": all,
            "pg_stat_activity": [{ "pid": 1, "backend_type": "autovacuum worker", "wait_event": wait }],
            "pg_class": [class(1), class(2), class(3)],
            "pg_stat_user_tables": [{ "relid": 1, "n_dead_tup": 50_000 }, { "relid": 2, "n_dead_tup": 50_000 },
                                    { "relid": 3, "n_dead_tup": 50_000 }],
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        [&throttled_autovacuum::RULE, &busy_autovacuum_workers::RULE].map(|rule| {
            let sets = find(rule, &facts, Beside::default()).unwrap()?.remedy.sets.unwrap();
            Some((sets.parameter, sets.value))
        })
    }

    #[test]
    fn either_the_throttle_or_the_number_of_workers_is_changed() {
        let set = |parameter: &str, value: &str| Some((parameter.to_owned(), value.to_owned()));
        let limit = set("autovacuum_vacuum_cost_limit", "1000");
        let workers = set("autovacuum_max_workers", "3");
        assert_eq!(sets(17, "VacuumDelay", &[]), [limit.clone(), None]);
        assert_eq!(sets(17, "DataFileRead", &[]), [None, workers.clone()]);
        // Version 12 does not show that a worker sleeps.
        assert_eq!(sets(12, "DataFileRead", &[]), [limit, None]);
        let delay = set("autovacuum_vacuum_cost_delay", "2ms");
        assert_eq!(sets(17, "VacuumDelay", &[("autovacuum_vacuum_cost_delay", "20")]), [delay, None]);
        assert_eq!(sets(17, "VacuumDelay", &[("autovacuum_vacuum_cost_limit", "3000")]), [None, workers.clone()]);
        assert_eq!(sets(17, "VacuumDelay", &[("autovacuum_vacuum_cost_delay", "0")]), [None, workers]);
    }
}
