//! Calls of `pgdba config show` and `config diff` that cannot be answered.

use serde_json::json;
use xtask::servers::{NEWEST, Server, ServerOptions};

use super::inspect;
use crate::program::pgdba;

#[test]
fn a_call_that_cannot_be_answered_says_why() {
    let run = pgdba(&["config", "diff", "--snapshot", "x", "--against", "y", "-o", "z"]);
    assert!(run.code == Some(2) && run.stderr.contains("cannot be used with"), "{}", run.stderr);
    let run =
        pgdba(&["config", "diff", "--dsn", "host=127.0.0.1 port=1", "--against", "/no/such/file", "--format", "json"]);
    assert_eq!((run.code, &run.envelope()["error"]["code"]), (Some(1), &json!("file_failed")));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("part.json");
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let dsn = server.dsn("postgres", "postgres");
    let part = pgdba(&["inspect", "--dsn", &dsn, "--sections", "pg_locks", "-o", file.to_str().unwrap()]);
    assert_eq!(part.code, Some(0), "{}", part.stderr);
    let run = pgdba(&["config", "show", "--snapshot", file.to_str().unwrap(), "--format", "json"]);
    assert_eq!((run.code, &run.envelope()["error"]["code"]), (Some(1), &json!("section_missing")));
    let whole = folder.path().join("whole.json");
    inspect(&server, &whole);
    for (first, second, named) in [(&whole, &file, file.to_str().unwrap()), (&file, &whole, "of the first")] {
        let (first, second) = (first.to_str().unwrap(), second.to_str().unwrap());
        let run = pgdba(&["config", "diff", "--snapshot", first, "--against", second, "--format", "json"]);
        let error = &run.envelope()["error"];
        assert_eq!((run.code, &error["code"]), (Some(1), &json!("section_missing")), "{error}");
        assert!(error["message"].as_str().unwrap().contains(named), "{error}");
    }
}
