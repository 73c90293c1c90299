//! The registry of clusters as a user meets it: names instead of connection strings, and no password on the disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::program::{Run, pgdba_with};

/// A home of its own for each test.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("home")
    }

    fn config(&self) -> PathBuf {
        self.folder().join("config.toml")
    }

    fn run(&self, args: &[&str]) -> Run {
        self.run_with(&[], args)
    }

    fn run_with(&self, more: &[(&str, Option<&str>)], args: &[&str]) -> Run {
        let folder = self.folder();
        let mut env = vec![("PGDBA_HOME", Some(folder.to_str().unwrap()))];
        env.extend(more);
        pgdba_with(&env, args)
    }

    /// Runs what must succeed and say nothing on standard error.
    fn done(&self, args: &[&str]) -> String {
        let run = self.run(args);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
        run.stdout
    }

    fn write(&self, text: &str) {
        fs::create_dir_all(self.folder()).unwrap();
        fs::write(self.config(), text).unwrap();
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_name_stands_in_for_a_connection_string() {
    let server = Server::start(NEWEST, &ServerOptions::default()).unwrap();
    server.execute("postgres", "create role named login").unwrap();
    server.execute("postgres", "create database shop").unwrap();
    let oid = server.query("postgres", "select oid from pg_database where datname = 'shop'").unwrap();
    let oid = oid[0][0].as_deref().unwrap().parse::<u32>().unwrap();
    let home = Home::new();
    home.done(&["cluster", "add", "shop-1", "--dsn", &server.dsn("named", "shop"), "--tag", "env=test"]);

    let run = home.run(&["check", "--name", "shop-1", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let envelope = run.envelope();
    assert_eq!((&envelope["ok"], &envelope["command"]), (&json!(true), &json!("check")));

    let file = home.0.path().join("shop.json");
    let run = home.run(&["inspect", "--name", "shop-1", "-o", file.to_str().unwrap()]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let document: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let identity = &document["identity"];
    assert_eq!((&identity["config_port"], &identity["dat_id"]), (&json!(server.port()), &json!(oid)));

    // What the entry leaves open comes from libpq's variables, and what it says wins over them.
    home.done(&["cluster", "add", "open", "--dsn", "host=127.0.0.1 user=named"]);
    let port = server.port().to_string();
    let env = [("PGPORT", Some(port.as_str())), ("PGDATABASE", Some("shop")), ("PGUSER", Some("nobody"))];
    let run = home.run_with(&env, &["inspect", "--name", "open", "--sections", "pg_settings", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.envelope()["data"]["identity"]["dat_id"], oid);
    let env = [("PGPORT", Some("1")), ("PGDATABASE", Some("shop"))];
    assert_eq!(home.run_with(&env, &["check", "--name", "open"]).code, Some(1));
    assert_eq!(home.run_with(&env, &["check", "--name", "shop-1"]).code, Some(0));

    fs::set_permissions(home.config(), PermissionsExt::from_mode(0o620)).unwrap();
    for command in [&["check", "--name", "shop-1"][..], &["inspect", "--name", "shop-1", "-o", "-"]] {
        let run = home.run(command);
        assert!(run.code == Some(0) && run.stderr.contains("others can write"), "{command:?}: {}", run.stderr);
    }
}

#[test]
fn the_registry_answers_in_every_format() {
    let home = Home::new();
    assert!(home.done(&["cluster", "list"]).contains("No clusters are registered."));
    assert!(!home.folder().exists(), "looking makes no folder");
    let add = ["cluster", "add", "prod", "--dsn", "postgres://u@db1:5433/shop", "--patroni", "http://db1:8008"];
    let said = home.done(&[&add[..], &["--tag", "env=prod", "--tag", "site=a|b", "--note", "call Ann"]].concat());
    assert!(said.starts_with("Added prod in ") && said.contains("pgdba check --name prod"), "{said}");
    home.done(&["cluster", "add", "backup", "--dsn", "host=/run/pg user=u", "--tag", "env=test"]);

    let list =
        ["name    server         tags", "backup  /run/pg        env=test", "prod    db1:5433/shop  env=prod, site=a|b"];
    assert_eq!(home.done(&["cluster", "list"]).lines().collect::<Vec<_>>(), list);
    assert_eq!(
        home.done(&["cluster", "list", "--tag", "env=prod", "--tag", "site=a|b", "--format", "markdown"]),
        "| name | server | tags |\n| --- | --- | --- |\n| prod | db1:5433/shop | env=prod, site=a\\|b |\n"
    );
    assert_eq!(home.done(&["cluster", "list", "--tag", "env=prod", "--tag", "site=x"]), "No cluster has these tags.\n");

    let prod = json!({
        "name": "prod", "server": "db1:5433/shop", "dsn": "postgres://u@db1:5433/shop", "patroni": "http://db1:8008",
        "tags": { "env": "prod", "site": "a|b" }, "note": "call Ann",
    });
    let shown = home.run(&["cluster", "show", "prod", "--format", "json"]).envelope();
    assert_eq!((&shown["command"], &shown["data"]), (&json!("cluster show"), &prod));
    let listed = home.run(&["cluster", "list", "--format", "json"]).envelope();
    assert_eq!((&listed["command"], &listed["data"]["clusters"][1]), (&json!("cluster list"), &prod));
    assert!(home.done(&["cluster", "show", "prod"]).contains("\nnote:    call Ann\n"));
    assert!(home.done(&["cluster", "show", "prod", "--format", "markdown"]).contains("- note: **call Ann**\n"));

    let again = home.run(&["cluster", "add", "prod", "--dsn", "host=db2", "--format", "json"]);
    assert_eq!((again.code, &again.envelope()["error"]["code"]), (Some(2), &json!("cluster_exists")));
    let replaced =
        home.run(&["cluster", "add", "prod", "--dsn", "host=db2", "--replace", "--format", "json"]).envelope();
    assert_eq!((&replaced["command"], &replaced["data"]["replaced"]), (&json!("cluster add"), &json!(true)));
    assert_eq!((&replaced["data"]["server"], &replaced["data"]["note"]), (&json!("db2"), &json!(null)));
    let removed = home.run(&["cluster", "remove", "prod", "--format", "json"]).envelope();
    assert_eq!((&removed["command"], &removed["data"]["name"]), (&json!("cluster remove"), &json!("prod")));
    assert!(home.done(&["cluster", "remove", "backup", "--format", "markdown"]).starts_with("Removed backup from "));
    assert_eq!(fs::read_to_string(home.config()).unwrap(), "");
}

#[test]
fn a_wrong_name_is_answered_with_the_known_ones() {
    let home = Home::new();
    let ask = |name: &str, hint: &str| {
        for command in [["check", "--name", name], ["inspect", "--name", name], ["cluster", "show", name]] {
            let run = home.run(&[&command[..], &["--format", "json"]].concat());
            let error = &run.envelope()["error"];
            assert_eq!((run.code, &error["code"]), (Some(2), &json!("unknown_cluster")), "{command:?}");
            assert!(error["hint"].as_str().unwrap().contains(hint), "{command:?}: {error}");
        }
    };
    ask("prod", "pgdba cluster add");
    home.done(&["cluster", "add", "test", "--dsn", "host=db1"]);
    ask("prod", "Registered clusters: test");
    for other in [["--dsn", "host=x"], ["--snapshot", "x.json"]] {
        let run = home.run(&["check", "--name", "test", other[0], other[1]]);
        assert_eq!(run.code, Some(2), "{other:?}");
        assert!(run.stderr.contains("cannot be used with"), "{}", run.stderr);
    }
    assert_eq!(home.run(&["inspect", "--name", "test", "--dsn", "host=x"]).code, Some(2));
}

#[test]
fn no_password_gets_into_the_file_or_into_a_message() {
    let home = Home::new();
    for (dsn, code) in [
        ("postgres://u:hunter2@db1/shop", "password_in_dsn"),
        ("host=db1 user=u password=hunter2", "password_in_dsn"),
        ("postgres://u@db1/shop?password=hunter2", "password_in_dsn"),
        ("postgres://u@db1/shop?sslmode=prefer&pass%77ord=hunter2", "password_in_dsn"),
        ("postgres://u:hunter2%40@db1@x/shop", "bad_dsn"),
        ("host=db1 user=u hunter2", "bad_dsn"),
        ("host=db1 pasword=hunter2", "bad_dsn"),
    ] {
        for format in ["text", "json", "markdown"] {
            let run = home.run(&["cluster", "add", "prod", "--dsn", dsn, "--format", format]);
            assert_eq!(run.code, Some(2), "{dsn}");
            assert!(!format!("{}{}", run.stdout, run.stderr).contains("hunter2"), "{}{}", run.stdout, run.stderr);
            if format == "json" {
                assert_eq!(run.envelope()["error"]["code"], code, "{dsn}");
            }
        }
    }
    let run = home.run(&["cluster", "add", "prod", "--dsn", "host=db1 password=hunter2"]);
    assert!(run.stderr.contains(".pgpass") && run.stderr.contains("PGPASSWORD"), "{}", run.stderr);
    let run = home.run(&["cluster", "add", "prod", "--dsn", "host=db1", "--patroni", "http://u:hunter2@db1:8008"]);
    assert!(run.code == Some(2) && run.stderr.contains("Patroni") && !run.stderr.contains("hunter2"), "{}", run.stderr);
    assert!(!home.folder().exists(), "a refusal leaves nothing behind");

    for (name, dsn) in [("a", "host=db1 passfile=/run/pass"), ("b", "service=prod")] {
        let run = home.run(&["cluster", "add", name, "--dsn", dsn]);
        assert_eq!(run.code, Some(0), "{dsn}: {}", run.stderr);
    }
    // Somebody put one in by hand.
    home.write("[clusters.prod]\ndsn = \"postgres://u:hunter2@db1/shop\"\n");
    for command in [&["check", "--name", "prod"][..], &["cluster", "list"], &["cluster", "show", "prod"]] {
        let run = home.run(command);
        assert_eq!(run.code, Some(1), "{command:?}");
        assert!(run.stderr.contains("line 2, column 7") && run.stderr.contains("hint: "), "{}", run.stderr);
        assert!(!format!("{}{}", run.stdout, run.stderr).contains("hunter2"), "{}", run.stderr);
    }
}

#[test]
fn what_a_user_wrote_survives() {
    let home = Home::new();
    let text =
        "# mine\n\n[display]\ncolour = true   # unknown to pgdba\n\n# Ann's\n[clusters.ann]\ndsn = 'host=a' # here\n";
    home.write(text);
    home.done(&["cluster", "add", "bob", "--dsn", "host=b"]);
    assert_eq!(fs::read_to_string(home.config()).unwrap(), format!("{text}\n[clusters.bob]\ndsn = \"host=b\"\n"));
    home.done(&["cluster", "remove", "bob"]);
    assert_eq!(fs::read_to_string(home.config()).unwrap(), text);

    home.write("# mine\n[clusters.ann\n");
    let run = home.run(&["cluster", "add", "bob", "--dsn", "host=b", "--format", "json"]);
    let error = &run.envelope()["error"];
    assert_eq!((run.code, &error["code"]), (Some(1), &json!("config_broken")));
    assert!(error["message"].as_str().unwrap().contains("line 2, column 14"), "{error}");
    assert_eq!(fs::read_to_string(home.config()).unwrap(), "# mine\n[clusters.ann\n");
}

#[test]
fn folder_and_file_are_the_owners_alone() {
    let home = Home::new();
    home.done(&["cluster", "add", "a", "--dsn", "host=a"]);
    assert_eq!((mode(&home.folder()), mode(&home.config())), (0o700, 0o600));
    fs::set_permissions(home.config(), PermissionsExt::from_mode(0o666)).unwrap();
    let run = home.run(&["cluster", "list"]);
    assert!(
        run.code == Some(0) && run.stderr.contains("warning: ") && run.stderr.contains("chmod go-w"),
        "{}",
        run.stderr
    );
    let warnings = home.run(&["cluster", "show", "a", "--format", "json"]).envelope()["warnings"].clone();
    assert_eq!(warnings.as_array().map(Vec::len), Some(1), "{warnings}");

    // Without PGDBA_HOME it is a folder in the user's own.
    let user = tempfile::tempdir().unwrap();
    let env = [("PGDBA_HOME", None), ("HOME", user.path().to_str())];
    assert_eq!(pgdba_with(&env, &["cluster", "add", "a", "--dsn", "host=a"]).code, Some(0));
    let config = user.path().join(".pgdba/config.toml");
    assert_eq!((mode(config.parent().unwrap()), mode(&config)), (0o700, 0o600));
    let run = pgdba_with(&[("PGDBA_HOME", None), ("HOME", None)], &["cluster", "list"]);
    assert!(run.code == Some(2) && run.stderr.contains("PGDBA_HOME"), "{}", run.stderr);
}
