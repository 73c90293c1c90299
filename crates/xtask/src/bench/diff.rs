//! How often `baseline diff` reports a change that nobody made, and how often it finds one that was made.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result};
use pgdba_analysis::diff::statements::{ComparedStatement, StatementChange};
use pgdba_analysis::diff::{Diff, RegressionKind, diff};
use pgdba_snapshot::DiagSnapshot;

use crate::servers::{Server, ServerOptions, pgbench};
use crate::{paths, process};

/// What is changed: the word in the statement's text, and what is done to it.
const CHANGES: [(&str, &str); 7] = [
    ("rows_120", "update knob set n = 600 where id = 1"),
    ("rows_150", "update knob set n = 750 where id = 2"),
    ("rows_200", "update knob set n = 1000 where id = 3"),
    ("time_130", "update knob set n = 13000 where id = 4"),
    ("time_150", "update knob set n = 15000 where id = 5"),
    ("time_200", "update knob set n = 20000 where id = 6"),
    ("dropped_index", "drop index indexed_c"),
];

/// The tables. How much a statement does depends on a row of `knob`, so that its text and its ID stay.
const SETUP: &str = "
create table knob (id int primary key, n int);
insert into knob select g, case when g < 4 then 500 else 10000 end from generate_series(1, 6) g;
create table ranged (k int primary key, v text);
insert into ranged select g, repeat('x', 200) from generate_series(1, 20000) g;
create table indexed (c int, v text);
insert into indexed select g % 2000, repeat('x', 60) from generate_series(1, 40000) g;
create index indexed_c on indexed (c);
create table point (id int primary key, v int);
insert into point select g, g % 100 from generate_series(1, 50000) g;
vacuum analyze";

/// What runs all the time. Names of columns and constants are not part of a query ID, so each has other columns.
const LOAD: &str = "\\set id random(1, 50000)
select v as rows_120 from ranged where k <= (select n from knob where id = 1);
select v, k as rows_150 from ranged where k <= (select n from knob where id = 2);
select k, v, k as rows_200 from ranged where k <= (select n from knob where id = 3);
select count(*) as time_130 from generate_series(1, (select n from knob where id = 4));
select count(*), 1 as time_150 from generate_series(1, (select n from knob where id = 5));
select count(*), 1, 2 as time_200 from generate_series(1, (select n from knob where id = 6));
select count(*) as dropped_index from indexed where c = 7;
select v as steady_1 from point where id = :id;
select sum(v) as steady_2 from point where id between :id and :id + 500;
select count(*) as steady_3 from ranged where k <= 3000;
select max(length(v)) as steady_4 from ranged where k between 100 and 900;
select count(*) as steady_5 from point p join point q on q.id = p.v where p.id <= 1500;
select v, count(*) as steady_6 from point where id <= 4000 group by v;
select md5(string_agg(v, '')) as steady_7 from ranged where k <= 200;
select count(*) as steady_8 from generate_series(1, 4000);
select id as steady_9 from point where v = 5 order by id limit 20;
";

/// Records `windows` deltas of `seconds` before the changes and as many after them, and compares every pair.
pub(super) fn run(major: u32, seconds: u32, windows: u32) -> Result<()> {
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "--locked", "-p", "pgdba-collector"]).current_dir(paths::root());
    process::run(&mut build)?;
    let options = ServerOptions::default().with_statements().with("jit", "off").with("max_parallel_workers", "0");
    let server = Server::start(major, &options)?;
    for statement in SETUP.split(";\n") {
        server.execute("postgres", statement.trim())?;
    }
    let script = server.socket_dir().join("load.sql");
    fs::write(&script, LOAD)?;
    let script = script.to_str().context("a path that is not text")?;
    let whole = (2 * windows * (seconds + 4) + 20).to_string();
    let load = ["-n", "-c", "2", "-R", "20", "-T", &whole, "-f", script, "postgres"];
    println!("PostgreSQL {major}, twice {windows} deltas of {seconds} s");
    let (before, after) = thread::scope(|scope| -> Result<_> {
        let running = scope.spawn(|| pgbench(&server, &load));
        let before = record(&server, "before", seconds, windows)?;
        for (_, sql) in CHANGES {
            server.execute("postgres", sql)?;
        }
        server.execute("postgres", "vacuum analyze")?;
        let after = record(&server, "after", seconds, windows)?;
        // The load ends by itself; what it prints is of no use.
        drop(running);
        Ok((before, after))
    })?;
    unchanged(&before, &after);
    changed(&before, &after);
    Ok(())
}

fn record(server: &Server, name: &str, seconds: u32, windows: u32) -> Result<Vec<DiagSnapshot>> {
    (0..windows).map(|at| delta(server, &server.socket_dir().join(format!("{name}-{at}.json")), seconds)).collect()
}

