//! Roles that are no superusers, and superusers on a standby: what each may change, and what it can be promised.

use xtask::servers::{Server, ServerOptions};

use crate::apply_refusals::desk::{Desk, case};

const SET: &[&str] = &["apply", "--yes", "--set", "work_mem=64MB"];

/// A server with a role `ops` that may log in and no more.
fn desk_with_ops(major: u32) -> Desk {
    let desk = Desk::start(major, &ServerOptions::fast());
    desk.sql("create role ops login");
    desk
}

#[test]
fn before_15_only_a_superuser_may() {
    for major in [12, 14] {
        let desk = desk_with_ops(major);
        desk.sql("grant execute on function pg_catalog.pg_reload_conf() to ops; grant pg_read_all_settings to ops");
        let says = "role \"ops\" cannot change \"work_mem\": before PostgreSQL 15 only superusers can";
        desk.refuses_as("ops", &[case("plain", SET, "permission_denied", says, "Connect as a superuser.")]);
        desk.sql("alter role ops superuser");
        let before = desk.auto_conf();
        let applied = desk.apply_as("ops", &["work_mem=64MB"]);
        desk.rollback_as("ops", &applied);
        assert_eq!(desk.auto_conf(), before);
    }
}

/// The SQL at the end of a refusal's hint.
fn remedy(desk: &Desk, args: &[&str]) -> String {
    let told = desk.run_as("ops", args).stderr;
    let sql = told.rsplit_once(" run: ").unwrap_or_else(|| panic!("{told}")).1;
    sql.trim().to_owned()
}

#[test]
fn from_15_on_a_role_changes_exactly_what_it_was_granted() {
    for major in [15, 18] {
        let desk = desk_with_ops(major);
        let reload = "GRANT EXECUTE ON FUNCTION pg_catalog.pg_reload_conf() TO ops;";
        let may_not = "lacks the privilege to call pg_reload_conf()";
        desk.refuses_as("ops", &[case("reload", SET, "reload_denied", may_not, reload)]);
        desk.sql(&remedy(&desk, SET));

        let grant = "GRANT ALTER SYSTEM ON PARAMETER work_mem TO ops;";
        desk.refuses_as(
            "ops",
            &[case("grant", SET, "permission_denied", "role \"ops\" lacks the privilege to change", grant)],
        );
        desk.sql(&remedy(&desk, SET));

        let before = desk.auto_conf();
        let applied = desk.apply_as("ops", &["work_mem=64MB"]);
        assert_eq!(desk.show("work_mem"), "64MB");
        let warnings = applied["warnings"].to_string();
        assert!(warnings.contains("not the file byte for byte"), "{warnings}");
        assert_eq!(applied["data"]["change_set"]["parameters"][0]["former"]["kind"], "assumed_absent");
        let back = desk.rollback_as("ops", &applied);
        assert!(back["warnings"].to_string().contains("notation could not be checked"), "{back}");
        assert_eq!(desk.show("work_mem"), "4MB");
        assert_eq!(desk.auto_conf(), before, "nothing else stood in it, so even the bytes are the same");

        let other = ["apply", "--yes", "--set", "work_mem=64MB", "--set", "jit=off"];
        let grant = "GRANT ALTER SYSTEM ON PARAMETER jit TO ops;";
        desk.refuses_as("ops", &[case("not granted", &other, "permission_denied", "\"jit\"", grant)]);
    }
}

#[test]
fn a_former_value_that_the_role_cannot_see_is_not_lost() {
    for major in [15, 18] {
        let desk = desk_with_ops(major);
        desk.sql("grant execute on function pg_catalog.pg_reload_conf() to ops");
        for name in ["work_mem", "shared_preload_libraries", "max_connections"] {
            desk.sql(&format!("grant alter system on parameter {name} to ops"));
        }
        desk.server.reload_with(&[("work_mem", "8MB")]).unwrap();
        let hidden = "cannot see the value of \"work_mem\" in postgresql.auto.conf";
        let remedy = "GRANT pg_read_all_settings TO ops;";
        desk.refuses_as("ops", &[case("hidden", SET, "former_hidden", hidden, remedy)]);

        desk.sql("grant pg_read_all_settings to ops");
        let applied = desk.apply_as("ops", &["work_mem=64MB"]);
        assert!(applied["warnings"].to_string().contains("byte for byte"), "{applied}");
        assert_eq!(desk.show("work_mem"), "64MB");
        desk.rollback_as("ops", &applied);
        assert_eq!(desk.show("work_mem"), "8MB");

        // Nor is it lost where somebody puts it back who can read the file.
        let applied = desk.apply_as("ops", &["work_mem=64MB"]);
        assert_eq!(applied["data"]["change_set"]["parameters"][0]["former"]["kind"], "value");
        let back = desk.rollback_as("postgres", &applied);
        assert_eq!(desk.show("work_mem"), "8MB", "{back}");
        assert!(back["warnings"].to_string().contains("its former notation is unknown"), "{back}");

        // What a role's own value or a pending restart hides is not guessed either.
        desk.sql("alter role ops set work_mem = '5MB'");
        desk.server.reload_with(&[("max_connections", "77")]).unwrap();
        let pending = ["apply", "--yes", "--set", "max_connections=55"];
        let max_connections = "cannot see the value of \"max_connections\" in postgresql.auto.conf";
        let files = "GRANT SELECT ON pg_catalog.pg_file_settings";
        desk.refuses_as(
            "ops",
            &[
                case("overridden", SET, "former_hidden", hidden, files),
                case("pending", &pending, "former_hidden", max_connections, files),
            ],
        );
        let sql = "grant select on pg_catalog.pg_file_settings to ops;
                   grant execute on function pg_catalog.pg_show_all_file_settings() to ops";
        desk.sql(sql);
        let before = desk.auto_conf();
        let applied = desk.apply_as("ops", &["work_mem=64MB", "max_connections=55"]);
        assert_eq!(applied["data"]["change_set"]["parameters"][0]["former"]["text"], "77");
        let back = desk.rollback_as("ops", &applied);
        assert_eq!(desk.auto_conf(), before, "{back}");
    }
}

