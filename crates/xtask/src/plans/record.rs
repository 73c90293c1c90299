//! The plans of one version.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Result, ensure};
use serde::Serialize;

use super::{Query, folder};
use crate::process;
use crate::servers::{Server, ServerOptions, psql};

/// One execution of a statement, in both forms.
#[derive(Debug, Serialize)]
pub(super) struct Recorded {
    /// The name of the statement.
    name: String,
    /// The statement.
    sql: String,
    /// The JSON form: what EXPLAIN printed, or the message of auto_explain.
    json: String,
    /// The text form: the other one of the two.
    text: String,
    /// What is known of its times.
    truth: Vec<String>,
}

/// The same for all statements, so that their plans are the same each time.
const SETTINGS: [(&str, &str); 6] = [
    ("jit", "off"),
    ("max_parallel_workers_per_gather", "0"),
    ("effective_io_concurrency", "0"),
    ("compute_query_id", "on"),
    ("random_page_cost", "4"),
    ("client_min_messages", "notice"),
];

/// Starts a server and records every statement that is for its version.
pub(super) fn corpus(major: u32, queries: &[Query]) -> Result<Vec<Recorded>> {
    let server = start(major, ServerOptions::default())?;
    let known = server.query("postgres", "select name from pg_catalog.pg_settings")?;
    let known: BTreeSet<String> = known.into_iter().flatten().flatten().collect();
    let session = Session { server: &server, known };
    let mut recorded = Vec::new();
    for query in queries.iter().filter(|query| query.fits(major)) {
        for form in ["json", "text"] {
            // A statement that is only planned is the same each time, and auto_explain does not see it; those within functions only
            // auto_explain sees.
            if (query.has("off") || query.has("nested")) && form == "text" {
                continue;
            }
            recorded.push(session.record(query, form)?);
        }
    }
    Ok(recorded)
}

/// A server with the tables of the corpus.
pub(super) fn start(major: u32, options: ServerOptions) -> Result<Server> {
    // No statistics that change the plans while they are recorded.
    let server = Server::start(major, &options.with("autovacuum", "off").with("max_worker_processes", "16"))?;
    let mut fill = psql()?;
    fill.args(["-X", "-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", "-v"]).arg(format!("port={}", server.port()));
    fill.arg("-f").arg(folder().join("schema.sql")).arg(server.dsn("postgres", "postgres"));
    process::output(&mut fill)?;
    Ok(server)
}

struct Session<'s> {
    server: &'s Server,
    /// The parameters of this version.
    known: BTreeSet<String>,
}

impl Session<'_> {
    fn psql(&self) -> Result<Command> {
        let mut command = psql()?;
        command.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-v", "SHOW_CONTEXT=never"]);
        Ok(command)
    }

    fn assignments(&self, query: &Query) -> impl Iterator<Item = String> {
        let common = SETTINGS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let all = common.chain(query.settings.iter().cloned());
        all.filter(|(name, _)| self.known.contains(name)).map(|(name, value)| format!("set {name} = {value}"))
    }

    /// Runs a statement once, with EXPLAIN in `form` and the log in the other one.
    fn record(&self, query: &Query, form: &str) -> Result<Recorded> {
        let other = if form == "json" { "text" } else { "json" };
        let mut command = self.psql()?;
        for assignment in self.assignments(query) {
            command.args(["-c", &assignment]);
        }
        let explain = |form| format!("explain ({}) {}", self.options(query, form), query.sql);
        if query.has("nested") {
            return Ok(recorded(query, self.nested(query, "json")?, self.nested(query, "text")?));
        }
        if query.has("off") {
            let explained = |form| {
                let mut command = self.psql()?;
                for statement in self.assignments(query).chain([explain(form)]) {
                    command.args(["-c", &statement]);
                }
                process::output(command.arg(self.server.dsn("postgres", "postgres")))
            };
            return Ok(recorded(query, explained("json")?, explained("text")?));
        }
        command.args(["-c", "load 'auto_explain'", "-c", "begin"]);
        for statement in &query.prepare {
            command.args(["-c", statement]);
        }
        for assignment in self.log(query, other) {
            command.args(["-c", &assignment]);
        }
        command.args(["-c", &explain(form), "-c", "set auto_explain.log_min_duration = -1", "-c", "rollback"]);
        let done = command.arg(self.server.dsn("postgres", "postgres")).output()?;
        let printed = String::from_utf8(done.stdout)?;
        let logged = String::from_utf8(done.stderr)?;
        ensure!(done.status.success(), "{} on {}: {logged}", query.name, self.server.major());
        Ok(if form == "json" { recorded(query, printed, logged) } else { recorded(query, logged, printed) })
    }

    /// What the log has of a statement and of those that its functions run, without times, so that it is the same each time.
    fn nested(&self, query: &Query, form: &str) -> Result<String> {
        let mut command = self.psql()?;
        let statements = self.assignments(query).chain(["load 'auto_explain'".to_owned(), "begin".to_owned()]);
        let nested = "set auto_explain.log_nested_statements = on".to_owned();
        let statements = statements.chain([nested]).chain(self.log(query, form)).chain([query.sql.clone()]);
        for statement in statements {
            command.args(["-c", &statement]);
        }
        let end = ["-c", "set auto_explain.log_min_duration = -1", "-c", "rollback"];
        let done = command.args(end).arg(self.server.dsn("postgres", "postgres")).output()?;
        let logged = String::from_utf8(done.stderr)?;
        ensure!(done.status.success(), "{} on {}: {logged}", query.name, self.server.major());
        Ok(logged)
    }

    /// The options of EXPLAIN.
    fn options(&self, query: &Query, form: &str) -> String {
        let given = query.explain.iter().filter(|option| *option != "off").cloned();
        let mut options: Vec<String> = given.collect();
        if !query.has("off") {
            options.extend(["analyze", "buffers", "settings"].map(str::to_owned));
            if self.has_wal() {
                options.push("wal".to_owned());
            }
        }
        options.push(format!("format {form}"));
        options.join(", ")
    }

    fn has_wal(&self) -> bool {
        self.server.major() > 12
    }

    /// auto_explain with the same options.
    fn log(&self, query: &Query, form: &str) -> Vec<String> {
        let on = |is_on: bool| if is_on { "on" } else { "off" };
        let mut settings = vec![
            ("log_format", form),
            ("log_analyze", "on"),
            ("log_buffers", "on"),
            ("log_settings", "on"),
            ("log_triggers", "on"),
            ("log_verbose", on(query.has("verbose"))),
            ("log_timing", on(!query.has("timing off"))),
            ("log_level", "notice"),
            ("log_min_duration", "0"),
        ];
        if self.has_wal() {
            settings.insert(0, ("log_wal", "on"));
        }
        settings.into_iter().map(|(name, value)| format!("set auto_explain.{name} = {value}")).collect()
    }
}

fn recorded(query: &Query, json: String, text: String) -> Recorded {
    Recorded { name: query.name.clone(), sql: query.sql.clone(), json, text, truth: query.truth.clone() }
}
