//! Laws of redaction: what goes in comes out again, and nothing of it is in between.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::section::ColumnType;

fn key() -> Key {
    Key::new(&[7; SECRET_BYTES])
}

fn redacted(snapshot: &DiagSnapshot, key: &mut Key) -> String {
    String::from_utf8(redact(snapshot, key, Vec::new()).unwrap()).unwrap()
}

fn sections_of(snapshot: &DiagSnapshot) -> BTreeMap<String, Value> {
    let value = |raw: &RawValue| serde_json::from_str(raw.get()).unwrap();
    snapshot.sections.iter().map(|(name, raw)| (name.clone(), value(raw))).collect()
}

/// Redacts a document, through a key file restores it, and holds both against each other.
fn round_trip(bytes: &[u8]) -> (String, Key) {
    let before = crate::read(bytes).unwrap();
    let mut key = key();
    let text = redacted(&before, &mut key);
    let read = crate::read(text.as_bytes()).unwrap();
    assert_eq!(read.problems, Vec::<String>::new());
    assert_eq!((read.redacted, read.redaction_key.clone(), read.checksum_fits), (true, Some(key.id()), Some(true)));
    let from_file = Key::from_json(&key.to_json().unwrap()).unwrap();
    let after = restore(read, &from_file).unwrap();
    let (expected, found) = (sections_of(&before), sections_of(&after));
    assert_eq!(expected.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>());
    for (name, section) in expected {
        assert_eq!(ordered(&name, &found[&name]), ordered(&name, &section), "{name}");
    }
    assert_eq!(after.identity, before.identity);
    assert_eq!((after.producer, after.prereqs, after.sampling), (before.producer, before.prereqs, before.sampling));
    assert!(!after.redacted && after.redaction_key.is_none());
    (text, key)
}

/// A section with the rows and lists in order that a server gives in the order of names.
fn ordered(name: &str, section: &Value) -> Value {
    let mut section = section.clone();
    let Some(rows) = section.get_mut("rows").and_then(Value::as_array_mut) else { return section };
    for list in rows.iter_mut().filter_map(Value::as_array_mut).flatten().filter_map(Value::as_array_mut) {
        list.sort_by_key(Value::to_string);
    }
    let is_of_database = sections::find(name).is_some_and(|spec| spec.scope == crate::section::Scope::Database);
    if is_of_database || order::ORDERED_BY_NAME.iter().any(|(ordered, ..)| *ordered == name) {
        rows.sort_by_key(Value::to_string);
    }
    section
}

/// A document with one section.
fn document(section: &str, columns: &[&str], rows: &Value) -> String {
    document_of(&json!({ section: { "available": true, "columns": columns, "rows": rows } }))
}

fn document_of(sections: &Value) -> String {
    json!({ "format": crate::FORMAT, "format_version": 1, "sections": sections }).to_string()
}

#[test]
fn fixtures_come_back_as_they_were() {
    for bytes in [
        include_bytes!("../../../../fixtures/example.json.gz").as_slice(),
        include_bytes!("../../../../fixtures/pg12.json.gz").as_slice(),
        include_bytes!("../../../../fixtures/pg18-plain.json.gz").as_slice(),
    ] {
        round_trip(bytes);
    }
}

