//! One section of the script: its heading, what is asked before it is read, and one query for each version.

use std::fmt::Write;

use pgdba_pg::quote::quote_literal;

use super::{columns, value};
use crate::SectionSpec;
use crate::guards::{BEGIN, COMMIT, MARK};
use crate::permission::{WITHOUT_TEXTS, limitation};
use crate::section::{Scope, VersionedBy};

/// Everything of `spec`, from its heading to the closing brace of its object.
pub(super) fn text(spec: &SectionSpec, statements: u32) -> String {
    let name = spec.name;
    let ask = question(spec);
    let read = read(spec, statements);
    let texts = match spec.versioned_by {
        VersionedBy::Extension(extension) if read.contains(":pgdba_texts") => texts(extension),
        _ => String::new(),
    };
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
         \\set pgdba_failed :ERROR\n\
         \\if :pgdba_available\n\
         {texts}{read}\
         \\set pgdba_failed :ERROR\n\
         \\qecho '],'\n\
         \\endif\n\
         {COMMIT};\n\
         \\if :pgdba_failed\n\
         {BEGIN};\n\
         :pgdba_guards \\gset pgdba_\n\
         :pgdba_explain \\gset pgdba_\n\
         {COMMIT};\n\
         \\endif\n\
         \\qecho '\"available\":' :pgdba_available ',\"error\":' :pgdba_reason ',\"limited\":' :pgdba_limited ','\n\
         \\qecho '\"collected_at\":' :pgdba_collected_at ',\"duration_ms\":null,\"stats_reset\":null}}'\n",
        heading = heading(spec),
    );
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
    text.push_str(&comment("Why:      ", spec.why));
    text.push_str(&comment("Reads:    ", &listed(relations)));
    text.push_str(&comment("Calls:    ", &listed(functions)));
    text.push_str(&comment(
        "Scope:    ",
        match spec.scope {
            Scope::Cluster => "the whole cluster",
            Scope::Database => "this database",
        },
    ));
    let mut masks: Vec<(&str, Vec<&str>)> = Vec::new();
    for column in spec.columns {
        let Some(what) = value::what_is_masked(spec, column) else { continue };
        match masks.iter_mut().find(|(seen, _)| *seen == what) {
            Some((_, names)) => names.push(column.name),
            None => masks.push((what, vec![column.name])),
        }
    }
    for (what, names) in masks {
        text.push_str(&comment("Masks:    ", &format!("{}: {what}", names.join(", "))));
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
    reasons.push(match &spec.privileged {
        None => ":pgdba_refused".to_owned(),
        Some(more) => format!("case when not {} then :pgdba_refused end", more.when),
    });
    let mut hidden: Vec<String> = Vec::new();
    hidden.extend(spec.complete_with.map(|role| {
        let role_literal = quote_literal(role);
        format!(
            "case when not pg_catalog.pg_has_role({role_literal}, 'USAGE') then\n           {} end",
            quote_literal(&limitation(role))
        )
    }));
    let mut privileged = "false";
    if let Some(more) = &spec.privileged {
        privileged = more.when;
        hidden.extend(
            more.otherwise.map(|otherwise| {
                format!("case when not {} then\n           {} end", more.when, quote_literal(otherwise))
            }),
        );
    }
    format!(
        "\\set pgdba_reads '{reads}'\n\
         select {MARK} case when a.reason is null then 'true' else 'false' end as available,\n       \
         coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,\n       \
         coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,\n       \
         a.privileged, :pgdba_now as collected_at\n\
         from (select {} as reason,\n       {} as hidden,\n       {privileged} as privileged) as a\n",
        first_of(&reasons),
        first_of(&hidden),
        reads = reads(spec).join(" "),
    )
}

/// The relations that the usual statements of all versions read.
fn reads(spec: &SectionSpec) -> Vec<&'static str> {
    let mut names: Vec<&str> = spec.sql.iter().flat_map(|(_, sql)| columns::touched(sql).0).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn too_old(spec: &SectionSpec, extension: &str) -> String {
    let oldest = spec.sql.first().map_or(0, |(from, _)| *from);
    format!(
        "case when :'pgdba_{extension}_number'::pg_catalog.int4 < {oldest}\n            then \
         pg_catalog.concat('version ', :'pgdba_{extension}_version',\n              ' of the extension {extension} is \
         too old; run ALTER EXTENSION {extension} UPDATE') end"
    )
}

