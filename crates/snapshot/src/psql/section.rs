//! One section of the script: its heading, what is asked before it is read, and one query for each version.

use std::fmt::Write;

use pgdba_pg::quote::quote_literal;

use super::{columns, value};
use crate::SectionSpec;
use crate::guards::BEGIN;
use crate::permission::limitation;
use crate::section::{Scope, VersionedBy};

/// Everything of `spec`, from its heading to the closing brace of its object.
pub(super) fn text(spec: &SectionSpec, statements: u32) -> String {
    let name = spec.name;
    let ask = question(spec);
    let read = read(spec, statements);
    let text = format!(
        "{heading}\
         \\qecho :pgdba_comma '\"{name}\":{{'\n\
         \\set pgdba_comma ,\n\
         \\set pgdba_available false\n\
         \\set pgdba_reason '\"unknown\"'\n\
         \\set pgdba_limited null\n\
         \\set pgdba_collected_at null\n\
         {BEGIN};\n\
         :pgdba_guards \\gset pgdba_\n\
         {ask}\\gset pgdba_\n\
         \\if :pgdba_available\n\
         {read}\
         \\endif\n\
         \\set pgdba_failed :ERROR\n\
         commit;\n\
         \\if :pgdba_failed\n\
         {BEGIN};\n\
         :pgdba_guards \\gset pgdba_\n\
         :pgdba_explain \\gset pgdba_\n\
         commit;\n\
         \\endif\n\
         \\qecho '\"available\":' :pgdba_available ',\"error\":' :pgdba_reason ',\"limited\":' :pgdba_limited ','\n\
         \\qecho '\"collected_at\":' :pgdba_collected_at ',\"duration_ms\":null,\"stats_reset\":null}}'\n",
        heading = heading(spec),
    );
    let VersionedBy::Server = spec.versioned_by else { return text };
    if spec.since <= super::OLDEST { text } else { format!("\\if :pgdba_from_{}\n{text}\\endif\n", spec.since) }
}

/// What the section holds and why, what it reads and what it masks.
fn heading(spec: &SectionSpec) -> String {
    let privileged = spec.privileged.iter().flat_map(|more| more.sql);
    let statements: Vec<&str> = spec.sql.iter().chain(privileged).map(|(_, sql)| *sql).collect();
    let (mut relations, mut functions) = (Vec::new(), Vec::new());
    for (read, called) in statements.iter().map(|sql| columns::touched(sql)) {
        relations.extend(read);
        functions.extend(called);
    }
    if let VersionedBy::Extension(extension) = spec.versioned_by {
        functions.push(extension);
    }
    let rule = format!("-- {}\n", "-".repeat(super::WIDTH - 3));
    let mut text = format!("\n{rule}-- {}\n--\n", spec.name);
    for paragraph in paragraphs(spec.doc) {
        text.push_str(&comment("", &paragraph));
    }
    text.push_str("--\n");
    text.push_str(&comment("What for: ", spec.why));
    text.push_str(&comment("Reads:    ", &listed(relations)));
    text.push_str(&comment("Calls:    ", &listed(functions)));
    text.push_str(&comment(
        "Scope:    ",
        match spec.scope {
            Scope::Cluster => "the whole cluster",
            Scope::Database => "this database",
        },
    ));
    for column in spec.columns {
        if let Some(what) = value::what_is_masked(spec, column) {
            text.push_str(&comment("Masks:    ", &format!("{}: {what}", column.name)));
        }
    }
    text.push_str(&rule);
    text
}

/// The paragraphs of a doc comment, each on one line.
fn paragraphs(doc: &str) -> Vec<String> {
    let lines: Vec<&str> = doc.lines().map(str::trim).collect();
    lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty()).map(|lines| lines.join(" ")).collect()
}

