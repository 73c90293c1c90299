//! Texts of statements stay statements: whatever the server can PREPARE still parses when it was masked and when it was redacted,
//! and refers to the same things under their tokens.

use std::collections::BTreeMap;

use pgdba_pg::mask::sql::mask;
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::redact::{Key, SECRET_BYTES, redact, restore};
use serde_json::{Value, json};
use xtask::servers::{Server, ServerOptions};

const SCHEMA: &str = include_str!("texts/schema.sql");
const TEXTS: [(&str, usize); 3] = [
    (include_str!("texts/tpch.sql"), 22),
    (include_str!("texts/tpcds_like.sql"), 9),
    (include_str!("texts/dml.sql"), 60),
];
const MAJORS: [u32; 4] = [12, 15, 17, 18];

/// Gives the SQLSTATE and message with which PREPARE refuses a text, null where it does not.
const PREPARES: &str = "create function prepares(statement text) returns text language plpgsql as $f$
begin
  execute 'prepare tried as ' || statement;
  deallocate tried;
  return null;
exception when others then
  return sqlstate || ' ' || sqlerrm;
end $f$";

/// What a parameter of unknown type in the place of a constant leads to, in a statement that parses and whose names are known.
const OF_TYPES: [&str; 11] =
    ["0A000", "22007", "22P02", "42P18", "42804", "42883", "42725", "42846", "42803", "42P08", "42P10"];

fn refusals(server: &Server, database: &str, texts: &[String]) -> Vec<Option<String>> {
    let values: Vec<String> = texts.iter().enumerate().map(|(at, text)| format!("({at}, $_${text}$_$)")).collect();
    let sql = format!("select prepares(t.x) from (values {}) as t (n, x) order by n", values.join(","));
    server.query(database, &sql).unwrap().into_iter().map(|row| row[0].clone()).collect()
}

/// A document in which the catalog of `database` and `texts` are.
fn document(server: &Server, database: &str, texts: &[String]) -> DiagSnapshot {
    let names = |sql: &str| server.query(database, sql).unwrap();
    let tables = names(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by oid",
    );
    let columns = names(
        "select attname from pg_attribute join pg_class c on c.oid = attrelid where relnamespace = 'public'::regnamespace
         and relkind = 'r' and attnum > 0 order by attrelid, attnum",
    );
    let statements: Vec<Value> = texts.iter().map(|text| json!([text])).collect();
    let tables: Vec<Value> = tables.iter().map(|row| json!(["public", row[0], "r"])).collect();
    let document = json!({ "format": pgdba_snapshot::FORMAT, "format_version": 1, "sections": {
        "pg_class": { "available": true, "columns": ["nspname", "relname", "relkind"], "rows": tables },
        "pg_attribute": { "available": true, "columns": ["attname"], "rows": columns },
        "pg_stat_statements": { "available": true, "columns": ["query"], "rows": statements },
    }});
    pgdba_snapshot::read(document.to_string().as_bytes()).unwrap()
}

fn texts_of(snapshot: &DiagSnapshot) -> Vec<String> {
    let rows = snapshot.section::<pgdba_snapshot::sections::pg_stat_statements::Row>().rows;
    rows.into_iter().filter_map(|row| row.query).collect()
}

/// A database whose tables and columns are named by their tokens.
fn renamed(server: &Server, key: &Key) {
    server.execute("postgres", "create database redacted").unwrap();
    server.execute("redacted", SCHEMA).unwrap();
    server.execute("redacted", PREPARES).unwrap();
    let file: Value = serde_json::from_str(&key.to_json().unwrap()).unwrap();
    let names = file["tokens"].as_object().unwrap().iter();
    let tokens: BTreeMap<&str, &String> =
        names.filter(|(token, _)| !token.contains('_')).map(|(token, name)| (name.as_str().unwrap(), token)).collect();
    let sql = "select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
               where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 order by 1";
    let rows = server.query("redacted", sql).unwrap();
    let mut statements = String::new();
    for row in &rows {
        let [table, column] = [0, 1].map(|at| row[at].clone().unwrap());
        statements.push_str(&format!("alter table \"{table}\" rename \"{column}\" to {};", tokens[column.as_str()]));
    }
    let tables: std::collections::BTreeSet<_> = rows.iter().map(|row| row[0].clone().unwrap()).collect();
    for table in tables {
        statements.push_str(&format!("alter table \"{table}\" rename to {};", tokens[table.as_str()]));
    }
    server.execute("redacted", &statements).unwrap();
}

