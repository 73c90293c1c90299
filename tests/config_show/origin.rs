//! Where a value comes from that the collector's own session sets to something else.

use serde_json::json;
use xtask::servers::{Server, ServerOptions};

use super::{MAJORS, execute, said, show};

#[test]
fn the_setting_of_another_role_is_not_where_a_value_comes_from() {
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        let roles = "create role plain login; create role doctor login in role pg_monitor";
        execute(&server, &[roles, "alter role plain set jit = off", "alter role plain set work_mem = '77MB'"]);
        server.reload_with(&[("jit", "off")]).unwrap();
        // The files are not for this role, and the collector sets jit itself: the origin is unknown.
        assert_eq!(said(&show(&server, "doctor"), "jit")[..2], [json!("off"), json!("unknown")], "{major}");
        assert_eq!(said(&show(&server, "postgres"), "jit")[1], "ALTER SYSTEM (postgresql.auto.conf", "{major}");
        let own = "ALTER ROLE (collecting role)";
        assert_eq!(said(&show(&server, "plain"), "work_mem")[..2], [json!("77 MB"), json!(own)], "{major}");
        execute(&server, &["alter role doctor set jit = off"]);
        assert_eq!(said(&show(&server, "doctor"), "jit")[1], own, "{major}");
    }
}
