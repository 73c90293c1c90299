//! Servers on which one thing goes wrong each, as the rules declare it in `fixtures/rules`: the rule names the object, and
//! its remedy, run, makes the finding go away.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::Stdio;

use pgdba_analysis::rules;
use serde::Deserialize;
use serde_json::Value;
use xtask::servers::Server;

use crate::fixtures::Expected;
use crate::scenario::{Scenario, above_notice, check, eventually, psql, try_all};

/// How to cause on a server what a rule finds.
#[derive(Deserialize)]
pub(crate) struct Spoil {
    #[serde(flatten)]
    scenario: Scenario,
    /// The object that must be named, as in the finding's ID: `table postgres.public.orders`; only its kind where nobody knows its
    /// name before.
    subject: String,
    /// Other rules that find something above a notice in this state.
    #[serde(default)]
    also: BTreeSet<String>,
    /// Statements that carry out the remedy by hand, where it is a text.
    #[serde(default)]
    by_hand: Vec<String>,
    /// Why the remedy is not run, where it cannot be.
    unremedied: Option<String>,
    /// Misspelt keys.
    #[serde(flatten)]
    unknown: BTreeMap<String, toml::Value>,
}

#[test]
fn a_rule_names_what_was_spoiled_and_its_remedy_mends_it() {
    let scenario = |rule: &pgdba_analysis::Rule| Some((rule.name.to_owned(), Expected::of(rule.name).spoil?));
    try_all(rules::of_servers().filter_map(scenario).collect(), tried);
}

/// Spoils a server, and mends it as its finding says.
fn tried(rule: &str, spoil: &Spoil) -> Result<(), String> {
    assert!(spoil.unknown.is_empty(), "{rule}: {:?}", spoil.unknown);
    let staged = spoil.scenario.stage(rule)?;
    let server = &staged.server;
    let own = BTreeSet::from([rule.to_owned()]);
    let finding = eventually(|| {
        let findings = findings(server);
        let found = findings.iter().find(|finding| finding["name"] == rule).cloned();
        let others: BTreeSet<String> = &above_notice(&findings) - &own;
        match found {
            None => Err(format!("it did not fire on {}", server.major())),
            Some(_) if others != spoil.also => Err(format!("besides it fired: {others:?}, not {:?}", spoil.also)),
            Some(found) if !names(&found, &spoil.subject) => Err(format!("it named {}", found["subjects"])),
            Some(found) => Ok(found),
        }
    })?;
    if spoil.unremedied.is_some() {
        return Ok(());
    }
    mend(server, &finding, &spoil.by_hand)?;
    eventually(|| match findings(server).iter().find(|finding| finding["name"] == rule) {
        Some(finding) => Err(format!("its remedy did not help: {}: {}", finding["summary"], statements(finding))),
        None => Ok(()),
    })
}

fn findings(server: &Server) -> Vec<Value> {
    check(server)["findings"].as_array().unwrap().clone()
}

fn names(finding: &Value, subject: &str) -> bool {
    let id = format!("{} {subject}", finding["code"].as_str().unwrap());
    let is_it = |affected: &Value| affected["id"] == id.as_str() || affected["subject"]["kind"] == subject;
    finding["subjects"].as_array().unwrap().iter().any(is_it)
}

/// The statements that carry out the remedy, as the reader would paste them.
fn statements(finding: &Value) -> String {
    let of_subjects = finding["subjects"].as_array().unwrap().iter().filter_map(|affected| affected["sql"].as_str());
    let script = finding["remedy"]["script"]["text"].as_str();
    script.into_iter().chain(of_subjects).collect::<Vec<_>>().join("\n")
}

/// Runs the remedy of a finding, or what a reader runs who follows its text.
fn mend(server: &Server, finding: &Value, by_hand: &[String]) -> Result<(), String> {
    let sql = if by_hand.is_empty() { statements(finding) } else { by_hand.join(";\n") };
    let sql = sql.replace("-- connected to database ", "\\connect ");
    let sql = sql.replace("-- connected to another database", "\\connect postgres");
    let effort = finding["remedy"]["effort"].as_str();
    if sql.is_empty() && effort != Some("restart") {
        return Err(format!("its remedy has nothing to run: {}", finding["remedy"]["text"]));
    }
    let mut child = psql(server)
        .args(["-v", "ON_ERROR_STOP=1", "-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    if !output.status.success() {
        // VACUUM (VERBOSE) tells much more.
        let errors = String::from_utf8_lossy(&output.stderr);
        let errors: Vec<&str> =
            errors.lines().filter(|line| line.contains("ERROR") || line.contains("FATAL")).collect();
        return Err(format!("its remedy failed: {sql}\n{}", errors.join("\n")));
    }
    if effort == Some("restart") {
        server.restart().map_err(|error| format!("the server did not restart after: {sql}\n{error:?}"))?;
    }
    Ok(())
}
