//! What stands in the way of a change, or of its way back: an earlier one, a later one, a switch, a service.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use xtask::paths;
use xtask::servers::ServerOptions;

use super::desk::{Desk, case, id};

#[test]
fn a_change_is_applied_once_and_rolled_back_once() {
    let desk = Desk::start(15, &ServerOptions::fast());
    let before = desk.auto_conf();
    let applied = desk.apply(&["work_mem=64MB"]);
    let back = ["rollback", "--changeset-id", id(&applied)];
    let resume = ["apply", "--resume", "--changeset-id", id(&applied)];
    desk.refuses(&[case("applied", &resume, "already_applied", "is already applied", "pgdba config rollback")]);
    desk.rollback(&applied);
    assert_eq!(desk.auto_conf(), before);
    let done = "is already rolled back";
    desk.refuses(&[
        case("back", &back, "already_rolled_back", done, "Nothing has to be done"),
        case("forward", &resume, "already_rolled_back", done, "Nothing has to be done"),
    ]);
}

#[test]
fn a_later_change_is_not_lost() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let before = desk.auto_conf();
        let first = desk.apply(&["work_mem=64MB"]);
        let back = ["rollback", "--changeset-id", id(&first)];
        let changed =
            |now: &str| format!("changed after change set {}: \"work_mem\" is now set to '{now}'", id(&first));

        let second = desk.apply(&["work_mem=65MB"]);
        let dsn = desk.server.dsn("postgres", "postgres");
        let later = format!("pgdba config rollback --dsn {dsn} --changeset-id {}", id(&second));
        desk.refuses(&[case("by pgdba", &back, "changed_since", &changed("65MB"), &later)]);
        desk.rollback(&second);

        desk.sql("alter system set work_mem = '66MB'");
        desk.refuses(&[case(
            "by hand",
            &back,
            "changed_since",
            &changed("66MB"),
            "add --force, which would remove the line",
        )]);
        let forced = desk.done_as("postgres", &[&back[..], &["--force"]].concat())["warnings"].to_string();
        assert!(forced.contains("overwritten because of --force: \\\"work_mem\\\" was set to '66MB'"), "{forced}");
        assert_eq!(desk.auto_conf(), before);
    }
}

#[test]
fn a_server_that_is_told_to_refuse_refuses() {
    let desk = Desk::start(17, &ServerOptions::fast().with("allow_alter_system", "off"));
    let says = "allow_alter_system is off";
    desk.refuses(&[case(
        "off",
        &["apply", "--yes", "--set", "jit=off"],
        "alter_system_off",
        says,
        "where the configuration is managed",
    )]);
}

#[test]
fn a_hosting_service_has_a_console_of_its_own() {
    for (role, major, service, console) in [
        ("rds_superuser", 12, "Amazon RDS", "parameter group"),
        ("cloudsqlsuperuser", 15, "Google Cloud SQL", "database flag"),
        ("azure_pg_admin", 17, "Azure Database", "Server parameters"),
    ] {
        let desk = Desk::start(major, &ServerOptions::fast());
        desk.sql(&format!("create role {role}; create role master login in role {role}, pg_read_all_settings"));
        desk.sql("grant execute on function pg_catalog.pg_reload_conf() to master");
        // On a service, the bootstrap superuser is the provider's.
        desk.sql(
            "create role other superuser; set session authorization other; alter role postgres rename to rdsadmin; \
             create role postgres superuser login",
        );
        let set = ["apply", "--yes", "--set", "work_mem=64MB"];
        desk.refuses_as("master", &[case(role, &set, "hosted", service, console)]);
    }
}

/// Runs `pgdba config apply` on a terminal; `answer` is given once it asks, after `meanwhile`.
fn on_a_terminal(desk: &Desk, args: &str, answer: &str, meanwhile: impl FnOnce()) -> (Option<i32>, String) {
    let program = paths::target().join("debug/pgdba");
    let dsn = desk.server.dsn("postgres", "postgres");
    let typed = tempfile::NamedTempFile::new().unwrap();
    let line = format!("{} config apply {args} --dsn '{dsn}'", program.display());
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--flush", "--return", "--command", &line]).arg(typed.path());
    let mut child = terminal
        .env("PGDBA_HOME", desk.home())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("script: {error}"));
    let shown = || std::fs::read_to_string(typed.path()).unwrap_or_default();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !shown().contains("[y/N]") {
        assert!(Instant::now() < deadline, "{}", shown());
        std::thread::sleep(Duration::from_millis(20));
    }
    meanwhile();
    let mut input = child.stdin.take().unwrap();
    input.write_all(format!("{answer}\n").as_bytes()).unwrap();
    let code = child.wait().unwrap().code();
    (code, shown())
}

#[test]
fn who_is_asked_decides_and_a_plan_that_is_out_of_date_is_not_carried_out() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let before = desk.auto_conf();
    let (code, shown) = on_a_terminal(&desk, "--set work_mem=64MB", "n", || {});
    assert!(code == Some(1) && shown.contains("pgdba: error: not applied: the answer was not yes"), "{shown}");
    assert!(shown.contains("Nothing was changed."), "{shown}");
    assert_eq!(desk.auto_conf(), before);

    let (code, shown) = on_a_terminal(&desk, "--set work_mem=64MB", "y", || {
        desk.server.reload_with(&[("work_mem", "32MB")]).unwrap();
    });
    let says = "pgdba: error: the server has changed since the plan was made: \"work_mem\" has changed";
    assert!(code == Some(1) && shown.contains(says), "{code:?} {shown}");
    assert!(shown.contains("hint: Review the new plan"), "{shown}");
    assert_eq!(desk.show("work_mem"), "32MB");

    let (code, shown) = on_a_terminal(&desk, "--set work_mem=64MB", "y", || {});
    assert!(code == Some(0) && shown.contains("Applied 1 parameter"), "{shown}");
    assert_eq!(desk.show("work_mem"), "64MB");
}
