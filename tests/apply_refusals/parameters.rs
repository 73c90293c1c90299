//! Parameters that cannot be changed, and values that they cannot have.

use xtask::servers::ServerOptions;

use super::desk::{Desk, case};

/// `apply --yes --set PAIR`.
macro_rules! set {
    ($pair:expr) => {
        &["apply", "--yes", "--set", $pair]
    };
}

#[test]
fn a_parameter_that_cannot_be_changed_is_refused() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let not_alterable = "cannot be set by ALTER SYSTEM";
    let of_a_session = "Leave it out";
    desk.refuses(&[
        case("mistyped", set!("work_men=64MB"), "unknown_parameter", "\"work_men\" does not exist", "\"work_mem\"?"),
        case(
            "unknown",
            set!("nothing_like_it_at_all=1"),
            "unknown_parameter",
            "PostgreSQL 18",
            "config show --dsn postgresql://",
        ),
        case("short and unknown", set!("abc=1"), "unknown_parameter", "\"abc\"", "config show --dsn postgresql://"),
        case("to be reset", &["apply", "--yes", "--reset", "work_men"], "unknown_parameter", "", "work_mem"),
        case("removed", set!("vacuum_defer_cleanup_age=1"), "unknown_parameter", "", "removed in PostgreSQL 16"),
        case(
            "renamed",
            set!("wal_keep_segments=9"),
            "unknown_parameter",
            "",
            "renamed to wal_keep_size in PostgreSQL 13",
        ),
        case("not loaded", set!("auto_explain.log_analyze=on"), "unknown_extension_parameter", "not loaded", "--force"),
        case("ends sessions", set!("transaction_timeout=999ms"), "ends_every_session", "authentication", "--force"),
        case(
            "read-only",
            set!("block_size=8192"),
            "read_only_parameter",
            "\"block_size\" is read-only",
            "Leave it out",
        ),
        case("data_directory", set!("data_directory=/tmp"), "not_alterable", not_alterable, "postgresql.conf"),
        case("config_file", set!("config_file=/tmp/x"), "not_alterable", not_alterable, "command line"),
        case("allow_alter_system", set!("allow_alter_system=on"), "not_alterable", not_alterable, "postgresql.conf"),
        case("role", set!("role=postgres"), "not_alterable", not_alterable, of_a_session),
        case("session_authorization", set!("session_authorization=x"), "not_alterable", not_alterable, of_a_session),
        case("isolation", set!("transaction_isolation=serializable"), "not_alterable", not_alterable, of_a_session),
        case("is_superuser", set!("is_superuser=on"), "not_alterable", not_alterable, of_a_session),
        case("command line", set!("fsync=on"), "on_command_line", "command line, which overrides", "start script"),
        case(
            "more than one",
            &["apply", "--yes", "--set", "block_size=1", "--set", "role=x", "--set", "work_mem=1GB"],
            "read_only_parameter",
            "(and 1 more refusal)",
            "To see all refusals, use --dry-run",
        ),
    ]);
    let run = desk.run(&["apply", "--dry-run", "--set", "block_size=1", "--set", "DateStyle=x", "--set", "jit=off"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    for told in [
        "\"block_size\" is read-only",
        "the server rejected the value of \"DateStyle\"",
        "This change would be refused:",
    ] {
        assert!(run.stdout.contains(told), "{}", run.stdout);
    }
}

#[test]
fn before_17_the_parameter_of_a_library_that_is_not_loaded_cannot_be_insisted_on() {
    for major in [12, 16] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let code = "unknown_extension_parameter";
        let forced = ["apply", "--yes", "--force", "--set", "auto_explain.log_analyze=on"];
        desk.refuses(&[
            case("plain", set!("auto_explain.log_analyze=on"), code, "not loaded", "restart the server first"),
            case("forced", &forced, code, "not loaded", "restart the server first"),
            case("too early", set!("allow_alter_system=on"), "unknown_parameter", "does not exist", "config show"),
        ]);
        assert!(!desk.run(&forced).stderr.contains("--force"));
    }
}

#[test]
fn from_17_it_can_and_the_server_takes_what_nobody_checked() {
    let desk = Desk::start(17, &ServerOptions::fast());
    let before = desk.auto_conf();
    let applied = desk.done_as(
        "postgres",
        &["apply", "--yes", "--force", "--set", "auto_explain.log_min_duration=1s", "--set", "work_mem=64MB"],
    );
    let text = desk.text();
    assert!(text.contains("auto_explain.log_min_duration = '1s'\n"), "{text}");
    assert_eq!(applied["data"]["change_set"]["forced"], true);
    desk.rollback(&applied);
    assert_eq!(desk.auto_conf(), before);
}