fn delta(server: &Server, file: &PathBuf, seconds: u32) -> Result<DiagSnapshot> {
    let mut command = Command::new(paths::target().join("debug/pgdba-collect"));
    command.args(["--dsn", &server.dsn("postgres", "postgres"), "--delta", "--interval", &format!("{seconds}s"), "-o"]);
    process::run(command.arg(file).stderr(std::process::Stdio::null()))?;
    Ok(pgdba_snapshot::read(&fs::read(file)?)?)
}

fn is_own(one: &ComparedStatement, word: &str) -> bool {
    one.name.query.as_deref().is_some_and(|text| text.contains(word))
}

fn is_of_load(one: &&ComparedStatement) -> bool {
    ["rows_", "time_", "steady_", "dropped_index"].iter().any(|word| is_own(one, word))
}

/// Pairs of windows between which nothing was changed.
fn unchanged(before: &[DiagSnapshot], after: &[DiagSnapshot]) {
    let pairs = [before, after].into_iter().flat_map(|side| {
        side.iter().enumerate().flat_map(|(at, first)| side.iter().skip(at + 1).map(move |second| diff(first, second)))
    });
    let pairs: Vec<Diff> = pairs.collect();
    let compared: Vec<&ComparedStatement> =
        pairs.iter().flat_map(|pair| pair.statements.compared.iter()).filter(is_of_load).collect();
    println!("Nothing changed: {} pairs, {} comparisons", pairs.len(), compared.len());
    for change in
        [StatementChange::MoreWork, StatementChange::LessWork, StatementChange::Slower, StatementChange::Faster]
    {
        let found = compared.iter().filter(|one| one.changes.contains(&change)).count();
        println!("  {change:?}: {found} ({})", percent(found, compared.len()));
    }
    let kinds = [RegressionKind::SlowerServer, RegressionKind::MoreWork, RegressionKind::Slower];
    for kind in kinds {
        let with = pairs.iter().filter(|pair| pair.regressions.iter().any(|one| one.kind == kind)).count();
        println!("  pairs with the regression {kind:?}: {with} ({})", percent(with, pairs.len()));
    }
    shown_hosts(&pairs);
}

fn shown_hosts(pairs: &[Diff]) {
    let hosts = pairs.iter().filter_map(|pair| pair.statements.time_test.host_ratio);
    let hosts: Vec<String> = hosts.map(|ratio| format!("{ratio:.2}")).collect();
    let smallest = pairs.iter().filter_map(|pair| pair.statements.time_test.smallest_seen);
    let smallest: Vec<String> = smallest.map(|ratio| format!("{ratio:.2}")).collect();
    println!("  server's time per call: {}", hosts.join(" "));
    println!("  smallest change seen: {}", smallest.join(" "));
}

/// Pairs of a window before the changes and one after.
fn changed(before: &[DiagSnapshot], after: &[DiagSnapshot]) {
    let pairs: Vec<Diff> =
        before.iter().flat_map(|first| after.iter().map(move |second| diff(first, second))).collect();
    println!("Changed: {} pairs", pairs.len());
    shown_hosts(&pairs);
    println!("  {:14} {:>8} {:>8} {:>8} {:>10} {:>10}", "", "pages ×", "rows ×", "time ×", "more work", "slower");
    for (word, _) in CHANGES {
        let found = pairs.iter().filter_map(|pair| pair.statements.compared.iter().find(|one| is_own(one, word)));
        show(word, &found.collect::<Vec<_>>());
    }
    let others = pairs.iter().flat_map(|pair| &pair.statements.compared).filter(|one| is_own(one, "steady_"));
    show("others", &others.collect::<Vec<_>>());
}

fn show(name: &str, found: &[&ComparedStatement]) {
    let mean = |of: fn(&ComparedStatement) -> f64| {
        // A statement without pages has no ratio of pages.
        let ratios: Vec<f64> = found.iter().map(|one| of(one)).filter(|ratio| ratio.is_finite()).collect();
        ratios.iter().sum::<f64>() / ratios.len() as f64
    };
    let flagged = |change| percent(found.iter().filter(|one| one.changes.contains(&change)).count(), found.len());
    println!(
        "  {name:14} {:8.2} {:8.2} {:8.2} {:>10} {:>10}",
        mean(|one| one.after.pages_per_call / one.before.pages_per_call),
        mean(|one| one.after.rows_per_call / one.before.rows_per_call),
        mean(|one| one.after.mean_ms / one.before.mean_ms),
        flagged(StatementChange::MoreWork),
        flagged(StatementChange::Slower)
    );
}

fn percent(part: usize, whole: usize) -> String {
    format!("{:.1} %", part as f64 / whole.max(1) as f64 * 100.0)
}
