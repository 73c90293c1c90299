//! SECURITY DEFINER functions without a search_path of their own, or with one that does not end with pg_temp.

use crate::engine::prelude::*;
use crate::facts::functions::Function;

rule! {
    /// ## What it sees
    ///
    /// SECURITY DEFINER functions and procedures without a `search_path` of their own, or with one that does not have `pg_temp` as its
    /// last schema. Functions of extensions, and those with an SQL-standard body (14 and newer), which is resolved when it is created, are left
    /// out.
    ///
    /// ## Why it matters
    ///
    /// The function runs with its owner's privileges, but finds tables, functions and operators in the schemas that the caller
    /// chooses. A caller who creates an object of a name that the function uses makes it run code of his own. With a
    /// `search_path` that does not name `pg_temp`, temporary tables of the caller are found before those of any other schema, so that the
    /// function reads rows that the caller has made up.
    ///
    /// ## Threshold
    ///
    /// Warning if every role can execute the function, otherwise notice; notice if it has a `search_path` of its own.
    ///
    /// ## Remedy
    ///
    /// `ALTER FUNCTION … SET search_path = …` with the schemas that its body uses, and `pg_temp` last.
    ///
    /// ## When to ignore this
    ///
    /// If all names in its body are qualified, those of operators too.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [], "pg_proc": [ { "oid": 1, "nspname": "app", "proname": "pay", "identity_arguments": "integer", "prokind": "f",
    ///                  "owner": "owner", "public_execute": true } ] }
    /// ```
    /// ```json found
    /// { "pg_class": [], "pg_proc": [ { "oid": 1, "nspname": "app", "proname": "pay", "identity_arguments": "integer", "prokind": "f",
    ///                  "owner": "owner", "public_execute": true, "search_path": "app" } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [], "pg_proc": [ { "oid": 1, "nspname": "app", "proname": "pay", "identity_arguments": "integer", "prokind": "f",
    ///                  "owner": "owner", "public_execute": true, "search_path": "app, pg_temp" },
    ///                { "oid": 2, "nspname": "app", "proname": "std", "prokind": "f", "has_sql_body": true, "public_execute": true },
    ///                { "oid": 3, "nspname": "ext", "proname": "f", "prokind": "f", "extname": "postgis", "public_execute": true } ] }
    /// ```
    rule security_definer_search_path {
        code: PGD1307,
        title: "SECURITY DEFINER functions find objects of their callers",
        passed: "All SECURITY DEFINER functions have a search_path that ends with pg_temp",
        worst: Warning,
        reads: [functions],
        source: "PostgreSQL manual, CREATE FUNCTION: Writing SECURITY DEFINER Functions Safely",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Function>> {
    let is_open = |function: &&Function| {
        let row = &function.row;
        let is_unsafe = function.has_no_path() || function.path_with_temp_last().is_some();
        is_unsafe && row.has_sql_body != Some(true) && row.extname.is_none()
    };
    Ok(view.functions()?.iter().filter(is_open).collect())
}

fn subject(function: &&Function) -> About {
    let is_open = function.row.public_execute == Some(true) && function.has_no_path();
    About::function(function, Weight::Count(if function.row.owner_is_superuser == Some(true) { 10 } else { 1 }))
        .severity(if is_open { Severity::Warning } else { Severity::Notice })
        .figures([
            Figure::new("owner", function.row.owner.clone()),
            Figure::new("owner_is_superuser", function.row.owner_is_superuser.map(|is| if is { "yes" } else { "no" })),
            Figure::new("executable_by_public", function.row.public_execute.map(|is| if is { "yes" } else { "no" })),
        ])
        .run(format!("ALTER {} {} SET search_path = {};", function.keyword(), function.sql(), function.safe_path()))
}

fn describe(found: &Found<&Function>) -> Draft {
    let (without, own) = (found.part(|function| function.has_no_path()), found.part(|function| !function.has_no_path()));
    Draft::new(format!("Set a search_path for {}", found.named("SECURITY DEFINER function", "SECURITY DEFINER functions")))
        .because_for(without.as_ref(), "Without a search_path of its own, the caller chooses the schemas of the objects that are found by")
        .because_for(
            own.as_ref(),
            "The search_path does not end with pg_temp, so that temporary tables of the caller are found before others by",
        )
        .advise("Check that the statements name the schemas that each function uses, then run them.")
        .impact("New calls use the new path; a function that used objects of other schemas fails until they are named.")
        .undo_text("ALTER FUNCTION … SET search_path with the former schemas, or RESET search_path, restores the former state.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::format::{Finding, Severity};
    use crate::{Options, analyze, example};

    fn found(search_path: Option<&str>) -> Option<Finding> {
        let document = json!({ "pg_class": [], "pg_proc": [{
            "oid": 1, "nspname": "app", "proname": "pay", "identity_arguments": "integer", "prokind": "f", "owner": "owner",
            "public_execute": true, "search_path": search_path,
        }] });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        findings.into_iter().find(|finding| finding.code == "PGD1307")
    }

    #[test]
    fn temporary_tables_are_found_first_unless_pg_temp_is_last() {
        for (path, remedied) in [
            ("public", "public, pg_temp"),
            ("pg_temp, public", "public, pg_temp"),
            ("\"$user\", \"Odd\"", "\"$user\", \"Odd\", pg_temp"),
            ("\"\"", "pg_temp"),
        ] {
            let finding = found(Some(path)).unwrap();
            assert_eq!(finding.severity, Severity::Notice);
            let sql = format!("ALTER FUNCTION app.pay(integer) SET search_path = {remedied};");
            assert_eq!(finding.statements().as_deref(), Some(sql.as_str()), "{path}");
        }
        assert!(found(Some("app, pg_temp")).is_none() && found(Some("app, \"pg_temp\"")).is_none());
        // One schema with a comma in its name, which is what SET search_path = 'app, pg_temp' names.
        assert!(found(Some("\"app, pg_temp\"")).is_some());
        let without = found(None).unwrap();
        assert_eq!(without.severity, Severity::Warning);
        assert!(without.statements().unwrap().ends_with("SET search_path = pg_catalog, app, pg_temp;"));
    }
}