fn first_of(texts: &[String]) -> String {
    match texts {
        [] => "null::pg_catalog.text".to_owned(),
        [one] => format!("({one})::pg_catalog.text"),
        texts => format!("coalesce({})::pg_catalog.text", texts.join(",\n         ")),
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

/// `values` as a list that fills the lines.
fn filled(values: &[String]) -> String {
    let indent = " ".repeat(11);
    let mut text = String::new();
    let mut width = super::WIDTH;
    for (place, value) in values.iter().enumerate() {
        let comma = if place + 1 < values.len() { "," } else { "" };
        let first_line = value.lines().next().unwrap_or_default().len();
        if width + 1 + first_line + comma.len() > super::WIDTH || value.contains('\n') {
            text.push_str(if place == 0 { "" } else { "\n" });
            text.push_str(&indent);
            width = indent.len();
        } else {
            text.push(' ');
            width += 1;
        }
        text.push_str(value);
        text.push_str(comma);
        // Nothing stands behind what takes several lines.
        width = if value.contains('\n') { super::WIDTH } else { width + value.len() + comma.len() };
    }
    text
}

/// Rows as JSON arrays, one a line. No COPY: psql does not tell a script when one fails after its first row. What a
/// plain SELECT gives is printed only once all of it is there.
fn query(spec: &SectionSpec, sql: &str, statements: u32) -> String {
    let names = columns::of(sql);
    let mut header: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut values: Vec<String> = names.iter().map(|name| value::sql(spec, name)).collect();
    if spec.scope == Scope::Database {
        // As the native collector does: rows of several databases may stand in one section.
        header.insert(0, "datname");
        values.insert(0, "pg_catalog.current_database()::pg_catalog.text".to_owned());
    }
    let mut sql = sql.trim_end().replace("{{statements}}", &statements.to_string()).replace("{{mark}}", MARK);
    if let VersionedBy::Extension(extension) = spec.versioned_by {
        let name = format!("{{{{{extension}}}}}");
        sql = sql
            .replace(&format!("{name}(true)"), &format!("{name}(:pgdba_texts)"))
            .replace(&format!("{name}((\n"), &format!("{name}(:pgdba_texts and (\n"))
            .replace(&name, &function(extension));
    }
    format!(
        "{}\
         select {MARK} case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(\n\
         {}\n       )::pg_catalog.text\n\
         from (\n{sql}\n) as {};\n",
        columns_member(&header),
        filled(&values),
        value::ROW,
    )
}

/// Prints the member `columns` and the beginning of `rows`, in lines that are not too long.
fn columns_member(names: &[&str]) -> String {
    let mut lines = String::new();
    let mut line = "\"columns\":[".to_owned();
    for (place, name) in names.iter().enumerate() {
        let item = format!("{}\"{name}\"", if place == 0 { "" } else { "," });
        if line.len() + item.len() > super::WIDTH - 24 {
            let _ = writeln!(lines, "\\qecho '{line}'");
            line.clear();
        }
        line.push_str(&item);
    }
    // Writing to a String cannot fail.
    let _ = writeln!(lines, "\\qecho '{line}],\"rows\":['");
    lines
}

/// The function of the name of its extension, where the server says that it is.
fn function(extension: &str) -> String {
    format!(":\"pgdba_{extension}_schema\".{extension}")
}

/// Finds out whether the texts of statements can be read: one from a database of another encoding that is no valid
/// text here would make the server refuse all of them.
fn texts(extension: &str) -> String {
    format!(
        "\\set pgdba_texts true\n\
         \\if :pgdba_is_mixed\n\
         -- Texts from a database with another encoding might not be valid here, and the server would then reject the whole list.\n\
         select {MARK} pg_catalog.count(s.query) as texts_read from {}(true) as s \\gset pgdba_\n\
         \\if :ERROR\n\
         {COMMIT};\n\
         {BEGIN};\n\
         :pgdba_guards \\gset pgdba_\n\
         \\set pgdba_texts false\n\
         \\set pgdba_limited '\"{}\"'\n\
         \\endif\n\
         \\endif\n",
        function(extension),
        super::in_psql_quotes(WITHOUT_TEXTS),
    )
}
