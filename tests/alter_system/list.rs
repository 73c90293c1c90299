//! Which parameters are lists that are quoted, and which cannot be altered at all.

use std::collections::BTreeSet;

use pgdba_change::auto_conf::{Alter, AutoConf};
use pgdba_pg::parameter::{cannot_be_altered, is_list, is_list_quoted};
use xtask::servers::MAJORS;

use super::catalogue::parameters;
use super::{bytes, run_all, server};

/// Parameters that `pg_settings` does not show, of every version; of several the name is an old one that still works.
const HIDDEN: [&str; 6] =
    ["is_superuser", "role", "session_authorization", "sort_mem", "vacuum_mem", "default_with_oids"];

#[test]
fn lists_that_are_quoted_are_known_of_every_version() {
    for major in MAJORS {
        let server = server(major);
        let known = i64::from(major);
        let texts: Vec<_> = parameters(&server).into_iter().filter(|each| each.vartype == "string").collect();
        let one = |name: &str| Alter::Set { name: name.to_owned(), literals: vec!["aB, b".to_owned()] };
        run_all(&server, &texts.iter().map(|each| one(&each.name).sql()).collect::<Vec<_>>());
        let file = AutoConf::read(&bytes(&server)).unwrap();
        let quoted = file.entries().iter().filter(|entry| entry.value == b"\"aB, b\"").map(|entry| entry.name.clone());
        let expected = texts.iter().filter(|each| is_list_quoted(&each.name, known)).map(|each| each.name.clone());
        assert_eq!(quoted.collect::<BTreeSet<_>>(), expected.collect(), "{major}");

        let two = |name: &str| Alter::Set { name: name.to_owned(), literals: vec!["a".to_owned(), "b".to_owned()] };
        let failed = run_all(&server, &texts.iter().map(|each| two(&each.name).sql()).collect::<Vec<_>>());
        for (each, failed) in texts.iter().zip(failed) {
            let takes_one = failed.is_some_and(|message| message.contains("takes only one argument"));
            let is_any_list = is_list(&each.name, known) || is_list_quoted(&each.name, known);
            let is_refused = cannot_be_altered(&each.name, &each.context);
            assert!(is_refused || takes_one != is_any_list, "{major}: {} takes one: {takes_one}", each.name);
        }
    }
}

#[test]
fn what_cannot_be_altered_is_known_of_every_version() {
    for major in MAJORS {
        let server = server(major);
        let shown = parameters(&server).into_iter().map(|each| (each.name, each.context));
        let hidden = HIDDEN.iter().map(|name| ((*name).to_owned(), String::new()));
        let all: Vec<_> = shown.chain(hidden).collect();
        let reset = |name: &str| Alter::Reset { name: name.to_owned() }.sql();
        let failed = run_all(&server, &all.iter().map(|(name, _)| reset(name)).collect::<Vec<_>>());
        for ((name, context), failed) in all.iter().zip(failed) {
            let expected = cannot_be_altered(name, context).then(|| format!("parameter \"{name}\" cannot be changed"));
            assert_eq!(failed, expected, "{major}");
        }
    }
}
