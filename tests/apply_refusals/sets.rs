//! Calls that cannot be meant: arguments and files that name nothing, twice, or something else.

use std::fs;

use xtask::servers::ServerOptions;

use super::desk::{Desk, id, usage};

#[test]
fn a_call_that_cannot_be_meant_is_refused() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let apply = |more: &[&'static str]| [&["apply", "--yes"], more].concat();
    let reset_too = apply(&["--set", "jit=on", "--reset", "JIT"]);
    let secret_name = apply(&["--set", "postgres://u:hunter2@h/db?sslmode=require"]);
    let masked = apply(&["--set", "primary_conninfo=host=a password=***"]);
    desk.refuses(&[
        usage("nothing", &apply(&[]), "nothing_to_change", "no parameter was specified", "Use --set name=value"),
        usage("twice", &apply(&["--set", "jit=on", "--set", "Jit=off"]), "parameter_twice", "\"Jit\"", "each"),
        usage("set and reset", &reset_too, "parameter_twice", "more than once", "each parameter once"),
        usage(
            "no pair",
            &apply(&["--set", "work_mem"]),
            "bad_pair",
            "\"work_mem\" does not have",
            "--set work_mem=64MB",
        ),
        usage("URL", &apply(&["--set", "postgres://u:hunter2@h"]), "bad_pair", "name=value", "Write --set"),
        usage("URL with =", &secret_name, "bad_name", "invalid parameter name", "letters"),
        usage("reset of no name", &apply(&["--reset", "a b"]), "bad_name", "invalid parameter name", "letters"),
        usage("masked", &masked, "masked_value", "masks secrets", "Replace the mask"),
        usage("no terminal", &["apply", "--set", "jit=off"], "not_confirmed", "not a terminal", "--yes"),
        usage("unknown", &["rollback", "--changeset-id", "0199"], "unknown_change_set", "0199", "config history"),
        usage("resume", &["apply", "--resume", "--changeset-id", "0199"], "unknown_change_set", "", "config history"),
        usage("history", &["history", "--changeset-id", "0199"], "unknown_change_set", "", "config history"),
        usage(
            "no Patroni",
            &apply(&["--set", "jit=off", "--via", "patroni"]),
            "no_patroni",
            "--via patroni needs",
            "Add --patroni http://",
        ),
    ]);
}

#[test]
fn a_file_that_holds_no_change_set_is_refused() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changes.json");
    let path = path.to_str().unwrap();
    let hint = "{\"parameters\": {\"work_mem\": \"64MB\"}}";
    let cases = [
        ("empty", "", "change_set_not_json", "unexpected end", hint),
        ("torn", "{\"parameters\":{\"a\":\"hunter2", "change_set_not_json", "unexpected end, line 1", hint),
        ("no JSON", "work_mem = hunter2", "change_set_not_json", "invalid syntax", hint),
        ("a list", "[1]", "bad_change_set", "", hint),
        ("a snapshot", "{\"format\":\"pgdba.diag_snapshot\",\"sections\":{}}", "bad_change_set", "", hint),
        ("another format", "{\"format\":\"x\",\"parameters\":{\"jit\":1}}", "bad_change_set", "format is not", hint),
        ("nested", "{\"parameters\":{\"jit\":[\"hunter2\"]}}", "bad_change_set", "the value of \"jit\"", hint),
        ("newer", "{\"format_version\":9,\"parameters\":{\"jit\":1}}", "change_set_too_new", "is 9", "a newer one"),
        ("none", "{\"parameters\":{}}", "nothing_to_change", "no parameter", "--set name=value"),
        ("twice", "{\"parameters\":{\"jit\":1,\"JIT\":0}}", "parameter_twice", "more than once", "once"),
        (
            "bad name",
            "{\"parameters\":{\"postgres://u:hunter2@h\":1}}",
            "bad_name",
            "invalid parameter name",
            "letters",
        ),
    ];
    for (name, text, code, says, hint) in cases {
        fs::write(path, text).unwrap();
        desk.refuses(&[usage(name, &["apply", "--yes", "--file", path], code, says, hint)]);
        let told = desk.run(&["apply", "--yes", "--file", path]).stderr;
        assert!(told.contains("changes.json"), "which file: {told}");
    }
    fs::write(path, "{\"parameters\":{\"log_line_prefix\":\"a\\u0000b\"}}").unwrap();
    desk.refuses(&[super::desk::case(
        "zero byte",
        &["apply", "--yes", "--file", path],
        "bad_value",
        "must not contain a zero byte",
        "Remove the zero byte.",
    )]);
    let missing = folder.path().join("missing.json");
    let missing = ["apply", "--yes", "--file", missing.to_str().unwrap()];
    desk.refuses(&[usage("missing", &missing, "file_failed", "missing.json", "Name a file")]);
}

#[test]
fn a_beginning_that_several_ids_have_is_ambiguous() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let (one, other) = (desk.apply(&["jit=off"]), desk.apply(&["work_mem=64MB"]));
    let (one, other) = (id(&one), id(&other));
    let common: String = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    assert!(common.len() > 4, "{one} {other}");
    let says = format!("the IDs of 2 change sets begin with {common}: {one}, {other}");
    let (code, hint) = ("ambiguous_change_set", "Use more characters of the ID");
    desk.refuses(&[
        usage("rollback", &["rollback", "--changeset-id", &common], code, &says, hint),
        usage("resume", &["apply", "--resume", "--changeset-id", &common], code, &says, hint),
        usage("history", &["history", "--changeset-id", &common], code, &says, hint),
    ]);
    let all = desk.run(&["history", "--changeset-id", one]);
    assert!(all.code == Some(0) && all.stdout.contains(one) && !all.stdout.contains(other), "{}", all.stdout);
    desk.done_as("postgres", &["rollback", "--changeset-id", other]);
}