#[test]
fn who_may_read_the_files_gets_back_their_very_bytes() {
    let desk = desk_with_ops(18);
    desk.sql("grant execute on function pg_catalog.pg_reload_conf() to ops; grant pg_monitor to ops");
    desk.sql("grant alter system on parameter work_mem to ops");
    desk.server.reload_with(&[("work_mem", "8MB"), ("jit", "off")]).unwrap();
    let before = desk.auto_conf();
    // pg_monitor sees where a value comes from, and that is enough to put the value back.
    let applied = desk.apply_as("ops", &["work_mem=64MB"]);
    assert_eq!(applied["data"]["change_set"]["parameters"][0]["former"]["kind"], "value");
    desk.rollback_as("ops", &applied);
    assert_eq!(desk.show("work_mem"), "8MB");

    desk.sql("alter system reset all");
    desk.server.reload_with(&[("work_mem", "8MB"), ("jit", "off")]).unwrap();
    assert_eq!(desk.auto_conf(), before);
    desk.sql("grant pg_read_server_files to ops");
    desk.sql("grant execute on function pg_catalog.pg_read_binary_file(text) to ops");
    let applied = desk.apply_as("ops", &["work_mem=64MB"]);
    assert_eq!(applied["warnings"].as_array().unwrap().len(), 0, "{applied}");
    // Its line was before that of jit, which is nobody's to write again.
    let back = desk.rollback_as("ops", &applied);
    assert!(back["warnings"].to_string().contains("at the end of postgresql.auto.conf"), "{back}");
    let lines = desk.text();
    assert!(lines.ends_with("jit = 'off'\nwork_mem = '8MB'\n"), "{lines}");
    let before = desk.auto_conf();
    let applied = desk.apply_as("ops", &["work_mem=64MB"]);
    desk.rollback_as("ops", &applied);
    assert_eq!(desk.auto_conf(), before, "nothing is behind it now");
}

#[test]
fn a_line_that_the_server_would_not_take_again_does_not_stand_in_the_way_back() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        desk.server.reload_with(&[("work_mem", "8MB")]).unwrap();
        desk.append("postgresql.auto.conf", "seq_page_cost = 'lots'");
        let applied = desk.apply(&["work_mem=64MB"]);
        let back = desk.rollback(&applied);
        assert!(back["warnings"].to_string().contains("at the end of postgresql.auto.conf"), "{back}");
        let lines = desk.text();
        assert!(lines.ends_with("seq_page_cost = 'lots'\nwork_mem = '8MB'\n"), "{lines}");
        assert_eq!(desk.show("work_mem"), "8MB");
    }
}

#[test]
fn a_standby_is_changed_for_itself_alone() {
    for major in [12, 18] {
        crate::program::build();
        let primary = Server::start(major, &ServerOptions::fast()).unwrap();
        let standby = Desk::at(primary.standby(&ServerOptions::fast()).unwrap());
        let before = standby.auto_conf();
        let applied = standby.apply(&["work_mem=64MB"]);
        let warnings = applied["warnings"].to_string();
        assert!(warnings.contains("the server is a standby: the change applies to this server only"), "{warnings}");
        assert_eq!(standby.show("work_mem"), "64MB");
        assert_eq!(primary.query("postgres", "show work_mem").unwrap()[0][0].as_deref(), Some("4MB"));
        let lowered = standby.done_as("postgres", &["apply", "--dry-run", "--set", "max_connections=50"]);
        assert!(
            lowered["warnings"]
                .to_string()
                .contains("max_connections (50) must not be lower than on the primary (100)"),
            "{lowered}"
        );
        standby.rollback(&applied);
        assert_eq!(standby.auto_conf(), before);
    }
}
