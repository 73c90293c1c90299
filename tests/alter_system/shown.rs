//! What a server shows of texts that were set, against what is foretold.

use pgdba_change::auto_conf::{Alter, AutoConf};
use pgdba_pg::parameter::{Kind, Shown, cannot_be_altered, is_shown_as, reads_back_differently};
use xtask::servers::{MAJORS, Server};

use super::catalogue::{Parameter, parameters};
use super::value::limits;
use super::{bytes, reload, run_all, server};

/// Texts that some parameter shows otherwise than they were set.
const TEXTS: [&str; 14] = [
    "A b",
    " a'b ",
    "a\"b\\c",
    "täst",
    "t\tb",
    "c\u{1}d\r",
    "",
    "log/",
    "//tmp//x/",
    "/",
    "./x//y/../z/",
    "utc",
    "Europe/Berlin",
    "3",
];

/// Texts that are set before a restart.
const AT_A_RESTART: [&str; 3] = ["täst", "a'b\t", "//tmp//x/"];

/// Parameters that need a restart and do no harm whatever they say.
const HARMLESS: [&str; 8] = [
    "bonjour_name",
    "cluster_name",
    "event_source",
    "external_pid_file",
    "jit_provider",
    "primary_conninfo",
    "recovery_target_name",
    "restore_command",
];

#[test]
fn what_is_shown_of_a_text_is_foretold() {
    for major in MAJORS {
        let server = server(major);
        let texts: Vec<_> = parameters(&server)
            .into_iter()
            .filter(|each| each.kind == Kind::String && !cannot_be_altered(&each.name, &each.context))
            .collect();
        let mut seen = 0;
        let (at_a_restart, at_once): (Vec<_>, Vec<_>) =
            texts.into_iter().partition(|each| each.context == "postmaster");
        for text in TEXTS {
            let shown = all_shown(&server, &at_once, text, reload);
            seen += shown.len();
            shown.iter().for_each(|(name, shown)| assert_foretold(major, name, text, shown));
        }
        let at_a_restart: Vec<_> =
            at_a_restart.into_iter().filter(|each| HARMLESS.contains(&each.name.as_str())).collect();
        for text in AT_A_RESTART {
            let shown = all_shown(&server, &at_a_restart, text, |server| server.restart().unwrap());
            assert!(shown.len() >= HARMLESS.len() - 4, "{major}: {shown:?}");
            shown.iter().for_each(|(name, shown)| assert_foretold(major, name, text, shown));
        }
        assert!(seen > 250, "{major}: {seen}");
    }
}

/// Whether what is shown is what was foretold, and whether nothing was foretold in vain.
fn assert_foretold(major: u32, name: &str, text: &str, shown: &str) {
    let known = i64::from(major);
    let foretold = reads_back_differently(name, known, text);
    let verdict = is_shown_as(name, known, &Kind::String, text, shown);
    let context = format!("{major}: {name} = {text:?} is shown as {shown:?}, foretold: {foretold:?}");
    match foretold {
        None => assert_eq!(shown, text, "{context}"),
        Some(Shown::As(other)) => assert_eq!(shown, other, "{context}"),
        Some(_) => assert_ne!(verdict, Some(false), "{context}"),
    }
    assert_ne!(verdict, Some(false), "{context}");
}

/// Sets all of them to `text`, and returns those that took it, with what is shown once it is in force.
fn all_shown(server: &Server, all: &[Parameter], text: &str, enforce: impl Fn(&Server)) -> Vec<(String, String)> {
    // What a session or its client decides for itself is not looked at in a session.
    let own = ["application_name", "client_encoding"];
    let set = |each: &Parameter| Alter::Set { name: each.name.clone(), literals: vec![text.to_owned()] }.sql();
    let sets: Vec<_> = all.iter().filter(|each| !own.contains(&each.name.as_str())).map(set).collect();
    run_all(server, &sets);
    let file = AutoConf::read(&bytes(server)).unwrap();
    enforce(server);
    let rows = server.query("postgres", "select name, setting from pg_settings").unwrap();
    server.execute("postgres", "alter system reset all").unwrap();
    let shown = rows.into_iter().map(|mut row| (row.remove(0).unwrap(), row.remove(0).unwrap_or_default()));
    shown.filter(|(name, _)| file.get(name).is_some()).collect()
}

/// Parameters whose limits would lock us out, or that are set on the command line.
const LEFT_OUT: [&str; 4] = ["allow_alter_system", "db_user_namespace", "fsync", "pre_auth_delay"];

#[test]
fn what_is_shown_of_a_number_or_a_word_is_foretold() {
    let mut faults = Vec::new();
    for major in MAJORS {
        let server = server(major);
        let all: Vec<_> = parameters(&server)
            .into_iter()
            .filter(|each| {
                each.context == "sighup" && each.vartype != "string" && !LEFT_OUT.contains(&each.name.as_str())
            })
            .collect();
        let mut seen = 0;
        for round in 0..8 {
            let text = |kind: &Kind| match kind {
                Kind::Bool => ["On", "f"].get(round).map(|&text| text.to_owned()),
                Kind::Integer { min, .. } if round == 4 => Some((min + 7).to_string()),
                kind => limits(kind).into_iter().nth(round),
            };
            let set: Vec<_> = all.iter().filter_map(|each| Some((each, text(&each.kind)?))).collect();
            let sql = |(each, text): &(&Parameter, String)| {
                Alter::Set { name: each.name.clone(), literals: vec![text.clone()] }.sql()
            };
            let failed = run_all(&server, &set.iter().map(sql).collect::<Vec<_>>());
            reload(&server);
            let rows = server.query("postgres", "select name, setting from pg_settings").unwrap();
            for ((each, text), _) in set.iter().zip(failed).filter(|(_, failed)| failed.is_none()) {
                let row = rows.iter().find(|row| row[0].as_ref() == Some(&each.name)).unwrap();
                let shown = row[1].as_deref().unwrap_or_default();
                let verdict = is_shown_as(&each.name, i64::from(major), &each.kind, text, shown);
                if verdict == Some(false) {
                    faults.push(format!("{major}: {} = {text:?} is shown as {shown:?}", each.name));
                }
                seen += usize::from(verdict == Some(true));
            }
            server.execute("postgres", "alter system reset all").unwrap();
        }
        assert!(seen > 100, "{major}: {seen}");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