#[test]
fn what_the_server_can_prepare_stays_a_statement() {
    let texts: Vec<String> = TEXTS
        .into_iter()
        .flat_map(|(file, least)| {
            let texts: Vec<String> = file.split(";\n").map(|text| text.trim().to_owned()).collect();
            assert!(texts.len() >= least, "{}", texts.len());
            texts
        })
        .collect();
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::fast().with_statements()).unwrap();
        server.execute("postgres", SCHEMA).unwrap();
        server.execute("postgres", PREPARES).unwrap();
        let refused = refusals(&server, "postgres", &texts);
        let accepted: Vec<String> =
            texts.iter().zip(&refused).filter(|(_, refused)| refused.is_none()).map(|(text, _)| text.clone()).collect();
        // What a version does not know, or no longer: a keyword that follows a number at once.
        let unknown = match major {
            ..16 => 24,
            16..18 => 8,
            _ => 1,
        };
        let expected = texts.len() - unknown;
        assert!(accepted.len() >= expected, "{major}: {} of {}: {refused:#?}", accepted.len(), texts.len());
        hold(&server, &accepted);
        // As the server records them: with parameters in the place of constants, and without the PREPARE.
        server.execute("postgres", "select pg_stat_statements_reset()").unwrap();
        for text in &accepted {
            server.execute("postgres", &format!("begin; {text}; rollback")).ok();
        }
        let recorded = server.query("postgres", "select query from pg_stat_statements where query ~ '\\$1'").unwrap();
        let recorded: Vec<String> =
            recorded.into_iter().flatten().flatten().filter(|text| !text.contains("prepares")).collect();
        let refused = refusals(&server, "postgres", &recorded);
        let parse: Vec<String> = recorded
            .iter()
            .zip(&refused)
            .filter(|(_, refused)| parses(refused))
            .map(|(text, _)| text.clone())
            .collect();
        assert!(parse.len() > 30, "{major}: {} of {}", parse.len(), recorded.len());
        for (text, refused) in
            parse.iter().zip(refusals(&server, "postgres", &parse.iter().map(|text| mask(text)).collect::<Vec<_>>()))
        {
            assert!(parses(&refused), "{major}: {refused:?}\n{text}\n{}", mask(text));
        }
    }
}

fn parses(refused: &Option<String>) -> bool {
    refused.as_ref().is_none_or(|refused| !refused.starts_with("42601"))
}

/// Holds that masked and redacted texts parse, and that no name in them is unknown.
fn hold(server: &Server, accepted: &[String]) {
    let major = server.major();
    // Constraints are not in the document.
    let is_fine =
        |state: &String| OF_TYPES.iter().any(|code| state.starts_with(code)) || state.starts_with("42704 constraint");
    let is_known = |refused: &Option<String>| refused.as_ref().is_none_or(is_fine);
    let masked: Vec<String> = accepted.iter().map(|text| mask(text)).collect();
    let mut wrong = Vec::new();
    for ((text, masked), refused) in accepted.iter().zip(&masked).zip(refusals(server, "postgres", &masked)) {
        if !is_known(&refused) {
            wrong.push(format!("{refused:?}\n  {text}\n  {masked}"));
        }
    }
    assert!(wrong.is_empty(), "{major}: masked\n{}", wrong.join("\n"));
    let mut key = Key::new(&[7; SECRET_BYTES]);
    let before = document(server, "postgres", &masked);
    let redacted = pgdba_snapshot::read(&redact(&before, &mut key, Vec::new()).unwrap()).unwrap();
    renamed(server, &key);
    let texts = texts_of(&redacted);
    assert_eq!(texts.len(), masked.len());
    for ((masked, redacted), refused) in masked.iter().zip(&texts).zip(refusals(server, "redacted", &texts)) {
        if !is_known(&refused) {
            wrong.push(format!("{refused:?}\n  {masked}\n  {redacted}"));
        }
    }
    assert!(wrong.is_empty(), "{major}: redacted, {} of {}\n{}", wrong.len(), texts.len(), wrong.join("\n"));
    assert_eq!(texts_of(&restore(redacted, &key).unwrap()), masked, "{major}");
}
