//! What `config history` shows of changes, and what `config unlock` makes of those that were left.

use std::fs;

use pgdba_change::machine::State;
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::site::{Site, Told};

fn server() -> Server {
    Server::start(NEWEST, &ServerOptions::fast().with("work_mem", "5MB")).unwrap()
}

fn apply(site: &Site<'_>, words: &[&str]) -> String {
    let done = Told::of(
        site.command("pgdba", &[&["apply"], words].concat())
            .args(crate::site::JSON)
            .env("USER", "alice")
            .output()
            .unwrap(),
    );
    let id = done.id();
    done.is_done("apply");
    id
}

fn text(site: &Site<'_>, words: &[&str]) -> String {
    let done = site.command("pgdba", &[&["history"], words].concat()).output().unwrap();
    assert_eq!(String::from_utf8(done.stderr).unwrap(), "");
    String::from_utf8(done.stdout).unwrap()
}

/// The line of a change.
fn line(site: &Site<'_>, id: &str) -> String {
    let text = text(site, &[]);
    let line = text.lines().find(|line| line.starts_with(id)).unwrap_or_else(|| panic!("{text}"));
    // Two blanks between two columns, however wide they are.
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("  ")
}

#[test]
fn the_list_says_who_changed_what_and_how_it_is_now() {
    let server = server();
    let site = Site::new(&server);
    let long = format!("log_line_prefix={}", "%m ".repeat(20));
    let first = apply(&site, &["--set", "work_mem=64MB", "--set", "primary_conninfo=host=b password=hunter2"]);
    let second = apply(&site, &["--set", "max_connections=123"]);
    let third = apply(&site, &["--set", &long, "--set", "jit=off"]);
    let fourth = apply(
        &site,
        &["--reset", "work_mem", "--set", "jit=on", "--set", "random_page_cost=2", "--set", "cpu_tuple_cost=1"],
    );
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let shown = line(&site, &first);
    let author = format!("  alice@{} as postgres  127.0.0.1:{}  ", host.trim(), server.port());
    assert!(shown.contains(&author), "{shown}");
    assert!(shown.contains("primary_conninfo '' -> host=b password=***, work_mem 5MB -> 64MB  "), "{shown}");
    assert!(shown.ends_with("  applied"), "{shown}");
    let shown = line(&site, &second);
    assert!(shown.contains("max_connections 100 -> 123  applied, restart pending: max_connections"), "{shown}");
    // Long values are cut, many parameters counted.
    let shown = line(&site, &third);
    let cut = &"%m ".repeat(20)[..23];
    assert!(shown.contains(&format!("jit on -> off, log_line_prefix %m [%p]  -> {cut}…  applied")), "{shown}");
    let shown = line(&site, &fourth);
    let listed = "cpu_tuple_cost 0.01 -> 1, jit off -> on, random_page_cost 4 -> 2, and 1 more  ";
    assert!(shown.contains(listed), "{shown}");
    // The newest is last.
    let all = text(&site, &[]);
    assert!(!all.contains("hunter2"), "{all}");
    let ids: Vec<&str> = all.lines().skip(1).map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(ids, [&first, &second, &third, &fourth]);
    // Restarted, it waits for nothing; rolled back, that is said.
    server.restart().unwrap();
    assert!(line(&site, &second).ends_with("max_connections 100 -> 123  applied"), "{}", line(&site, &second));
    site.rollback(&second).is_done("second");
    assert!(line(&site, &second).ends_with("  rolled back"));
    let status =
        |index: usize| site.config(&["history"]).is_done("history")[index]["status"].as_str().unwrap().to_owned();
    assert_eq!((status(0), status(1)), ("applied".to_owned(), "rolled_back".to_owned()));
}

