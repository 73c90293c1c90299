//! Healthy servers that look ill, as `fixtures/healthy.toml` declares them: nothing above a notice is found.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;
use xtask::fixtures::folder;

use crate::scenario::{Scenario, above_notice, check, eventually, try_all};

/// A healthy server that looks ill.
#[derive(Deserialize)]
struct Healthy {
    #[serde(flatten)]
    scenario: Scenario,
    /// Why it is healthy.
    why: String,
    /// A query that is true once the state can be seen.
    until: Option<String>,
    /// The rules that must run and pass.
    #[serde(default)]
    passed: Vec<String>,
    /// Misspelt keys.
    #[serde(flatten)]
    unknown: BTreeMap<String, toml::Value>,
}

#[test]
fn a_healthy_server_that_looks_ill_is_left_alone() {
    let text = fs::read_to_string(folder().join("healthy.toml")).unwrap();
    let servers: BTreeMap<String, Healthy> = toml::from_str(&text).unwrap();
    assert!(servers.len() >= 30, "{} servers", servers.len());
    try_all(servers.into_iter().collect(), tried);
}

fn tried(name: &str, healthy: &Healthy) -> Result<(), String> {
    assert!(healthy.unknown.is_empty(), "{name}: {:?}", healthy.unknown);
    let staged = healthy.scenario.stage(name)?;
    if let Some(condition) = &healthy.until {
        eventually(|| match staged.server.query("postgres", condition) {
            Ok(rows) if rows == [[Some("t".to_owned())]] => Ok(()),
            other => Err(format!("its state is not reached on {}: {other:?}", staged.server.major())),
        })?;
    }
    let analysis = check(&staged.server);
    let findings = analysis["findings"].as_array().unwrap();
    let grave = above_notice(findings);
    if !grave.is_empty() {
        return Err(format!("{grave:?} on {}, although {}", staged.server.major(), healthy.why));
    }
    let outcome = |rule: &String| {
        let assessments = analysis["assessments"].as_array().unwrap();
        let of_rule = assessments.iter().find(|assessment| assessment["name"] == rule.as_str());
        of_rule.map_or("unknown".to_owned(), |assessment| assessment["outcome"]["result"].as_str().unwrap().to_owned())
    };
    match healthy.passed.iter().find(|rule| outcome(rule) != "passed") {
        Some(rule) => Err(format!("{rule}: {}, although {}", outcome(rule), healthy.why)),
        None => Ok(()),
    }
}
