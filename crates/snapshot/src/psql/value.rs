//! One column of a row as SQL that gives its JSON, typed and masked as far as the server can mask.
//!
//! There is no scanner of SQL on a server, so the script leaves out what the native collector would mask word by word.

use pgdba_pg::lexer;
use pgdba_pg::mask::sql::{self, NO_STATEMENT};
use pgdba_pg::mask::{MASK, autovacuum, setting};
use pgdba_pg::quote::quote_literal;

use crate::SectionSpec;
use crate::section::{ColumnSpec, ColumnType, Mask, VersionedBy};

/// The alias of the section's own statement.
pub(super) const ROW: &str = "r";

/// The SQL of `column`, as an argument of `json_build_array`.
pub(super) fn sql(spec: &SectionSpec, column: &str) -> String {
    let declared = spec.column(column);
    let plain = format!("{ROW}.{column}");
    match declared.and_then(|column| column.mask) {
        Some(mask) => masked(mask, &plain, is_normalized(spec)),
        None => typed(declared.map_or(ColumnType::Text, |column| column.ty), &plain),
    }
}

/// What the server itself writes in the place of a statement that is not to be seen, as a list of literals.
pub(super) fn no_statement() -> String {
    let texts: Vec<String> = [""].iter().chain(&NO_STATEMENT).map(|text| quote_literal(text)).collect();
    texts.join(", ")
}

/// First words that give nothing away, as alternatives of a regular expression.
pub(super) fn verbs() -> String {
    sql::verbs().join("|")
}

/// The parameters of which only is told whether they are set, as a list of literals.
pub(super) fn secret_settings() -> String {
    let names: Vec<String> =
        setting::COMMANDS.iter().chain(&[setting::CONNINFO]).map(|name| quote_literal(name)).collect();
    names.join(", ")
}

/// The escapes of `log_line_prefix` and the words around them that give nothing away, as a regular expression.
pub(super) fn prefix_words() -> String {
    format!("%-?[0-9]*[[:alpha:]%]|[[:<:]]({})[[:>:]]", setting::PREFIX_WORDS.join("|"))
}

/// What is said of a masked column at the head of its section.
pub(super) fn what_is_masked(spec: &SectionSpec, column: &ColumnSpec) -> Option<&'static str> {
    Some(match column.mask? {
        Mask::Sql if is_normalized(spec) => {
            "kept only for SELECT, INSERT, UPDATE, DELETE, MERGE and WITH without quotes, dollar quotes and comments; \
             otherwise only the first word"
        }
        Mask::Sql => "only the first word is kept, and the texts of autovacuum",
        Mask::Setting => {
            "hidden, except whether it is set, for connection strings, commands, parameters with a dot in their name, \
             values that contain a URL, and a log_line_prefix that contains unrecognized words"
        }
        Mask::Urls => "hidden if it contains a URL",
        Mask::Conninfo => "hidden, except whether it is set",
        Mask::QueryId => "null for utility statements, and if the text is hidden or contains several statements",
        Mask::Expression => "every constant is replaced by ?; hidden if it contains a double quote or a backslash",
    })
}

/// Whether the server has already put parameters in the place of constants.
fn is_normalized(spec: &SectionSpec) -> bool {
    spec.versioned_by == VersionedBy::Extension("pg_stat_statements")
}

fn typed(ty: ColumnType, value: &str) -> String {
    match ty {
        ColumnType::Text => format!("{value}::pg_catalog.text"),
        // An oid would become a string.
        ColumnType::Integer => format!("{value}::pg_catalog.int8"),
        ColumnType::IntegerList => format!("{value}::pg_catalog.int8[]"),
        ColumnType::TextList => format!("{value}::pg_catalog.text[]"),
        ColumnType::Timestamp => rfc3339(value),
        ColumnType::Boolean | ColumnType::Float | ColumnType::FloatList => value.to_owned(),
    }
}

/// A `timestamptz` under `TimeZone = UTC` and `DateStyle = ISO` as RFC 3339 has it; `infinity` stays.
pub(super) fn rfc3339(value: &str) -> String {
    format!("pg_catalog.replace(pg_catalog.replace({value}::pg_catalog.text, ' ', 'T'), '+00', 'Z')")
}

/// The identifier of a statement whose text is in the column `query` of the same row.
fn query_id(value: &str) -> String {
    format!(
        "(select case when {} then {value}::pg_catalog.text end\n            \
         from (select pg_catalog.encode(pg_catalog.textsend({ROW}.query), 'escape') as bytes) s)",
        plannable("\n                   "),
    )
}

/// The condition on `bytes`, the text of a statement, under which its identifier does not depend on constants; its lines are
/// separated by `gap`. The server has no scanner, so this is stricter than [`pgdba_pg::lexer::is_plannable`].
fn plannable(gap: &str) -> String {
    let verbs = lexer::PLANNABLE.join("|");
    [
        &format!("bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*({verbs})[[:>:]]'"),
        "and bytes !~ ';[[:space:];]*[^[:space:];]'",
        "and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]'",
    ]
    .join(gap)
}

fn masked(mask: Mask, value: &str, is_normalized: bool) -> String {
    match mask {
        Mask::QueryId => query_id(value),
        Mask::Sql => statement(value, is_normalized),
        Mask::Conninfo => {
            format!("case when {value} = '' then {value} when {value} is not null then '{MASK}' end")
        }
        Mask::Urls => format!("case when {value} like '%://%' then '{MASK}' else {value} end"),
        Mask::Setting => {
            format!(
                "case when {value} is null or {value} in ('', '{}') then {value}\n                \
                 when pg_catalog.lower({ROW}.name) in (:pgdba_secret_settings)\n                  \
                 or {ROW}.name like '%.%' or {value} like '%://%'\n                  \
                 or pg_catalog.lower({ROW}.name) = '{}'\n                    and pg_catalog.regexp_replace({value}, :'pgdba_prefix_words', ' ', 'gi')\n                    \
                    ~ '[[:alnum:]_][[:alnum:]_]|[^[:ascii:]]' then '{MASK}'\n                \
                 else {value} end",
                setting::DISABLED,
                setting::PREFIX,
            )
        }
        Mask::Expression => format!(
            "case when pg_catalog.strpos({value}, '\"') > 0 or pg_catalog.strpos({value}, pg_catalog.chr(92)) > 0\n             then '{MASK}'\n             else pg_catalog.regexp_replace(pg_catalog.regexp_replace({value},\n                    '[BEXN]?''([^'']|'''')*''', '?', 'g'),\n                    '[[:<:]][0-9][[:alnum:]._]*', '?', 'g') end"
        ),
    }
}

/// Looks at the text as bytes: text of a database with another encoding may be invalid here, and would be an error.
fn statement(value: &str, is_normalized: bool) -> String {
    let kept = if is_normalized {
        "\n                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'\n                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query"
    } else {
        &format!("\n                   when t.bytes ~ '{}' then t.query", autovacuum::PATTERN)
    };
    format!(
        "(select case when t.query in (:pgdba_no_statement) then t.query{kept}\n                   \
         when t.query is not null\n                   \
         then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end\n            \
         from (select {value} as query, pg_catalog.encode(pg_catalog.textsend({value}), 'escape') as bytes) t)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::wait_samples;

    #[test]
    fn samples_of_waits_carry_identifiers_under_the_same_condition() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let sql = wait_samples::SPEC.sql_for(18, false).unwrap_or_default();
        assert!(words(sql).contains(&words(&plannable(" "))), "{}", plannable("\n"));
    }
}