fn listed(mut names: Vec<&str>) -> String {
    names.sort_unstable();
    names.dedup();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// `text` behind `label` as SQL comments that are no wider than the script.
fn comment(label: &str, text: &str) -> String {
    let indent = " ".repeat(label.len());
    let mut lines = String::new();
    let mut line = format!("-- {label}");
    let mut is_bare = true;
    for word in text.split_whitespace() {
        if !is_bare && line.len() + 1 + word.len() > super::WIDTH {
            lines.push_str(line.trim_end());
            lines.push('\n');
            line = format!("-- {indent}");
            is_bare = true;
        }
        if !is_bare {
            line.push(' ');
        }
        line.push_str(word);
        is_bare = false;
    }
    format!("{lines}{}\n", line.trim_end())
}

/// Asks whether the role may read the section, and what of it stays hidden: a refused query would be in the log.
fn question(spec: &SectionSpec) -> String {
    let mut reasons: Vec<String> = match spec.versioned_by {
        VersionedBy::Server => Vec::new(),
        VersionedBy::Extension(extension) => {
            vec![format!("nullif(:'pgdba_{extension}_error', '')"), too_old(spec, extension)]
        }
    };
    reasons.extend(spec.guard.map(|guard| format!("(\n{}\n       )", guard.trim_end())));
    let mut hidden: Vec<String> = Vec::new();
    hidden.extend(spec.complete_with.map(|role| {
        let role_literal = quote_literal(role);
        format!(
            "case when not pg_catalog.pg_has_role({role_literal}, 'USAGE')\n            then {} end",
            quote_literal(&limitation(role))
        )
    }));
    let mut privileged = "false";
    if let Some(more) = &spec.privileged {
        privileged = more.when;
        hidden.extend(more.otherwise.map(|otherwise| {
            format!("case when not {}\n            then {} end", more.when, quote_literal(otherwise))
        }));
    }
    format!(
        "select case when a.reason is null then 'true' else 'false' end as available,\n       \
         coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,\n       \
         coalesce(pg_catalog.to_json(a.hidden)::pg_catalog.text, 'null') as limited,\n       \
         a.privileged, {} as collected_at\n\
         from (select {} as reason,\n       {} as hidden,\n       {privileged} as privileged) as a\n",
        super::now(),
        first_of(&reasons),
        first_of(&hidden),
    )
}

fn too_old(spec: &SectionSpec, extension: &str) -> String {
    let oldest = spec.sql.first().map_or(0, |(from, _)| *from);
    format!(
        "case when :'pgdba_{extension}_number'::pg_catalog.int4 < {oldest}\n            \
         then pg_catalog.concat('version ', :'pgdba_{extension}_version',\n                   \
         ' of the extension {extension} is too old; ALTER EXTENSION {extension} UPDATE helps') end"
    )
}

fn first_of(texts: &[String]) -> String {
    match texts {
        [] => "null::pg_catalog.text".to_owned(),
        texts => format!("coalesce({}, null)::pg_catalog.text", texts.join(",\n         ")),
    }
}

/// The queries of all versions, of which one runs.
fn read(spec: &SectionSpec, statements: u32) -> String {
    let usual = by_version(spec, spec.sql, statements);
    match &spec.privileged {
        None => usual,
        Some(more) => {
            let privileged = by_version(spec, more.sql, statements);
            format!("\\if :pgdba_privileged\n{privileged}\\else\n{usual}\\endif\n")
        }
    }
}

fn by_version(spec: &SectionSpec, variants: &[(i64, &str)], statements: u32) -> String {
    if let [(_, only)] = variants {
        return query(spec, only, statements);
    }
    let mut text = String::new();
    for (place, (from, sql)) in variants.iter().rev().enumerate() {
        let word = if place == 0 { "if" } else { "elif" };
        let condition = match spec.versioned_by {
            VersionedBy::Server => format!("pgdba_from_{from}"),
            VersionedBy::Extension(extension) => format!("pgdba_{extension}_from_{from}"),
        };
        // Writing to a String cannot fail.
        let _ = write!(text, "\\{word} :{condition}\n{}", query(spec, sql, statements));
    }
    text.push_str("\\endif\n");
    text
}

/// Rows as JSON arrays, one a line. What raw lines need is a COPY in csv whose marks JSON never holds.
fn query(spec: &SectionSpec, sql: &str, statements: u32) -> String {
    let names = columns::of(sql);
    let mut header: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let mut values: Vec<String> = names.iter().map(|name| format!("           {}", value::sql(spec, name))).collect();
    if spec.scope == Scope::Database {
        // As the native collector does: rows of several databases may stand in one section.
        header.insert(0, "\"datname\"".to_owned());
        values.insert(0, "           pg_catalog.current_database()::pg_catalog.text".to_owned());
    }
    let mut sql = sql.trim_end().replace("{{statements}}", &statements.to_string());
    if let VersionedBy::Extension(extension) = spec.versioned_by {
        let function = format!(":\"pgdba_{extension}_schema\".{extension}");
        sql = sql.replace(&format!("{{{{{extension}}}}}"), &function);
    }
    format!(
        "\\qecho '\"columns\":[{}],\"rows\":['\n\
         copy (\n  \
         select case pg_catalog.row_number() over () when 1 then '' else ',' end\n         \
         || pg_catalog.json_build_array(\n{})::pg_catalog.text\n  \
         from (\n{sql}\n  ) as {}\n\
         ) to stdout with (format csv, quote E'\\x01', delimiter E'\\x02');\n\
         \\qecho '],'\n",
        header.join(","),
        values.join(",\n"),
        value::ROW,
    )
}
