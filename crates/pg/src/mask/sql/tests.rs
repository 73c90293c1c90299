use proptest::prelude::*;

use super::{NO_STATEMENT, is_plannable, is_summary, mask, mask_expression, verbs};

#[test]
fn literals_of_every_kind_become_parameters() {
    for (query, masked) in [
        ("select * from t where a = 'x''y' and b = 12.5e3", "select * from t where a = $1 and b = $2"),
        ("select E'a\\'b', U&'x', B'01', X'ff', N'n'", "select $1, $2, $3, $4, $5"),
        ("select 'a\\', 'b'", "select $1, $2"),
        ("select 'a\\'b', 'c'", "select $1, $2"),
        ("select 'a\\'b\\'c', 'd'", "select $1"),
        ("select a like b escape '\\' and c", "select a like b escape $1 and c"),
        ("select $$body$$, $tag$ a $$ b $tag$, $7", "select $8, $9, $7"),
        ("select /* secret /* nested */ */ 1 -- trailing\n from t1", "select $1 from t1"),
        ("SELECT \"Weird \"\"name\" FROM \"S\".t2", "SELECT \"Weird \"\"name\" FROM \"S\".t2"),
        ("select .5, a.b2, c3", "select $1, a.b2, c3"),
        ("select 'a'from t where a='b'or 1=1", "select $1 from t where a=$2 or $3=$4"),
        ("select a ? 'b'", "select a ? $1"),
        ("select 'a'\n'b'", "select $1"),
        (
            "select U&'d!0061' uescape '!', U&\"d!0061\" uescape '!' from t",
            "select $1, U&\"d!0061\" uescape '!' from t",
        ),
    ] {
        assert_eq!(mask(query), masked, "{query}");
    }
}

#[test]
fn what_is_part_of_the_shape_stays() {
    for (query, masked) in [
        (
            "select a, 5 from t group by 1, 2 order by 2 limit 7",
            "select a, $1 from t group by 1, 2 order by 2 limit $2",
        ),
        (
            "select a::numeric(12,2) from t where b > date '2026-01-31'",
            "select a::numeric(12,2) from t where b > date '$1'",
        ),
        ("select date $6 + interval '1 day'", "select date '$6' + interval '$7'"),
        ("select extract('year' from a)", "select extract('$1' from a)"),
    ] {
        assert_eq!(mask(query), masked, "{query}");
        assert_eq!(mask(masked), masked, "{query}");
    }
}

#[test]
fn expressions_keep_their_shape_and_name_their_literals() {
    let predicate = "((status = 'paid'::text) AND (amount > 12.5) AND (\"Key\" IS NOT NULL))";
    let length = |literal: &str| literal.len().to_string();
    assert_eq!(
        mask_expression(predicate, &length),
        "((status = ?6::text) AND (amount > ?4) AND (\"Key\" IS NOT NULL))"
    );
    assert_eq!(mask_expression("lower(name)", &length), "lower(name)");
    assert_eq!(mask_expression("a = E'x\\'y'||'open", &length), "a = ?7||?5");
    assert_eq!(mask_expression("(a)::numeric(12,2)", &length), "(a)::numeric(12,2)");
}

#[test]
fn a_text_cut_inside_a_literal_is_masked_to_its_end() {
    for query in ["select 'hunter2", "select $x$hunter2", "select \"hunter2", "select 1 /* hunter2", "select $hunter2"]
    {
        assert!(!mask(query).contains("hunter2"), "{query} -> {}", mask(query));
    }
}