#[test]
fn the_same_name_has_the_same_token_everywhere() {
    let sections = json!({
        "pg_class": { "available": true, "columns": ["oid", "nspname", "relname", "relkind", "reloptions"],
                      "rows": [[1, "shop", "orders", "r", ["fillfactor=70"]], [2, "shop", "orders_idx", "i", null]] },
        "pg_db_role_setting": { "available": true, "columns": ["name", "setting"], "rows": [["search_path", "sales"]] },
        "pg_namespace": { "available": true, "columns": ["nspname"], "rows": [["sales"]] },
        "pg_settings": { "available": true, "columns": ["name", "setting"],
                         "rows": [["search_path", "shop, public"], ["work_mem", "4096"]] },
        "pg_stat_user_tables": { "available": true, "columns": ["datname"], "rows": [["shop_db"]], "limited": "database shop_db",
                                 "earlier": { "collected_at": "2026-11-24T02:00:00Z", "rows": [["shop_db"]] },
                                 "between": [{ "rows": [["postgres"], ["shop_db"]] }],
                                 "partial": [{ "datname": "shop_db", "error": "no shop_db" }] },
        "pg_stat_statements": { "available": true, "columns": ["query"],
            "rows": [["select o.total::numeric, count(*) from shop.Orders o where \"orders\".paid = ? and $1 order by date"]] },
        "pg_locks": { "available": false, "error": "permission denied for table orders (SQLSTATE 42P01)" },
    });
    let (text, _) = round_trip(document_of(&sections).as_bytes());
    assert!(!text.contains("shop"), "{text}");
    for row in [
        r#"[1,"s1","t1","r",["fillfactor=70"]]"#,
        r#"[2,"s1","i1","i",null]"#,
        r#"["search_path","s1, public"]"#,
        r#"["search_path","s2"]"#,
        r#"["work_mem","4096"]"#,
        r#"["select name3.name1::numeric, count(*) from s1.t1_1 name3 where \"t1\".name4 = ? and $1 order by name2"]"#,
        r#""permission denied for table t1 (SQLSTATE 42P01)""#,
        r#""earlier":{"collected_at":"2026-11-24T02:00:00Z","rows":["#,
        r#""partial":[{"datname":"d1","error":"no d1"}]"#,
    ] {
        assert!(text.contains(row), "{row} is not in {text}");
    }
}

#[test]
fn what_nobody_has_listed_goes_as_a_whole() {
    let sections = json!({
        "acme_section": { "columns": ["acme"], "rows": [["acme"]] },
        "pg_class": { "available": true, "columns": ["oid", "acme_column", "relpages"], "acme_member": ["acme"],
                      "rows": [[1, "acme", 3], [2, { "acme": 1 }, "acme"], ["acme", 771177117, null], "acme", [1, 2, 3, "acme"]],
                      "between": "acme", "earlier": { "rows": [[1, "acme"]], "acme": 1 },
                      "partial": [{ "datname": "acme", "error": "acme", "acme": 2 }], "limited": ["acme"] },
        "pg_index": "acme",
        "pg_roles": { "available": true, "columns": ["rolname"], "rows": [[771177117], [["acme"]], [{ "acme": 1 }]] },
    });
    let (text, _) = round_trip(document_of(&sections).as_bytes());
    assert!(!text.contains("acme") && !text.contains("771177117"), "{text}");
    assert!(text.contains("relpages"));
}

#[test]
fn neither_numbers_nor_rows_follow_the_order_of_the_names_or_of_the_catalog() {
    let names: Vec<String> = (0..40).map(|number| format!("orders_{number:02}")).collect();
    let rows = |columns: usize| -> Value { names.iter().map(|name| vec![name.as_str(); columns]).collect() };
    let sections = json!({
        "pg_class": { "available": true, "columns": ["relname"], "rows": rows(1) },
        "pg_replication_slots": { "available": true, "columns": ["slot_name"], "rows": rows(1) },
        "pg_stat_statements": { "available": true, "columns": ["query"],
            "rows": names.iter().map(|name| [format!("select x_{name}")]).collect::<Vec<_>>() },
    });
    let document = document_of(&sections);
    let tokens = |secret: u8, section: &str| -> Vec<String> {
        let text = redacted(&crate::read(document.as_bytes()).unwrap(), &mut Key::new(&[secret; SECRET_BYTES]));
        let rows = sections_of(&crate::read(text.as_bytes()).unwrap())[section]["rows"].clone();
        rows.as_array().unwrap().iter().map(|row| row[0].as_str().unwrap().to_owned()).collect()
    };
    for section in ["pg_class", "pg_stat_statements"] {
        let [one, other] = [1, 2].map(|secret| tokens(secret, section));
        let same = one.iter().zip(&other).filter(|(one, other)| one == other).count();
        assert!(same < 10, "{section}: {same} of {} bear the same number under two keys", one.len());
    }
    // The order of the rows is that of the tokens.
    assert!(tokens(1, "pg_replication_slots").is_sorted());
    assert!(!tokens(1, "pg_class").is_sorted());
    round_trip(document.as_bytes());
}