#[test]
fn one_change_shows_where_its_values_were_set_and_the_complete_commands() {
    let server = server();
    server.execute("postgres", "alter system set jit = 'off'").unwrap();
    server.reload_with(&[]).unwrap();
    let site = Site::new(&server);
    let long = "%m ".repeat(20);
    let prefix = format!("log_line_prefix={long}");
    let id =
        apply(&site, &["--set", "work_mem=64MB", "--set", "jit=on", "--set", "max_connections=123", "--set", &prefix]);
    let shown = text(&site, &["--changeset-id", &id[..13]]);
    let row = |name: &str| -> Vec<String> {
        let row = shown.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{shown}"));
        row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    };
    let conf = fs::read_to_string(server.data_dir().join("postgresql.conf")).unwrap();
    let number =
        |start: &str| conf.lines().collect::<Vec<_>>().iter().rposition(|line| line.starts_with(start)).unwrap() + 1;
    let work_mem = format!("postgresql.conf:{}", number("work_mem"));
    assert_eq!(row("work_mem"), ["work_mem", "5MB", &work_mem, "none", "64MB"]);
    let auto = row("jit");
    assert!(auto[2].starts_with("ALTER SYSTEM (postgresql.auto.conf:"), "{auto:?}");
    assert_eq!((auto[1].as_str(), auto[3].as_str(), auto[4].as_str()), ("off", "off", "on"));
    assert_eq!(row("log_line_prefix").last().unwrap(), long.trim_end());
    assert!(shown.contains("applying:0") && shown.contains("recorded"), "{shown}");
    assert!(
        shown.contains(&format!("To roll back:\n    pgdba config rollback --dsn {} --changeset-id {id}\n", site.dsn)),
        "{shown}"
    );
    assert!(!shown.contains("--resume"), "{shown}");
}

#[test]
fn a_change_under_way_is_running_and_a_dead_one_incomplete() {
    let server = server();
    let site = Site::new(&server);
    let waiting = site.waits("done:applying:0", &["apply", "--set", "work_mem=64MB"]);
    let id = site.journal().change_set.id;
    let shown = line(&site, &id);
    assert!(shown.contains(&format!("  running: apply by process {} on ", waiting.pid())), "{shown}");
    drop(waiting);
    let done = site.command("pgdba", &["history", "--changeset-id", &id]).output().unwrap();
    let (shown, said) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
    assert!(shown.contains("incomplete: the process died; 0 of 1 steps are complete"), "{shown}");
    assert!(
        shown
            .contains(&format!("To continue:\n    pgdba config apply --dsn {} --resume --changeset-id {id}", site.dsn)),
        "{shown}"
    );
    // The lock is spoken of as long as it is there.
    assert!(said.contains(&format!("pgdba config unlock --changeset-id {id}")), "{said}");
    fs::remove_file(site.store().join(".lock")).unwrap();
    line(&site, &id);
}

#[test]
fn without_a_connection_the_history_is_shown_and_what_to_edit() {
    let server = server();
    let site = Site::new(&server);
    let id = apply(&site, &["--set", "work_mem=64MB"]);
    server.stop_fast().unwrap();
    for (words, has_lines) in [(vec!["history"], false), (vec!["history", "--changeset-id", &id], true)] {
        let done = site.command("pgdba", &words).output().unwrap();
        assert_eq!(done.status.code(), Some(1));
        let (shown, said) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
        assert!(said.contains("could not connect"), "{said}");
        assert!(shown.contains(&id) && shown.contains("applied"), "{shown}");
        assert_eq!(shown.contains("  remove work_mem = '64MB'\n"), has_lines, "{shown}");
        let told = site.config(&words);
        told.is_refused(1, "connection_refused", "no connection");
        assert_eq!(told.envelope["data"][0]["status"], "applied");
    }
    // Another change set is not made up.
    site.config(&["history", "--changeset-id", "ffff"]).is_refused(2, "unknown_change_set", "unknown");
    site.rollback("ffff").is_refused(1, "connection_refused", "unknown");
}

#[test]
fn unlock_releases_an_incomplete_change_without_a_lock() {
    let server = server();
    let site = Site::new(&server);
    let unlock = |id: &str| site.config(&["unlock", "--changeset-id", id]);
    site.dies("done:applying:0", &["apply", "--set", "work_mem=64MB"]);
    let id = site.journal().change_set.id;
    fs::remove_file(site.store().join(".lock")).unwrap();
    assert_eq!(site.journal().released_at, None);
    let data = unlock(&id[..8]).is_done("without a lock");
    assert!(data["released_at"].is_string(), "{data}");
    assert!(site.journal().released_at.is_some());
    assert!(matches!(site.journal().state, State::Applying { .. }));
    site.assert_tidy_on_disk("released");
    assert!(line(&site, &id).contains("incomplete (released): the process died"), "{}", line(&site, &id));
    unlock(&id).is_refused(1, "not_locked", "again");
    let other = apply(&site, &["--set", "jit=off"]);
    unlock(&other).is_refused(1, "not_locked", "complete");
    // It still goes back.
    site.rollback(&id).is_done("released");
    assert!(line(&site, &id).ends_with("  rolled back"));
    site.assert_tidy("at the end");
}
