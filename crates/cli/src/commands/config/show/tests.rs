use pgdba_analysis::configuration::Configuration;
use pgdba_analysis::example;
use pgdba_report::{Layout, markdown, text};

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

fn text(view: &View, layout: Layout) -> String {
    text::render(&view.report(), layout)
}

#[test]
fn a_wide_terminal_shows_a_table() {
    let expected = "\
db\\u001B1
PostgreSQL 17.0 · primary · collected 1 Jan 2026 12:00 UTC · by an unknown program

1 line of the configuration files is invalid. A reload skips it, and the server would not start:

- line 40 of /etc/pg/postgresql.conf: random_page_cost = 'lots': setting could not be applied

2 of 6 parameters differ from the default.

parameter                       value                             default  takes effect  source
shared_preload_libraries        pg_stat_statements,               (empty)  restart       ALTER SYSTEM
                                auto_explain, pg_cron                                    (postgresql.auto.conf:3)
work_mem                        64 MB                             4 MB     session       conf.d/mine.conf:12
└ role report in database shop  1 GB                                                     ALTER ROLE IN DATABASE
max_connections                 100                               100      restart       default
random_page_cost                4                                 4        session       default

- max_connections: marked as pending restart, but no change is pending: it was reverted, or the
  command line overrides it
- 2 others have their default value; --all shows them
";
    assert_eq!(text(&view(false, None), Layout::terminal(120)), expected);
}

#[test]
fn a_narrow_terminal_shows_the_same_in_lines() {
    let expected = "\
db\\u001B1
PostgreSQL 17.0 · primary · collected 1 Jan 2026 12:00 UTC · by an unknown
program

1 line of the configuration files is invalid. A reload skips it, and the server
would not start:

- line 40 of /etc/pg/postgresql.conf: random_page_cost = 'lots': setting could
  not be applied

2 of 6 parameters differ from the default.

shared_preload_libraries        pg_stat_statements, auto_explain, pg_cron
    default (empty) · takes effect restart · source ALTER SYSTEM
        (postgresql.auto.conf:3)
work_mem                        64 MB
    default 4 MB · takes effect session · source conf.d/mine.conf:12
└ role report in database shop  1 GB
    source ALTER ROLE IN DATABASE
max_connections                 100
    default 100 · takes effect restart · source default
random_page_cost                4
    default 4 · takes effect session · source default

- max_connections: marked as pending restart, but no change is pending: it was
  reverted, or the command line overrides it
- 2 others have their default value; --all shows them
";
    assert_eq!(text(&view(false, None), Layout::terminal(80)), expected);
}

#[test]
fn a_ticket_gets_a_table_in_which_nothing_is_markup() {
    let expected = "\
# db\\\\u001B1

PostgreSQL 17.0 · primary · collected 1 Jan 2026 12:00 UTC · by an unknown program

1 line of the configuration files is invalid. A reload skips it, and the server would not start:

- line 40 of /etc/pg/postgresql.conf: random\\_page\\_cost = 'lots': setting could not be applied

2 of 6 parameters differ from the default.

| parameter | value | default | takes effect | source |
| --- | --- | --- | --- | --- |
| random\\_page\\_cost | 4 | 4 | session | default |

- 5 others do not have \"random\" in their name or value
";
    assert_eq!(markdown::render(&view(false, Some("random")).report()), expected);
}

#[test]
fn what_is_left_out_is_counted() {
    let all = text(&view(false, None), Layout::FILE);
    assert!(all.ends_with("\n- 2 others have their default value; --all shows them\n"), "{all}");
    assert!(!text(&view(true, None), Layout::FILE).contains("others"));
    let found = view(false, Some("BGWRITER"));
    assert_eq!(found.configuration.parameters.len(), 1);
    let found = text(&found, Layout::FILE);
    assert!(found.ends_with("\n- 5 others do not have \"BGWRITER\" in their name or value\n"), "{found}");
}