/// The rows of one database after those of another follow the tokens of the databases, parameters of extensions the others.
#[test]
fn databases_and_parameters_are_not_in_the_order_of_their_names() {
    let databases: Vec<String> = (0..12).map(|number| format!("shop_{number:02}")).collect();
    let parameters = ["DateStyle", "acme.a", "autovacuum", "shop.b", "shop.c", "work_mem"];
    let partial: Value = databases.iter().map(|name| json!({ "datname": name, "error": "gone" })).collect();
    let sections = json!({
        "pg_class": { "available": true, "columns": ["datname", "relname"], "partial": partial,
                      "rows": databases.iter().flat_map(|name| [[name, "b"], [name, "a"]]).collect::<Vec<_>>() },
        "pg_settings": { "available": true, "columns": ["name"], "rows": parameters.map(|name| [name]) },
        "pg_locks": { "available": true, "columns": ["pid", "locktype", "classid", "objid"],
                      "rows": [[1, "advisory", 7, 3], [2, "advisory", 7, 4], [3, "object", 7, 3]] },
    });
    let (text, key) = round_trip(document_of(&sections).as_bytes());
    let redacted = crate::read(text.as_bytes()).unwrap();
    let section = |name: &str| sections_of(&redacted)[name].clone();
    let first = |row: &Value| row[0].as_str().unwrap().to_owned();
    let rows = |name: &str| section(name)["rows"].as_array().unwrap().clone();
    assert!(rows("pg_class").iter().map(first).is_sorted());
    let names =
        |tokens: Vec<String>| tokens.iter().map(|token| key.name(token).unwrap().to_owned()).collect::<Vec<_>>();
    assert!(!names(rows("pg_class").iter().map(first).collect()).is_sorted());
    let missing = section("pg_class")["partial"].as_array().unwrap().clone();
    assert!(!names(missing.iter().map(|one| one["datname"].as_str().unwrap().to_owned()).collect()).is_sorted());
    let order: Vec<String> = rows("pg_settings").iter().map(first).collect();
    assert_eq!(
        (&order[..3], &order[3..]),
        (
            &["DateStyle", "autovacuum", "work_mem"].map(str::to_owned)[..],
            &["param1", "param2", "param3"].map(str::to_owned)[..]
        )
    );
    let locks = rows("pg_locks");
    assert_eq!((locks[0][2] == locks[1][2], &locks[2][2], &locks[2][3]), (true, &json!(7), &json!(3)));
    assert!(locks[0][2] != json!(7) && locks[0][3] != json!(3) && locks[0][3] != locks[1][3]);
    let restored = restore(redacted, &key).unwrap();
    assert_eq!(sections_of(&restored)["pg_settings"]["rows"], sections["pg_settings"]["rows"]);
    assert_eq!(sections_of(&restored)["pg_class"]["rows"], sections["pg_class"]["rows"]);
}

#[test]
fn messages_of_pgdba_stay_readable_whatever_names_there_are() {
    let own = crate::permission::limitation("pg_read_all_stats");
    let message = "the server's table orders of \"shop\" is hidden, and so is 'orders'";
    let sections = json!({
        "pg_class": { "available": true, "columns": ["relname"], "rows": [["orders"], ["users"], ["role"]] },
        "pg_db_role_setting": { "available": true, "columns": ["name"], "rows": [["role"]] },
        "pg_locks": { "available": true, "columns": [], "rows": [], "limited": own },
        "pg_stat_activity": { "available": true, "columns": ["query"], "rows": [["<insufficient privilege>"]] },
        "pg_stats": { "available": false, "error": message },
    });
    let (text, _) = round_trip(document_of(&sections).as_bytes());
    assert!(text.contains(&own) && text.contains("<insufficient privilege>"), "{text}");
    assert!(!text.contains("orders") && !text.contains("shop") && text.contains("the server's table t"), "{text}");
}

