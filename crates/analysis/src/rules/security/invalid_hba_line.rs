//! `pg_hba.conf` cannot be loaded.

use crate::engine::prelude::*;
use crate::facts::hba::HbaLine;

rule! {
    /// ## What it sees
    ///
    /// Lines of `pg_hba.conf`, as it is on disk, that the server cannot parse.
    ///
    /// ## Why it matters
    ///
    /// A reload ignores the whole file and keeps the former rules, so changes in it have no effect. After a restart the server does
    /// not start.
    ///
    /// ## Threshold
    ///
    /// None: an invalid line is always reported.
    ///
    /// ## Remedy
    ///
    /// Correct the line, check the view `pg_hba_file_rules` again, and reload.
    ///
    /// ## When to ignore this
    ///
    /// While the file is being edited.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_hba_file_rules": [ { "line_number": 7, "has_error": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_hba_file_rules": [ { "line_number": 7, "connection_type": "local", "auth_method": "peer", "has_error": false } ] }
    /// ```
    rule invalid_hba_line {
        code: PGD1303,
        title: "pg_hba.conf has invalid lines",
        passed: "All lines of pg_hba.conf are valid",
        worst: Warning,
        reads: [hba],
        source: "PostgreSQL manual, pg_hba_file_rules",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a HbaLine>> {
    Ok(view.hba()?.iter().filter(|line| line.row.has_error == Some(true)).collect())
}

fn subject(line: &&HbaLine) -> About {
    About::hba_line(line)
}

fn describe(found: &Found<&HbaLine>) -> Draft {
    Draft::new(format!("Correct {}", HbaLine::places(found)))
        .because("A reload ignores the whole file while a line is invalid, and the server does not start with it.")
        .advise("Correct the file; the query shows the reason for each line. Then reload.")
        .query("SELECT line_number, error FROM pg_hba_file_rules WHERE error IS NOT NULL;")
        .effort(Effort::Reload)
}
