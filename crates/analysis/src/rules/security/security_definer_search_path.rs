//! SECURITY DEFINER functions without a search_path of their own.

use crate::engine::prelude::*;
use crate::facts::functions::Function;

rule! {
    /// ## What it sees
    ///
    /// SECURITY DEFINER functions and procedures without a `search_path` of their own, that roles other than their owner can execute.
    /// Functions of extensions, and those with an SQL-standard body (14 and newer), which is resolved when it is created, are left
    /// out.
    ///
    /// ## Why it matters
    ///
    /// The function runs with its owner's privileges, but finds tables, functions and operators in the schemas that the caller
    /// chooses. A caller who creates an object of a name that the function uses makes it run code of his own.
    ///
    /// ## Threshold
    ///
    /// Warning if every role can execute the function, otherwise notice.
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
    /// ```json passed
    /// { "pg_class": [], "pg_proc": [ { "oid": 1, "nspname": "app", "proname": "pay", "identity_arguments": "integer", "prokind": "f",
    ///                  "owner": "owner", "public_execute": true, "search_path": "app, pg_temp" },
    ///                { "oid": 2, "nspname": "app", "proname": "std", "prokind": "f", "has_sql_body": true, "public_execute": true },
    ///                { "oid": 3, "nspname": "ext", "proname": "f", "prokind": "f", "extname": "postgis", "public_execute": true } ] }
    /// ```
    rule security_definer_search_path {
        code: PGD1307,
        title: "SECURITY DEFINER functions use the search_path of their callers",
        passed: "All SECURITY DEFINER functions have a search_path of their own",
        worst: Warning,
        reads: [functions],
        source: "PostgreSQL manual, CREATE FUNCTION: Writing SECURITY DEFINER Functions Safely",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Function>> {
    let is_open = |function: &&Function| {
        let row = &function.row;
        row.search_path.is_none() && row.has_sql_body != Some(true) && row.extname.is_none()
    };
    Ok(view.functions()?.iter().filter(is_open).collect())
}

fn subject(function: &&Function) -> About {
    let is_public = function.row.public_execute == Some(true);
    let schema = function.schema_sql();
    let path = if schema == "pg_catalog" { "pg_catalog, pg_temp".to_owned() } else { format!("pg_catalog, {schema}, pg_temp") };
    About::function(function, Weight::Count(if function.row.owner_is_superuser == Some(true) { 10 } else { 1 }))
        .severity(if is_public { Severity::Warning } else { Severity::Notice })
        .figures([
            Figure::new("owner", function.row.owner.clone()),
            Figure::new("owner_is_superuser", function.row.owner_is_superuser.map(|is| if is { "yes" } else { "no" })),
            Figure::new("executable_by_public", function.row.public_execute.map(|is| if is { "yes" } else { "no" })),
        ])
        .run(format!("ALTER {} {} SET search_path = {path};", function.keyword(), function.sql()))
}

fn describe(found: &Found<&Function>) -> Draft {
    Draft::new(format!("Set a search_path for {}", found.named("SECURITY DEFINER function", "SECURITY DEFINER functions")))
        .because("They run with their owners' privileges, but find objects in the schemas that the caller chooses.")
        .advise("Check that the statements name the schemas that each function uses, then run them.")
        .impact("New calls use the new path; a function that used objects of other schemas fails until they are named.")
        .undo_text("ALTER FUNCTION … RESET search_path restores the former state.")
}