#[test]
fn figures_keep_all_their_digits() {
    let rows = "[[1,0.12345678901234567890123],[18446744073709551616,1e400]]";
    let text =
        document("pg_class", &["oid", "reltuples"], &json!([])).replace("\"rows\":[]", &format!("\"rows\":{rows}"));
    let snapshot = crate::read(text.as_bytes()).unwrap();
    let written = redacted(&snapshot, &mut key());
    assert!(
        written.contains("0.12345678901234567890123") && written.contains("18446744073709551616,1e400"),
        "{written}"
    );
}

#[test]
fn one_key_gives_two_documents_the_same_tokens_and_another_key_other_fingerprints() {
    let mut identity = Identity {
        system_identifier: Some("7412".to_owned()),
        config_host: Some("db1".to_owned()),
        ..Identity::default()
    };
    let original = identity.fingerprint_of().unwrap().digest;
    identity.fingerprint = Some(original.clone());
    let identity = format!("\"identity\":{},\"sections\"", json!(identity));
    let text = document("pg_class", &["oid", "relname"], &json!([[1, "orders"]])).replace("\"sections\"", &identity);
    let (first, first_key) = round_trip(text.as_bytes());
    let mut second_key = Key::from_json(&first_key.to_json().unwrap()).unwrap();
    let second = redacted(&crate::read(text.as_bytes()).unwrap(), &mut second_key);
    assert_eq!(first, second);
    let other = redacted(&crate::read(text.as_bytes()).unwrap(), &mut Key::new(&[8; SECRET_BYTES]));
    let fingerprint = |text: &str| crate::read(text.as_bytes()).unwrap().fingerprint().unwrap();
    assert_ne!(fingerprint(&first), fingerprint(&other));
    assert!(!first.contains("7412") && !first.contains("db1") && !first.contains(&original), "{first}");
}

#[test]
fn a_survey_counts_what_a_stranger_would_learn_and_a_redacted_document_tells_nothing() {
    let sections = json!({
        "pg_class": { "available": true, "columns": ["oid", "nspname", "relname"],
                      "rows": [[1, "shop", "orders"], [2, "public", "items"]] },
        "pg_control_system": { "available": true, "columns": ["system_identifier"], "rows": [["7412"]] },
        "pg_stat_activity": { "available": true, "columns": ["client_addr", "query", "state"],
                              "rows": [["10.0.0.5", "select a from orders", "active"], ["10.0.0.5", "select 'it'", "jane@example.com"]] },
    });
    let snapshot = crate::read(document_of(&sections).as_bytes()).unwrap();
    let found = survey(&snapshot);
    assert_eq!(found.words(), "1 schema, 2 tables, 1 host or address, 1 other name, 1 text, 2 statement texts");
    let activity = found.sections.iter().find(|section| section.name == "pg_stat_activity").unwrap();
    assert_eq!((activity.names, activity.statements, activity.addresses), (0, 2, 2));
    let found = search(&document_of(&sections), false);
    assert_eq!(found.suspicions.iter().map(|found| found.what).collect::<Vec<_>>(), ["an email address"]);
    let text = redacted(&snapshot, &mut key());
    let found = survey(&crate::read(text.as_bytes()).unwrap());
    assert_eq!((found.words().as_str(), found.sections.len()), ("no names", 0));
}