/// The server cuts a statement anywhere, never before 96 bytes. What stands in its literals is in capitals here.
#[test]
fn wherever_a_text_is_cut_nothing_of_a_literal_stays() {
    let start = format!("select {}", "a_column, ".repeat(9));
    for end in [
        "'SECRET''SECRET', b, e'SEC\\'RET\\\\', b'SECRET', n'SECRET' from t where c = u&'SEC\\0041' uescape 'X'",
        "$q$SECRET $$ SECRET$q$, $$SECRET$$, 'SECRET'\n 'SECRET' /* SECRET /* SECRET */ SECRET */, b -- SECRET\n, c",
        "'SECRET\\', 'SECRET', 'SECRET\\'SECRET', b from t where c like 'SECRET' escape '\\' and d = 'SECRET'",
        "date 'SECRET', x'SECRET'::text, interval 'SECRET' day, (e'SECRET''SECRET')",
    ] {
        let text = format!("{start}{end}");
        for cut in start.len()..=text.len() {
            let masked = mask(&text[..cut]);
            assert!(!masked.contains(|c: char| c.is_ascii_uppercase()), "{} -> {masked}", &text[..cut]);
        }
    }
}

#[test]
fn utility_statements_keep_their_first_words() {
    assert_eq!(mask("ALTER ROLE app PASSWORD 'x'"), "ALTER ROLE");
    assert_eq!(mask("set app.secret = hunter2"), "SET");
    assert_eq!(mask("COPY t FROM PROGRAM 'curl u:p@h'"), "COPY");
    assert_eq!(mask("hunter2"), "?");
    assert_eq!(mask("START_REPLICATION SLOT \"hunter2\" LOGICAL 0/0 (proto_version '4')"), "START_REPLICATION");
    assert_eq!(mask("BASE_BACKUP ( LABEL 'hunter2',  PROGRESS )"), "BASE_BACKUP");
    assert_eq!(mask("create"), "CREATE");
    assert_eq!(mask("create hunter"), "CREATE");
    assert_eq!(mask(";"), "?");
    assert_eq!(mask("/* only */"), "");
    assert_eq!(mask(""), "");
}

#[test]
fn of_several_statements_the_first_words_of_each_stay() {
    for (text, masked) in [
        ("select 1; alter role app password 'x'", "SELECT; ALTER ROLE"),
        ("set app.secret = 'a;b'; ; select $$c;d$$ ;", "SET; SELECT"),
        ("begin; hunter2; (select 1)", "BEGIN; ?; SELECT"),
        ("set a = 1; set b = 2; set c = 3; set d = 4; set e = 5; set f = 6", "SET; SET; SET; SET; SET; …"),
        ("create function f() returns int begin atomic select 1; select 2; end", "CREATE FUNCTION"),
        ("set a = 1;", "SET"),
        ("set a = 'x; select 1", "SET"),
    ] {
        assert_eq!(mask(text), masked, "{text}");
        assert!(is_summary(masked), "{masked}");
    }
    for text in ["SELECT; HUNTER2", "SELECT;", "; SELECT", "SET; select", "?", "…", "SELECT"] {
        assert!(!is_summary(text), "{text}");
    }
}

#[test]
fn a_summary_is_what_a_mask_leaves_of_a_utility_statement() {
    for verb in verbs() {
        assert_eq!(is_summary(&mask(verb)), !is_plannable(verb), "{verb}");
    }
    for text in ["TABLE DATA", "CREATE HUNTER2", "Create", "HUNTER2", "SELECT", "create table", ""] {
        assert!(!is_summary(text), "{text}");
    }
}

#[test]
fn what_the_server_writes_in_place_of_a_statement_stays() {
    for text in NO_STATEMENT {
        assert_eq!(mask(text), text);
    }
    assert_eq!(mask("<insufficient privilege> 'x'"), "?");
}

proptest! {
    #[test]
    fn no_quoted_text_survives(before in "[a-z =(]{0,12}", secret in "[A-Z]{6,12}", after in "[a-z =)]{0,12}") {
        for query in [
            format!("select {before} '{secret}' {after}"),
            format!("select {before} E'\\'{secret}' {after}"),
            format!("select {before} $q${secret}$q$ {after}"),
            format!("select {before} /* {secret} */ {after}"),
            format!("select {before} '{secret}"),
        ] {
            prop_assert!(!mask(&query).contains(&secret), "{} -> {}", query, mask(&query));
        }
    }

    #[test]
    fn masking_any_text_ends_and_never_panics(query in "\\PC{0,200}") {
        let _ = mask(&query);
    }
}
