//! Dead rows are far above the autovacuum threshold.

use crate::engine::prelude::*;
use crate::engine::vacuum::Overdue;
use crate::facts::counters::{NEGLIGIBLE, SETTLED as COUNTERS_SETTLED};

rule! {
    /// ## What it sees
    ///
    /// A table whose dead rows are far above its autovacuum threshold:
    /// `autovacuum_vacuum_threshold + autovacuum_vacuum_scale_factor × rows`, with the table's own storage parameters taking
    /// precedence, and in version 18 and newer limited by `autovacuum_vacuum_max_threshold`.
    ///
    /// ## Why it matters
    ///
    /// Every scan reads the dead rows too, and their space cannot be reused. If their number is a multiple of the threshold,
    /// autovacuum cannot keep up, is disabled, or cannot remove the rows because something still needs them.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_DEAD} dead rows. Notice at {NOTICE} times the table's autovacuum threshold, warning at {WARNING} times or if
    /// {MOSTLY_DEAD} of the rows are dead. Reaching the threshold itself is normal. If VACUUM is running on the table, it is at
    /// most a notice.
    ///
    /// Three kinds of tables are left out. A table that autovacuum vacuumed within {VISITS} times `autovacuum_naptime`, unless
    /// something holds the dead rows: a queue fills again while autovacuum works as it should. A table that autovacuum has not
    /// visited yet. And a table whose file was rewritten and has no room for the dead rows: VACUUM FULL and CLUSTER do not reset
    /// their number.
    ///
    /// If no table is above that, the rule passes only if the server has counted the dead rows: not on a standby, and not
    /// without `track_counts`. The counters are lost in a crash, an immediate shutdown, a failover or `pg_upgrade`, and a database
    /// created from another begins without; the server does not show when. The rule therefore does not pass if a table's file might
    /// contain {MIN_DEAD} rows or more that its counters have not counted, and neither VACUUM nor ANALYZE has counted them since,
    /// unless the counters of its database are known to be {SETTLED} old: from the time of the oldest VACUUM or ANALYZE of a
    /// table in it. ANALYZE counts the rows of a table again.
    ///
    /// ## Remedy
    ///
    /// Vacuum the table, then find out why autovacuum did not: it is disabled, too slow, or held back by an old transaction, a
    /// replication slot or a prepared transaction. If VACUUM has run while one of these was open and has left the rows, the finding
    /// names it: VACUUM removes them only after it has ended. A TOAST table is vacuumed and configured through its table.
    ///
    /// ## When to ignore this
    ///
    /// Right after a mass delete or update: autovacuum processes the table within minutes.
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
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 25000,
    ///                              "last_autovacuum": "2026-01-01T06:00:00Z" } ] }
    /// ```
    ///
    /// A queue that autovacuum visits every minute:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" },
    ///                    { "name": "autovacuum_naptime", "setting": "60", "unit": "s" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "queue", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100 } ],
    ///   "pg_stat_activity": [], "pg_stat_replication": [], "pg_replication_slots": [], "pg_prepared_xacts": [],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100, "n_dead_tup": 25000,
    ///                              "last_autovacuum": "2026-01-01T11:59:20Z" } ] }
    /// ```
    ///
    /// A table of which VACUUM FULL has removed the dead rows:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "system": [ { "block_size": 8192 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "is_rewritten": true,
    ///                   "relpages": 500, "reltuples": 50000, "size_bytes": 4096000,
    ///                   "size_source": "pg_relation_size" } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 140000, "n_live_tup": 50000, "n_dead_tup": 49750 } ] }
    /// ```
    rule dead_tuples {
        code: PGD502,
        title: "Dead rows are far above the autovacuum threshold",
        passed: "No table is far above its autovacuum threshold",
        worst: Warning,
        reads: [surroundings, settings, tables, vacuums, counters, horizon, column_statistics],
        source: "PostgreSQL manual, The Autovacuum Daemon",
        thresholds: {
            /// Fewer dead rows than this are negligible.
            MIN_DEAD: i64 = NEGLIGIBLE,
            /// Multiple of the table's autovacuum threshold that causes a notice.
            NOTICE: f64 = 2.0,
            /// Multiple of the table's autovacuum threshold that causes a warning.
            WARNING: f64 = 5.0,
            /// Share of dead rows that causes a warning.
            MOSTLY_DEAD: Ratio = Ratio(0.9),
            /// A table that was vacuumed within so many times `autovacuum_naptime` is not overdue.
            VISITS: f64 = 3.0,
            /// Counters that were reset more recently do not show that a table has few dead rows.
            SETTLED: Millis = COUNTERS_SETTLED,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Overdue<'a>>> {
    let (tables, running, horizon) = (view.tables()?, view.vacuums()?, view.horizon()?);
    let (statistics, now) = (view.column_statistics().ok(), view.now().ok());
    let visited = view.settings()?.millis("autovacuum_naptime").map(|naptime| Millis(naptime.0 * VISITS));
    let is_far_above = |table: &&Table| {
        table.dead_rows() >= Some(MIN_DEAD)
            && table.dead_multiple() >= Some(NOTICE)
            && !table.is_new_to_autovacuum()
            && !table.is_rewritten_since(statistics)
    };
    let overdue = |table| Overdue {
        table,
        is_vacuumed: Table::is_processed_by(table, running),
        keeper: now.and_then(|now| horizon.keeper(table, now)),
    };
    let is_visited = |table: &Table| now.and_then(|now| table.since_autovacuum(now)).zip(visited).is_some_and(|(a, b)| a < b);
    let is_kept = |overdue: &Overdue<'_>| overdue.keeper.is_some() || horizon.hidden.is_some();
    let found = tables.all.iter().filter(is_far_above).map(overdue);
    let found: Vec<_> = found.filter(|overdue| is_kept(overdue) || !is_visited(overdue.table)).collect();
    if found.is_empty() {
        view.require_dead_rows()?;
    }
    Ok(found)
}

fn subject(overdue: &Overdue<'_>) -> About {
    let table = overdue.table;
    let is_worst = table.dead_multiple() >= Some(WARNING) || table.dead_share() >= Some(MOSTLY_DEAD);
    let is_notice = overdue.is_vacuumed() || !is_worst;
    let about = About::table(&table.name, Weight::rows(table.dead_rows()))
        .severity(if is_notice { Severity::Notice } else { Severity::Warning })
        .figures([
            Figure::new("dead_rows", table.dead_rows()).against(table.thresholds.vacuum.map(|rows| rows.ceil() as i64)),
            Figure::new("times_threshold", shown_multiple(table).map(Quantity::Number)).labelled("times the threshold"),
            Figure::new("live_rows", table.live_rows()),
            Figure::new("last_vacuum", table.last_vacuum()),
            Figure::new("size", table.size),
            Figure::new("autovacuum", table.autovacuum.words()),
            Figure::new("vacuum_running", overdue.is_vacuumed.map(|is| if is { "yes" } else { "no" })),
            Figure::new("held_by", overdue.keeper.map(|keeper| keeper.words())),
        ]);
    overdue.statements().into_iter().fold(about, About::run)
}

/// Rounded down, so that no table seems to have reached a threshold that it has not.
fn shown_multiple(table: &Table) -> Option<f64> {
    table.dead_multiple().map(|multiple| (multiple * 10.0).floor() / 10.0)
}

fn describe(found: &Found<Overdue<'_>>) -> Draft {
    let dead = display::count(found.sum(|overdue| overdue.table.dead_rows()));
    let up_to = if found.only().is_some() { "" } else { "up to " };
    let multiple = Quantity::Number(found.max(|overdue| shown_multiple(overdue.table))).display();
    let verb = if found.all(Overdue::is_vacuumed) { "Wait for the running VACUUM of" } else { "Vacuum" };
    Draft::new(format!("{verb} {}: {dead} dead rows", found.named("table", "tables")))
        .because(format!("Dead rows are at {up_to}{multiple} times the autovacuum threshold."))
        .vacuum(found)
        .because("Every scan reads the dead rows too.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::engine::find;
    use crate::facts::Beside;
    use crate::rules::vacuum::dead_tuples::RULE;
    use crate::{Confidence, Facts, Finding, NotAssessed, Severity, example};

    /// What the rule finds among tables with these storage parameters and so many dead rows.
    fn found(tables: &[(&str, i64)], change: impl FnOnce(&mut Value)) -> Result<Option<Finding>, NotAssessed> {
        let numbered = || (1..).zip(tables);
        let class = |(oid, (option, _)): (i64, &(&str, i64))| {
            let options: Vec<&str> = option.split_whitespace().collect();
            json!({ "oid": oid, "nspname": "s", "relname": format!("t{oid}"), "relkind": "r", "relpages": 100,
                    "reltuples": 1000, "reloptions": options, "size_bytes": 819_200, "size_source": "pg_relation_size" })
        };
        let stat = |(oid, (_, dead)): (i64, &(&str, i64))| {
            json!({ "relid": oid, "n_tup_ins": 1000, "n_live_tup": 1000, "n_dead_tup": dead,
                    "last_autovacuum": "2025-12-31T12:00:00Z" })
        };
        let mut document = json!({
            "system": [{ "is_in_recovery": false, "block_size": 8192, "start_time": "2025-12-01T00:00:00Z" }],
            "pg_settings": [
                { "name": "autovacuum", "setting": "on" }, { "name": "track_counts", "setting": "on" },
                { "name": "autovacuum_vacuum_threshold", "setting": "50" },
                { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" },
            ],
            "pg_class": numbered().map(class).collect::<Vec<_>>(),
            "pg_stat_user_tables": numbered().map(stat).collect::<Vec<_>>(),
            "pg_stat_progress_vacuum": [],
        });
        change(&mut document);
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        find(&RULE, &Facts::of(&snapshot), Beside::default())
    }

    #[test]
    fn where_dead_rows_are_not_counted_nothing_has_passed() {
        let outcome = |dead: i64, change: &dyn Fn(&mut Value)| {
            found(&[("", dead)], |document| change(document)).map(|found| found.is_some()).map_err(|missing| missing.reason)
        };
        let reset_with = |member: &'static str, value: Value| {
            move |document: &mut Value| {
                let reset = "2026-01-01T11:55:00Z";
                document["pg_stat_database"] = json!([{ "datid": 1, "datname": "shop", "stats_reset": reset }]);
                document["pg_stat_user_tables"][0]["n_tup_ins"] = json!(0);
                document["pg_stat_user_tables"][0]["last_autovacuum"] = json!(null);
                document["pg_stat_user_tables"][0][member] = value.clone();
            }
        };
        let reset = reset_with("n_tup_upd", json!(0));
        let crash = |document: &mut Value| {
            document["pg_stat_user_tables"][0]["n_tup_ins"] = json!(0);
            document["pg_stat_user_tables"][0]["last_autovacuum"] = json!(null);
        };
        let standby = |document: &mut Value| document["system"][0]["is_in_recovery"] = json!(true);
        let off = |document: &mut Value| document["pg_settings"][1]["setting"] = json!("off");
        let reason = |why: &str| Err(format!("the counters of s.t1 {why}, so its dead rows from before are unknown"));
        assert_eq!(outcome(0, &|_: &mut Value| ()), Ok(false));
        assert_eq!(outcome(0, &reset), reason("were reset 5 min ago"));
        let lost = "might not cover all rows in its file, as after a crash, a failover or a restore";
        assert_eq!(outcome(0, &crash), reason(lost));
        assert_eq!(outcome(100_000, &reset), Ok(true));
        // VACUUM has counted since, or all rows are counted.
        assert_eq!(outcome(0, &reset_with("last_autovacuum", json!("2026-01-01T11:56:00Z"))), Ok(false));
        assert_eq!(outcome(0, &reset_with("n_tup_ins", json!(22_000))), Ok(false));
        assert_eq!(outcome(0, &standby), Err("a standby does not count dead rows; check the primary".to_owned()));
        assert_eq!(outcome(0, &off), Err("track_counts is off, so dead rows are not counted".to_owned()));
    }

    #[test]
    fn a_multiple_is_rounded_down_and_a_threshold_is_at_least_one_row() {
        let figures = |option: &str, dead: i64| {
            let finding = found(&[(option, dead)], |document| {
                document["pg_class"][0]["reltuples"] = json!(0);
                document["pg_stat_user_tables"][0]["n_live_tup"] = json!(60_000);
            });
            let finding = finding.unwrap().unwrap();
            let figure = |key: &str| {
                let figure = finding.subjects[0].figures.iter().find(|figure| figure.key == key).unwrap();
                (figure.value.clone(), figure.limit.clone())
            };
            (finding.severity, figure("times_threshold").0, figure("dead_rows").1)
        };
        let number = |value: f64| crate::Quantity::Number(value);
        let (severity, times, _) = figures("autovacuum_vacuum_threshold=10000", 49_999);
        assert_eq!((severity, times), (Severity::Notice, number(4.9)));
        let (severity, times, _) = figures("autovacuum_vacuum_threshold=10000", 50_000);
        assert_eq!((severity, times), (Severity::Warning, number(5.0)));
        let (severity, times, threshold) = figures("autovacuum_vacuum_threshold=0", 50_000);
        assert_eq!((severity, times, threshold), (Severity::Warning, number(50_000.0), Some(0.into())));
    }

    #[test]
    fn a_running_vacuum_is_waited_for() {
        let running = |relid: Value| {
            move |document: &mut Value| {
                document["pg_stat_progress_vacuum"] = json!([{ "pid": 1, "datid": 5, "relid": relid }]);
            }
        };
        let finding = found(&[("", 100_000)], running(json!(1))).unwrap().unwrap();
        assert_eq!((finding.severity, finding.confidence), (Severity::Notice, Confidence::Medium));
        assert_eq!(finding.summary, "Wait for the running VACUUM of s.t1: 100\u{202f}000 dead rows");
        assert!(finding.rationale.contains("VACUUM is running on it."), "{}", finding.rationale);
        assert!(!finding.rationale.contains("cannot keep up") && !finding.remedy.text.contains("Run VACUUM"));
        assert_eq!(finding.statements(), None);
        // A role without pg_read_all_stats sees that it is running, but not where.
        for (relid, confidence) in [(json!(2), Confidence::High), (json!(null), Confidence::Medium)] {
            let finding = found(&[("", 100_000)], running(relid.clone())).unwrap().unwrap();
            assert_eq!((finding.severity, finding.confidence), (Severity::Warning, confidence), "{relid}");
        }
        let finding = found(&[("", 100_000), ("", 90_000)], running(json!(1))).unwrap().unwrap();
        assert!(finding.rationale.contains("VACUUM is running on 1 of them."), "{}", finding.rationale);
        assert_eq!(finding.statements().as_deref(), Some("VACUUM (VERBOSE, ANALYZE) s.t2;"));
    }

    #[test]
    fn the_cause_is_where_autovacuum_is_disabled() {
        let texts = |tables: &[(&str, i64)], server: [&str; 2]| {
            let finding = found(tables, |document| {
                document["pg_settings"][0]["setting"] = json!(server[0]);
                document["pg_settings"][1]["setting"] = json!(server[1]);
            });
            let finding = finding.unwrap().unwrap();
            (format!("{} {}", finding.rationale, finding.remedy.text), finding.statements().unwrap())
        };
        const DISABLED: &str = "autovacuum_enabled=off";
        for server in [["off", "on"], ["on", "off"]] {
            let (text, statements) = texts(&[("", 100_000), ("autovacuum_enabled=true", 90_000)], server);
            assert!(text.contains("Autovacuum is disabled for the whole server."), "{text}");
            assert!(!text.contains("cannot keep up") && !text.contains("storage parameter"), "{text}");
            assert!(!statements.contains("RESET"), "{statements}");
        }
        let (text, statements) = texts(&[("", 100_000), (DISABLED, 90_000)], ["on", "on"]);
        assert!(text.contains("disables autovacuum for 1 of them."), "{text}");
        assert!(text.contains("cannot keep up with 1 of them."), "{text}");
        assert!(statements.contains("ALTER TABLE s.t2 RESET (autovacuum_enabled);"), "{statements}");
        assert!(!statements.contains("ALTER TABLE s.t1"), "{statements}");
        let (text, statements) = texts(&[(DISABLED, 100_000)], ["off", "on"]);
        assert!(text.contains("whole server") && text.contains("disables autovacuum for it."), "{text}");
        assert!(statements.ends_with("RESET (autovacuum_enabled);"), "{statements}");
    }

    #[test]
    fn what_keeps_the_rows_is_named_and_ended_first() {
        let finding = |kind: &str, row: Value| {
            found(&[("", 100_000)], |document| {
                document["pg_stat_user_tables"][0]["last_vacuum"] = json!("2026-01-01T11:59:50Z");
                for section in ["pg_stat_activity", "pg_prepared_xacts", "pg_replication_slots", "pg_stat_replication"] {
                    document[section] = if section == kind { json!([row]) } else { json!([]) };
                }
            })
        };
        let texts = |kind: &str, row: Value| {
            let finding = finding(kind, row).unwrap().unwrap();
            let script = finding.remedy.script.map(|script| script.text);
            (format!("{} {}", finding.rationale, finding.remedy.text), script)
        };
        let session = json!({ "pid": 7, "backend_type": "client backend", "state": "idle in transaction",
                              "backend_xid_age": 9, "xact_start": "2026-01-01T11:00:00Z" });
        let (text, script) = texts("pg_stat_activity", session);
        assert!(text.contains("First end what needs the rows: session 7 (idle in transaction)."), "{text}");
        assert!(!text.contains("cannot keep up"), "{text}");
        assert_eq!(script.as_deref(), Some("SELECT pg_terminate_backend(7);"));
        let slot = json!({ "slot_name": "gone's", "active": false, "xmin_age": 9 });
        let (text, script) = texts("pg_replication_slots", slot);
        assert!(text.contains("replication slot gone's (inactive)"), "{text}");
        assert_eq!(script.as_deref(), Some("SELECT pg_drop_replication_slot('gone''s');"));
        let prepared = json!({ "transactionid": "42", "transaction_age": 9, "prepared": "2026-01-01T11:00:00Z" });
        assert!(texts("pg_prepared_xacts", prepared).1.unwrap().ends_with("transaction = '42' \\gexec"));
        let standby = json!({ "pid": 8, "state": "streaming", "backend_xmin_age": 9 });
        assert_eq!(texts("pg_stat_replication", standby).1, None);
        // It began after VACUUM, which has removed everything: the rows are new.
        let later = json!({ "pid": 7, "backend_type": "client backend", "backend_xid_age": 9,
                            "xact_start": "2026-01-01T11:59:55Z" });
        assert!(texts("pg_stat_activity", later).0.contains("cannot keep up"));
    }

    #[test]
    fn a_queue_is_left_alone_only_if_nothing_can_hold_its_rows() {
        let outcome = |hidden: bool, vacuumed: &str| {
            let finding = found(&[("", 100_000)], |document| {
                let naptime = json!({ "name": "autovacuum_naptime", "setting": "60", "unit": "s" });
                document["pg_settings"].as_array_mut().unwrap().push(naptime);
                document["pg_stat_user_tables"][0]["last_autovacuum"] = json!(vacuumed);
                for section in ["pg_stat_activity", "pg_prepared_xacts", "pg_replication_slots", "pg_stat_replication"] {
                    document[section] = json!([]);
                }
                if hidden {
                    document["pg_stat_activity"] = json!({ "available": true, "columns": ["pid"], "rows": [], "limited": "no" });
                }
            });
            finding.unwrap().is_some()
        };
        assert!(!outcome(false, "2026-01-01T11:58:00Z"));
        assert!(outcome(true, "2026-01-01T11:58:00Z"), "a session that is hidden might hold them");
        assert!(outcome(false, "2026-01-01T11:56:00Z"), "autovacuum did not come back in three minutes");
    }

    #[test]
    fn a_toast_table_is_vacuumed_and_configured_through_its_table() {
        let statements = |owner: &[&str], own: &[&str]| {
            let finding = found(&[("", 0), ("", 100_000)], |document| {
                let options = [owner, own];
                for (class, options) in document["pg_class"].as_array_mut().unwrap().iter_mut().zip(options) {
                    class["reloptions"] = json!(options);
                }
                document["pg_class"][0]["reltoastrelid"] = json!(2);
                document["pg_class"][1]["relkind"] = json!("t");
                document["pg_class"][1]["nspname"] = json!("pg_toast");
            });
            let finding = finding.unwrap().unwrap();
            assert_eq!(finding.subjects[0].label, "pg_toast.t2");
            finding.statements().unwrap()
        };
        const VACUUM: &str = "VACUUM (VERBOSE, ANALYZE) s.t1;";
        assert_eq!(statements(&[], &[]), VACUUM);
        let enable = |parameter: &str| format!("{VACUUM}\nALTER TABLE s.t1 RESET ({parameter});");
        assert_eq!(statements(&["autovacuum_enabled=off"], &[]), enable("autovacuum_enabled"));
        assert_eq!(statements(&[], &["autovacuum_enabled=off"]), enable("toast.autovacuum_enabled"));
        assert_eq!(statements(&["autovacuum_enabled=off"], &["autovacuum_vacuum_threshold=60"]), VACUUM);
    }

    #[test]
    fn a_table_of_nothing_but_dead_rows_is_a_warning() {
        let severity = |live: i64, dead: i64| {
            let finding = found(&[("", dead)], |document| {
                document["pg_class"][0]["reltuples"] = json!(100_000);
                document["pg_stat_user_tables"][0]["n_live_tup"] = json!(live);
            });
            finding.unwrap().unwrap().severity
        };
        assert_eq!([severity(60_000, 60_000), severity(0, 60_000)], [Severity::Notice, Severity::Warning]);
    }

    #[test]
    fn a_new_or_a_rewritten_table_has_no_such_rows() {
        let is_found = |class: Value, stats: Value| {
            let finding = found(&[("", 49_750)], |document| {
                document["pg_class"][0].as_object_mut().unwrap().extend(class.as_object().unwrap().clone());
                document["pg_stats"] = stats;
                document["pg_stat_user_tables"][0]["last_autovacuum"] = json!(null);
            });
            // Where nothing is found, the counters do not prove that there is nothing.
            finding.is_ok_and(|found| found.is_some())
        };
        assert!(!is_found(json!({ "relpages": 0, "reltuples": -1 }), json!([])), "autovacuum has not visited it yet");
        let uncounted = json!({ "relpages": 0, "reltuples": -1, "reloptions": ["autovacuum_enabled=off"] });
        assert!(is_found(uncounted, json!([])), "autovacuum never visits it");
        // 1000 rows of 40 bytes leave room for 38 000 more in 1.5 MB, but not in 64 kB.
        let rewritten = |bytes: i64| json!({ "is_rewritten": true, "size_bytes": bytes, "reltuples": 1000, "relpages": bytes / 8192 });
        let width = || json!([{ "relid": 1, "attnum": 1, "avg_width": 12, "null_frac": 0.0 }]);
        assert!(!is_found(rewritten(65_536), width()));
        assert!(is_found(rewritten(1_600_000), width()));
        // Without statistics, the rows as of the rewrite tell how wide they are.
        assert!(!is_found(rewritten(1_600_000), json!([])));
        assert!(is_found(json!({ "is_rewritten": false, "size_bytes": 65_536, "reltuples": 1000, "relpages": 8 }), width()));
    }
}
