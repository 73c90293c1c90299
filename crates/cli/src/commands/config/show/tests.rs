use pgdba_analysis::configuration::Configuration;
use pgdba_analysis::example;

use super::View;

const SERVER: &str = r#"{
    "version": 17,
    "system": [ { "server_version_num": 170010, "is_in_recovery": false, "cluster_name": "db\u001b1" } ],
    "pg_settings": [
        { "name": "config_file", "setting": "/etc/pg/postgresql.conf", "vartype": "string", "source": "override" },
        { "name": "bgwriter_delay", "setting": "200", "boot_val": "200", "unit": "ms", "vartype": "integer",
          "context": "sighup", "source": "default" },
        { "name": "max_connections", "setting": "100", "boot_val": "100", "vartype": "integer", "context": "postmaster",
          "source": "default", "pending_restart": true },
        { "name": "random_page_cost", "setting": "4", "boot_val": "4", "vartype": "real", "context": "user",
          "source": "default" },
        { "name": "shared_preload_libraries", "setting": "pg_stat_statements, auto_explain, pg_cron", "boot_val": "",
          "vartype": "string", "context": "postmaster", "source": "configuration file",
          "sourcefile": "/etc/pg/postgresql.auto.conf", "sourceline": 3 },
        { "name": "work_mem", "setting": "65536", "boot_val": "4096", "unit": "kB", "vartype": "integer",
          "context": "user", "source": "configuration file", "sourcefile": "/etc/pg/conf.d/mine.conf", "sourceline": 12 }
    ],
    "pg_file_settings": [
        { "seqno": 1, "name": "work_mem", "setting": "64MB", "applied": true,
          "sourcefile": "/etc/pg/conf.d/mine.conf", "sourceline": 12 },
        { "seqno": 2, "name": "random_page_cost", "setting": "lots", "applied": false,
          "sourcefile": "/etc/pg/postgresql.conf", "sourceline": 40, "error": "setting could not be applied" },
        { "seqno": 3, "name": "shared_preload_libraries", "setting": "pg_stat_statements, auto_explain, pg_cron",
          "applied": true, "sourcefile": "/etc/pg/postgresql.auto.conf", "sourceline": 3 }
    ],
    "pg_db_role_setting": [ { "datname": "shop", "rolname": "report", "name": "work_mem", "setting": "1GB" } ]
}"#;

fn view(all: bool, pattern: Option<&str>) -> View {
    View::of(Configuration::of(&example::snapshot(SERVER).unwrap()), all, pattern)
}

#[test]
fn a_wide_terminal_shows_a_table() {
    let expected = "\
db\\u001B1 · PostgreSQL 17.0 · primary · collected 1 Jan 2026 12:00 UTC

1 line of the configuration files is wrong: a reload passes over it, and the server would not start with it:
  line 40 of /etc/pg/postgresql.conf: random_page_cost = 'lots': setting could not be applied

2 of 6 parameters are changed

parameter                       value                            built in  takes effect  set by
shared_preload_libraries        pg_stat_statements,              (empty)   restart       ALTER SYSTEM
                                auto_explain, pg_cron                                    (postgresql.auto.conf:3)
work_mem                        64 MB                            4 MB      session       conf.d/mine.conf:12
└ role report in database shop  1 GB                                                     ALTER ROLE IN DATABASE
max_connections                 100                              100       restart       default
random_page_cost                4                                4         session       default

max_connections: the server still marks it as waiting for a restart, but nothing waits: the change was taken back,
    or the command line wins over it
2 others are as they were built in: --all shows them
";
    assert_eq!(view(false, None).text(Some(120)), expected);
}

#[test]
fn a_narrow_terminal_shows_the_same_in_lines() {
    let expected = "\
db\\u001B1 · PostgreSQL 17.0 · primary · collected 1 Jan 2026 12:00 UTC

1 line of the configuration files is wrong: a reload passes over it, and the
    server would not start with it:
  line 40 of /etc/pg/postgresql.conf: random_page_cost = 'lots': setting
      could not be applied

2 of 6 parameters are changed

shared_preload_libraries        pg_stat_statements, auto_explain, pg_cron
    built in (empty) · takes effect restart · set by ALTER SYSTEM
        (postgresql.auto.conf:3)
work_mem                        64 MB
    built in 4 MB · takes effect session · set by conf.d/mine.conf:12
└ role report in database shop  1 GB
    set by ALTER ROLE IN DATABASE
max_connections                 100
    built in 100 · takes effect restart · set by default
random_page_cost                4
    built in 4 · takes effect session · set by default

max_connections: the server still marks it as waiting for a restart, but
    nothing waits: the change was taken back, or the command line wins over it
2 others are as they were built in: --all shows them
";
    assert_eq!(view(false, None).text(Some(80)), expected);
}

#[test]
fn a_ticket_gets_a_table_in_which_nothing_is_markup() {
    let expected = "\
**db\\\\u001B1 · PostgreSQL 17.0 · primary · collected 1 Jan 2026 12:00 UTC**

1 line of the configuration files is wrong: a reload passes over it, and the server would not start with it:

- line 40 of /etc/pg/postgresql.conf: random\\_page\\_cost = 'lots': setting could not be applied

2 of 6 parameters are changed

| parameter | value | built in | takes effect | set by |
| --- | --- | --- | --- | --- |
| random\\_page\\_cost | 4 | 4 | session | default |

5 others have no \"random\" in name or value
";
    assert_eq!(view(false, Some("random")).markdown(), expected);
}

#[test]
fn what_is_left_out_is_counted() {
    assert!(view(false, None).text(None).ends_with("\n2 others are as they were built in: --all shows them\n"));
    assert!(!view(true, None).text(None).contains("others"));
    let found = view(false, Some("BGWRITER"));
    assert_eq!(found.configuration.parameters.len(), 1);
    assert!(found.text(None).ends_with("\n5 others have no \"BGWRITER\" in name or value\n"));
}