#[test]
fn what_another_version_has_is_told() {
    let desk = Desk::start(12, &ServerOptions::fast());
    desk.refuses(&[
        case(
            "later name",
            set!("wal_keep_size=1GB"),
            "unknown_parameter",
            "",
            "called wal_keep_segments in this version",
        ),
        case("mixed case", set!("Work_Men=1GB"), "unknown_parameter", "", "Did you mean \"work_mem\"?"),
    ]);
}

#[test]
fn a_value_that_the_parameter_cannot_have_is_refused() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let bad = |name, args, says, hint| case(name, args, "bad_value", says, hint);
        desk.refuses(&[
            bad("no boolean", set!("jit=maybe"), "a Boolean value is required", "on or off"),
            bad("no number", set!("work_mem=lots"), "an integer is required", "such as 64MB"),
            bad("unit in wrong case", set!("work_mem=64mb"), "unit", "B, kB, MB, GB, TB"),
            bad("time for a size", set!("work_mem=64min"), "invalid unit", "case matters"),
            bad("unit for a bare number", set!("max_connections=100MB"), "does not have a unit", "Leave the unit out"),
            bad("too small", set!("work_mem=1kB"), "1kB is outside the valid range (64 kB ..", "between 64 kB and"),
            bad("too large", set!("max_connections=999999"), "999999 is outside", "Write a value between 1 and"),
            bad(
                "beyond a real",
                set!("seq_page_cost=-1"),
                "-1 is outside the valid range (0 .. 1.7976931348623157e308)",
                "Write a value between 0",
            ),
            bad(
                "not in enum",
                set!("wal_level=full"),
                "not one of those",
                "Valid values are minimal, replica, logical",
            ),
            bad("newline", set!("log_line_prefix=a\nb"), "must not contain a newline", "on one line"),
            bad("no libraries", set!("shared_preload_libraries="), "an empty list cannot", "Reset the parameter"),
            bad("no session libraries", set!("session_preload_libraries="), "an empty list cannot", "Reset"),
            bad("empty library", set!("shared_preload_libraries=\"\""), "has an empty element", "Remove the empty"),
            bad("list syntax", set!("search_path=a b"), "list syntax is invalid", "with commas"),
            bad("half a quote", set!("shared_preload_libraries=\"a"), "list syntax is invalid", "double quotes"),
        ]);
    }
}

#[test]
fn a_value_that_only_the_server_can_judge_is_refused_before_anything_is_changed() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let no = |name, args, says| case(name, args, "value_refused", says, "Correct the value");
        desk.refuses(&[
            no("DateStyle", set!("DateStyle=nonsense"), "the server rejected the value of \"DateStyle\""),
            no("TimeZone", set!("TimeZone=Nowhere/City"), "invalid value for parameter \"TimeZone\""),
            no("log_timezone", set!("log_timezone=Nowhere/City"), "invalid value for parameter \"log_timezone\""),
            no("tablespace", set!("default_tablespace=missing"), "does not exist"),
            no("temp_tablespaces", set!("temp_tablespaces=missing"), "does not exist"),
            no("access method", set!("default_table_access_method=missing"), "does not exist"),
            no("text search", set!("default_text_search_config=missing"), "default_text_search_config"),
            no("client_encoding", set!("client_encoding=EBCDIC"), "client_encoding"),
            no("locale", set!("lc_messages=xx_YY"), "lc_messages"),
            no("stack", set!("max_stack_depth=1GB"), "max_stack_depth"),
            no("with a secret", set!("default_tablespace=postgres://u:hunter2@h/db"), "***"),
        ]);
    }
}

#[test]
fn a_value_that_the_server_would_change_is_refused_with_what_it_would_become() {
    for (major, name) in [(12, "b??r"), (18, "b\\xc3\\xa4r")] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let becomes = |what, args, becomes| case(what, args, "value_changed_by_server", becomes, becomes);
        desk.refuses(&[
            case("application_name", set!("application_name=bär"), "value_changed_by_server", name, "printable ASCII"),
            case("cluster_name", set!("cluster_name=bär"), "value_changed_by_server", name, "printable ASCII"),
            becomes("log_directory", set!("log_directory=//var//log/"), "'/var/log'"),
        ]);
        // What it keeps is taken, as the hint says, and what it only spells in another way.
        let applied =
            desk.apply(&["DateStyle=German", "log_timezone=utc", "log_directory=/var/log", "TimeZone=europe/berlin"]);
        assert_eq!(desk.show("log_directory"), "/var/log");
        assert_eq!(
            (desk.show("DateStyle"), desk.show("TimeZone")),
            ("German, DMY".to_owned(), "Europe/Berlin".to_owned())
        );
        desk.rollback(&applied);
        let applied = desk.apply(&["client_encoding=latin1"]);
        desk.rollback(&applied);
    }
}