/// Names that a scanner may trip over, tokens among them.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z_\"'$ .,;:=+*/(){}\\[\\]?%@<>|&!~#^`\\\\\n\t0-9-]{0,24}",
        "\\PC{0,12}",
        "(t1|c2|name1|text1|json1|t1_1|\"t1\"|'text1'|cluster1|pg_toast_1|public|select|name|date|count|[a-c]{1,2}) {0,1}",
        any::<String>(),
    ]
}

/// What stays in parameters, and tokens beside it.
fn own_words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("$libdir"),
        Just("$system"),
        Just("/tmp"),
        Just("public"),
        Just("\"$user\""),
        Just("cp"),
        Just("***"),
        Just("localhost"),
        Just("t1"),
        Just("h1"),
        Just("path1"),
        Just("'text1'"),
        Just("\"t1\""),
        Just("64MB"),
        Just("on"),
        Just("pg_catalog.x"),
        Just("5"),
        Just("a"),
        Just("$libdir/t1"),
        Just("%m"),
    ];
    proptest::collection::vec((word, "[ ,.=:/$']{0,2}"), 0..5)
        .prop_map(|words| words.into_iter().map(|(word, gap)| format!("{word}{gap}")).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever stands in whatever text column comes back, and no letter of it that is no word of PostgreSQL stays.
    #[test]
    fn any_text_in_any_column_comes_back(texts in proptest::collection::vec(hostile(), 1..6), marker in "[a-z]zq[a-z]{3}") {
        let mut sections = serde_json::Map::new();
        for spec in crate::sections::ALL {
            let columns: Vec<&str> = spec.columns.iter().map(|column| column.name).collect();
            let rows: Vec<Vec<Value>> = texts.iter().map(|text| {
                let marked = format!("{text}{marker}{text}");
                spec.columns.iter().map(|column| match column.ty {
                    ColumnType::TextList => json!([text, marked, null]),
                    _ if columns::rule(spec.name, column.name) == Some(Rule::Stays) => json!(text),
                    _ => json!(marked),
                }).collect()
            }).collect();
            sections.insert(spec.name.to_owned(), json!({ "available": true, "columns": columns, "rows": rows, "limited": texts[0] }));
        }
        round_trip(document_of(&Value::Object(sections)).as_bytes());
    }

    /// A parameter's value comes back, whatever the parameter and the value.
    #[test]
    fn any_value_of_any_parameter_comes_back(values in proptest::collection::vec(hostile(), 1..4), own in own_words()) {
        for name in vocabulary::PARAMETERS.iter().chain(["role", "acme.x"]) {
            for value in values.iter().chain([&own, &format!("{own},{}", values[0]), &format!("host={own} user={}", values[0])]) {
                // The tokens among the words are those of something else.
                let mut key = key();
                for kind in [Kind::Table, Kind::Host, Kind::Path, Kind::Text] {
                    key.token(kind, kind.prefix());
                }
                let written = setting::redact(&mut key, name, value);
                prop_assert_eq!(&text::restore(&key, None, &written), value, "{}: {}", name, written);
            }
        }
    }

    /// A name in a text goes, whatever stands around it.
    #[test]
    fn no_name_in_a_text_stays(before in hostile(), marker in "[a-z]zq[a-z]{3}", after in hostile()) {
        let texts = [format!("{before} {marker} {after}"), format!("{before}{marker}{after}"), format!("\"{marker}\"{after}")];
        for spec in crate::sections::ALL {
            for column in spec.columns.iter().filter(|column| column.ty == ColumnType::Text) {
                let Some(rule) = columns::rule(spec.name, column.name) else { continue };
                // Words may hold a locale or a time zone, which look like any word.
                if matches!(rule, Rule::Stays) || column.name == "name" {
                    continue;
                }
                for text in &texts {
                    let neighbours = Neighbours { name: "work_mem".to_owned(), ..Neighbours::default() };
                    let written = cell::redact(&mut key(), rule, &neighbours, text);
                    prop_assert!(!written.contains(&marker), "{}.{}: {} -> {}", spec.name, column.name, text, written);
                }
            }
        }
    }
}
