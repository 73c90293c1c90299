//! `pg_hba.conf` cannot be loaded.

use crate::engine::prelude::*;
use crate::facts::hba::HbaLine;

rule! {
    /// ## What it sees
    ///
    /// Lines of `pg_hba.conf`, as it is on disk, that the server cannot parse, and lines that it accepts although no connection can
    /// match them: `hostssl` while `ssl` is off, `hostgssenc` on a server that was built without GSSAPI.
    ///
    /// ## Why it matters
    ///
    /// With a line that it cannot parse, the server ignores the whole file at a reload and keeps the former rules, so changes in it have
    /// no effect; after a restart it does not start. A line that never matches has no effect itself, the others do: clients that it
    /// was meant for are refused, or match a later line.
    ///
    /// ## Threshold
    ///
    /// None: an invalid line is always a warning, a line that never matches a notice.
    ///
    /// ## Remedy
    ///
    /// Correct the line, check the view `pg_hba_file_rules` again, and reload. Where the view shows neither a reason nor anything else of a
    /// line, as for a RADIUS server whose name cannot be resolved, the server log has the reason after a reload. For `hostssl`, enable
    /// `ssl`, or remove the line.
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
    /// ```json found
    /// { "pg_hba_file_rules": [ { "line_number": 7, "connection_type": "hostssl", "address": "10.0.0.0", "netmask": "255.0.0.0",
    ///                            "auth_method": "scram-sha-256", "has_error": true } ] }
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
    Ok(view.hba()?.iter().filter(|line| line.is_invalid() || line.never_matches()).collect())
}

fn subject(line: &&HbaLine) -> About {
    About::hba_line(line).severity(if line.is_invalid() { Severity::Warning } else { Severity::Notice })
}

fn describe(found: &Found<&HbaLine>) -> Draft {
    let (invalid, unmatched) = (found.part(|line| line.is_invalid()), found.part(|line| line.never_matches()));
    let has_no_reason = found.any(|line| line.is_invalid() && line.row.has_error == Some(false));
    let is_for_tls = found.any(|line| line.never_matches() && line.row.connection_type.as_deref() == Some("hostssl"));
    Draft::new(format!("Correct {}", HbaLine::places(found)))
        .because_for(invalid.as_ref(), "The server cannot parse")
        .because_if(
            invalid.is_some(),
            "A reload ignores the whole file while a line is invalid, and the server does not start with it.",
        )
        .because_for(unmatched.as_ref(), "The file is loaded, but no connection can match")
        .because_if(is_for_tls, "A line hostssl never matches while the server does not use SSL.")
        .advise("Correct the file; the query shows the reasons. Then reload.")
        .advise_if(is_for_tls, "For hostssl, set ssl to on, with a certificate, or remove the line.")
        .advise_if(has_no_reason, "Where the query shows no reason, the server log has it after a reload.")
        .query("SELECT line_number, type, error FROM pg_hba_file_rules WHERE error IS NOT NULL OR type IS NULL;")
        .effort(Effort::Reload)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::format::{Finding, Severity};
    use crate::{Options, analyze, example};

    fn found(lines: &Value) -> Finding {
        let document = json!({ "pg_hba_file_rules": lines });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        findings.into_iter().find(|finding| finding.code == "PGD1303").unwrap()
    }

    #[test]
    fn a_warning_of_the_view_does_not_keep_the_file_from_being_loaded() {
        let unmatched = json!({ "line_number": 2, "connection_type": "hostssl", "address": "all", "has_error": true });
        let finding = found(&json!([unmatched]));
        assert_eq!(finding.severity, Severity::Notice);
        let because = "The file is loaded, but no connection can match it. A line hostssl never matches while the server does not \
                       use SSL.";
        assert_eq!(finding.rationale, because);
        let finding = found(&json!([unmatched, { "line_number": 3, "has_error": false }]));
        assert_eq!(finding.severity, Severity::Warning);
        assert!(finding.rationale.starts_with("The server cannot parse 1 of them. A reload ignores"), "{}", finding.rationale);
        assert!(finding.remedy.text.ends_with("the server log has it after a reload."), "{}", finding.remedy.text);
    }
}
