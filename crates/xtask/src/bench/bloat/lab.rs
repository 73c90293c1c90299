//! Tables of many shapes on a real server, what pgdba collects of them, and what rewriting them gives.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use pgdba_snapshot::DiagSnapshot;

use super::{Truth, Truths, peer};
use crate::process;
use crate::servers::{Server, ServerOptions, psql};

/// Rows and keys of many shapes.
const LAYOUT: &str = include_str!("layout.sql");

/// What happened to tables, session by session.
const HISTORY: &str = include_str!("history.sql");

/// Between two sessions of the history.
const SESSION: &str = "\n--\n";

/// Deletes half of the rows of a table of `layout`, or 30 %, or 80 %, or none.
const THIN_OUT: &str = "select pg_catalog.format('delete from %s where random() < %s;', c.oid::regclass,
         (array[0.5, 0.3, 0.8, 0.0])[1 + row_number() over (order by c.oid) % 4])
  from pg_catalog.pg_class c where c.relnamespace = 'layout'::regnamespace and c.relkind = 'r' order by c.oid";

const VACUUM: &str = "select pg_catalog.format('vacuum analyze %s;', c.oid::regclass)
  from pg_catalog.pg_class c where c.relnamespace = 'layout'::regnamespace and c.relkind in ('r', 'm') order by c.oid";

const REWRITE: &str = "select pg_catalog.format('vacuum full %s;', c.oid::regclass) from pg_catalog.pg_class c
  where c.relnamespace in ('layout'::regnamespace, 'history'::regnamespace) and c.relkind in ('r', 'm') order by c.oid";

const SIZES: &str = "select c.oid::regclass::text, pg_catalog.pg_relation_size(c.oid) / 8192 from pg_catalog.pg_class c
  where c.relnamespace in ('layout'::regnamespace, 'history'::regnamespace) and c.relkind in ('r', 'm', 'i') order by 1";

/// The sections that the estimate reads.
const SECTIONS: &str = "system,pg_settings,pg_class,pg_attribute,pg_index,pg_index_expressions,pg_type,pg_opclass,\
                        pg_collation,pg_stats,pg_stat_user_tables,pg_stat_user_indexes";

/// How long counters of a session that has ended take to be seen.
const COUNTED_AFTER: Duration = Duration::from_millis(1500);

const DATABASE: &str = "postgres";

/// The measured relations of one server.
pub(super) struct Lab {
    major: u32,
    snapshot: Vec<u8>,
    truths: Truths,
}

impl Lab {
    /// Fills a server, collects its snapshot and rewrites everything.
    pub(super) fn make(major: u32) -> Result<Self> {
        let options = ServerOptions::fast().with("autovacuum", "off").with("max_wal_size", "8GB");
        let server = Server::start(major, &options)?;
        run(&server, LAYOUT)?;
        for statements in [THIN_OUT, VACUUM] {
            thread::sleep(COUNTED_AFTER);
            run(&server, &format!("select setseed(0.4);\n{}", generated(&server, statements)?))?;
        }
        for session in HISTORY.split(SESSION) {
            run(&server, session)?;
            thread::sleep(COUNTED_AFTER);
        }
        let snapshot = collect(&server)?;
        let before = sizes(&server)?;
        let peers = peer::estimates(&server)?;
        run(&server, &generated(&server, REWRITE)?)?;
        let after = sizes(&server)?;
        let truth = |(name, before): (String, f64)| {
            let after = after.iter().find(|(known, _)| *known == name)?.1;
            let peer = peers.get(name.rsplit('.').next()?).copied();
            Some((name, Truth { before, after, peer }))
        };
        Ok(Self { major, snapshot, truths: before.into_iter().filter_map(truth).collect() })
    }

    /// What was collected.
    pub(super) fn snapshot(&self) -> Result<DiagSnapshot> {
        pgdba_snapshot::read(&self.snapshot).map_err(|error| anyhow!("{error}"))
    }

    /// What happened.
    pub(super) fn truth(&self) -> Result<Truths> {
        ensure!(!self.truths.is_empty(), "nothing was measured");
        Ok(self.truths.clone())
    }

    /// Writes the snapshot and the truths to `folder`.
    pub(super) fn record(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))?;
        fs::write(folder.join(format!("pg{}.json.gz", self.major)), &self.snapshot)?;
        let line = |(name, truth): (&String, &Truth)| {
            let peer = truth.peer.map_or_else(String::new, |peer| format!("{peer:.4}"));
            format!("{name}\t{}\t{}\t{peer}\n", truth.before, truth.after)
        };
        let text: String = self.truths.iter().map(line).collect();
        fs::write(folder.join(format!("pg{}.tsv", self.major)), text)?;
        Ok(())
    }
}

/// The truths that were recorded for a version.
pub(super) fn recorded(folder: &Path, major: u32) -> Result<Truths> {
    let file = folder.join(format!("pg{major}.tsv"));
    let text = fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
    let truth = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, before, after, peer] = fields.as_slice() else { return None };
        let truth = Truth { before: before.parse().ok()?, after: after.parse().ok()?, peer: peer.parse().ok() };
        Some(((*name).to_owned(), truth))
    };
    Ok(text.lines().filter_map(truth).collect())
}

/// Runs a script in one session.
fn run(server: &Server, script: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("script.sql");
    fs::write(&file, script)?;
    let mut command = psql()?;
    command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f"]).arg(&file);
    process::run(command.arg(server.dsn("postgres", DATABASE)).stdin(Stdio::null()))
}

/// The statements that a query writes.
fn generated(server: &Server, query: &str) -> Result<String> {
    let rows = server.query(DATABASE, query)?;
    let lines: Vec<String> = rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
    Ok(lines.join("\n"))
}

fn sizes(server: &Server) -> Result<Vec<(String, f64)>> {
    let size = |row: Vec<Option<String>>| {
        let [name, pages] = <[Option<String>; 2]>::try_from(row).ok()?;
        Some((name?, pages?.parse().ok()?))
    };
    Ok(server.query(DATABASE, SIZES)?.into_iter().filter_map(size).collect())
}

fn collect(server: &Server) -> Result<Vec<u8>> {
    let mut build = Command::new("cargo");
    process::run(
        build.args(["build", "--quiet", "--locked", "--workspace", "--bins"]).current_dir(crate::paths::root()),
    )?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("snapshot.json.gz");
    let mut inspect = Command::new(crate::paths::target().join("debug/pgdba"));
    inspect.args(["inspect", "--dsn", &server.dsn("postgres", DATABASE), "--sections", SECTIONS, "-o"]);
    process::output(inspect.arg(&file))?;
    Ok(fs::read(&file)?)
}
