//! What clients and logs print around a plan, from the programs themselves.

use std::fs;

use anyhow::{Context, Result};
use serde::Serialize;

use super::record::start;
use crate::process;
use crate::servers::{ServerOptions, psql};

/// The statement; its plan needs quotes in CSV and line breaks in a literal.
const STATEMENT: &str = "select t.id, \"o\".\"b->c\" from t join \"My \"\"odd\"\" (table\" o on o.\" id: x\" = t.g
where t.s > 'it''s, (\"quoted\"\n | next line' order by t.s limit 3";

/// One statement in all frames. It is only planned, so that its plan is the same each time.
#[derive(Debug, Serialize)]
pub(super) struct Framed {
    /// The program and its options.
    frame: String,
    /// `json` or `text`
    form: &'static str,
    /// What it printed.
    text: String,
}

/// Options of psql that change how it prints a table.
const FRAMES: [&[&str]; 10] = [
    &["-At"],
    &["-P", "border=1"],
    &["-P", "border=0"],
    &["-P", "border=2"],
    &["-P", "linestyle=unicode"],
    &["-P", "linestyle=unicode", "-P", "border=2"],
    &["-x"],
    &["-x", "-P", "border=2", "-P", "linestyle=unicode"],
    &["--csv"],
    &["-P", "format=aligned", "-P", "footer=off"],
];

/// Records all frames, and the logs of the server in each format.
pub(super) fn record(major: u32) -> Result<Vec<Framed>> {
    let options = ServerOptions::default()
        .with("logging_collector", "on")
        .with("log_destination", "stderr,csvlog,jsonlog")
        .with("log_directory", "pg_log")
        .with("log_filename", "server.log")
        .with("log_line_prefix", "%m [%p] %q%u@%d ");
    let server = start(major, options)?;
    let dsn = server.dsn("postgres", "postgres");
    let mut framed = Vec::new();
    for form in ["json", "text"] {
        for options in FRAMES {
            let mut command = psql()?;
            command.args(["-X", "-q"]).args(options).args(["-c", "set jit = off", "-c"]);
            let text = process::output(command.arg(format!("explain (format {form}) {STATEMENT}")).arg(&dsn))?;
            framed.push(Framed { frame: format!("psql {}", options.join(" ")), form, text });
        }
        let log = format!(
            "load 'auto_explain'; set jit = off; set auto_explain.log_format = {form}; set auto_explain.log_min_duration = 0; {STATEMENT}"
        );
        server.execute("postgres", &log)?;
    }
    drop(server.query("postgres", "select 1")?);
    for (file, frame) in [("server.log", "stderr"), ("server.csv", "csvlog"), ("server.json", "jsonlog")] {
        let path = server.data_dir().join("pg_log").join(file);
        let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
        let at = text.find("duration: ").context("the log contains no plan")?;
        let line = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        framed.push(Framed {
            frame: frame.to_owned(),
            form: "both",
            text: text.get(line..).unwrap_or_default().to_owned(),
        });
    }
    Ok(framed)
}
