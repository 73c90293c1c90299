//! What docs/policy.md shows is what happens.

use std::fs;

use serde_json::{Value, json};
use xtask::paths;

use super::{Desk, run_in};
use crate::fixtures;
use crate::schemas::{assert_valid, validator};

fn page() -> String {
    fs::read_to_string(paths::root().join("docs/policy.md")).unwrap()
}

/// The blocks of the page in this language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split_once("```").unwrap().0.to_owned()).collect()
}

/// A policy as the JSON Schema sees it: dates are texts.
fn as_json(text: &str) -> Value {
    fn of(value: &toml::Value) -> Value {
        match value {
            toml::Value::String(text) => json!(text),
            toml::Value::Datetime(date) => json!(date.to_string()),
            toml::Value::Array(items) => items.iter().map(of).collect(),
            toml::Value::Table(members) => members.iter().map(|(name, value)| (name.clone(), of(value))).collect(),
            toml::Value::Integer(number) => json!(number),
            toml::Value::Float(number) => json!(number),
            toml::Value::Boolean(is_true) => json!(is_true),
        }
    }
    of(&toml::from_str(text).unwrap())
}

#[test]
fn every_example_is_read_and_valid_against_the_schema() {
    let schema = validator("policy.json");
    let examples = blocks(&page(), "toml");
    assert_eq!(examples.len(), 3);
    for example in examples {
        pgdba_analysis::read_policy(example.as_bytes()).unwrap_or_else(|error| panic!("{error}: {example}"));
        assert_valid(&schema, &as_json(&example), &example);
    }
    for wrong in [
        "[[silence]]\nrule = 'fsync_off'\n",
        "[[silence]]\nrule = 'fsync_off'\nreason = ''\n",
        "[[ignore]]\nrule = 'fsync_off'\n",
        "[[lower]]\nto = 'dreadful'\nname = 'a'\nreason = 'r'\n",
        "[[lower]]\nto = 'info'\nname = []\nreason = 'r'\n",
        "[[lower]]\nto = 'info'\narea = 'vacum'\nreason = 'r'\n",
    ] {
        assert!(!schema.is_valid(&as_json(wrong)), "{wrong}");
        assert!(pgdba_analysis::read_policy(wrong.as_bytes()).is_err(), "{wrong}");
    }
}

#[test]
fn the_commands_run_as_they_are_shown() {
    let desk = Desk::new();
    let work = desk.path("work");
    fs::write(work.join("shop.json.gz"), fixtures::bytes("example.json.gz")).unwrap();
    let commands: Vec<String> = blocks(&page(), "sh").concat().lines().map(str::to_owned).collect();
    assert_eq!(commands.len(), 2);
    for command in commands {
        let words: Vec<&str> = command.split(' ').collect();
        assert_eq!(words[0], "pgdba");
        let run = run_in(&work, &desk.path("home"), &words[1..]);
        assert_eq!(run.code, Some(0), "{command}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn the_error_is_told_as_it_is_shown() {
    let desk = Desk::new();
    desk.write("work/pgdba.toml", "[[silence]]\nrule = \"ded_tuples\"\nreason = \"r\"\n");
    let run = desk.run("check --snapshot ../beside/shop.json.gz");
    assert_eq!(run.stderr, blocks(&page(), "text")[0]);
}

#[test]
fn areas_and_severities_are_those_there_are() {
    let page = page();
    for (area, ..) in pgdba_analysis::rules::AREAS {
        assert!(page.contains(&format!("`{area}`")), "{area}");
        let text = format!("[[silence]]\narea = '{area}'\nreason = 'r'\n");
        assert!(pgdba_analysis::read_policy(text.as_bytes()).is_ok(), "{area}");
    }
    for severity in pgdba_analysis::Severity::ALL {
        assert!(page.contains(&format!("`{}`", severity.word())), "{}", severity.word());
    }
}
