//! One entry of the registry, and what may stand in it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dsn::Dsn;
use crate::failure::Failure;

/// A cluster that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// Its name in the registry.
    pub(crate) name: String,
    /// How to reach it.
    pub(crate) dsn: Dsn,
    /// Where its Patroni answers (REST), if it has one.
    pub(crate) patroni: Option<String>,
    /// What the user says about it, for `list --tag`.
    pub(crate) tags: BTreeMap<String, String>,
    /// A line for people.
    pub(crate) note: Option<String>,
}

impl Cluster {
    /// Checks each part; what is wrong is said in one sentence that repeats no secret.
    pub(crate) fn check(self) -> Result<Self, Failure> {
        check_name(&self.name)?;
        self.patroni.as_deref().map_or(Ok(()), check_patroni)?;
        self.tags.iter().try_for_each(|(key, value)| check_tag(key, value))?;
        self.note.as_deref().map_or(Ok(()), |note| one_line("note", note))?;
        Ok(self)
    }

    /// Its tags as they are given: `key=value`.
    pub(crate) fn tags_text(&self) -> String {
        self.tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
    }

    /// For programs.
    pub(crate) fn data(&self) -> Value {
        json!({
            "name": self.name,
            "server": self.dsn.place(),
            "dsn": self.dsn.as_str(),
            "patroni": self.patroni,
            "tags": self.tags,
            "note": self.note,
        })
    }
}

/// A name that needs no quoting anywhere. It is not repeated where it is wrong: it may be a connection string that
/// was given in the name's place.
pub(super) fn check_name(name: &str) -> Result<(), Failure> {
    if is_word(name) {
        return Ok(());
    }
    let message =
        "a cluster's name is made of letters, digits, \"-\", \"_\" and \".\", and begins with a letter or digit";
    Err(Failure::usage(
        "bad_cluster_name",
        message,
        "Choose a name such as prod-1; the connection string goes into --dsn.",
    ))
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// `key=value` taken apart.
pub(crate) fn tag(text: &str) -> Result<(String, String), Failure> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    check_tag(key, value)?;
    Ok((key.to_owned(), value.to_owned()))
}

fn check_tag(key: &str, value: &str) -> Result<(), Failure> {
    if is_word(key) && !value.is_empty() {
        return one_line("tag", value);
    }
    let message = "a tag is key=value, and its key is made of letters, digits, \"-\", \"_\" and \".\"";
    Err(Failure::usage("bad_tag", message, "Write --tag env=prod; repeat --tag for more tags."))
}

fn one_line(what: &str, text: &str) -> Result<(), Failure> {
    if !text.contains(char::is_control) {
        return Ok(());
    }
    let message = format!("a {what} is one line without control characters");
    Err(Failure::usage("bad_text", message, "Write it on one line."))
}

/// `http(s)://HOST[:PORT][/…]`, without user information: that is a secret, and so may be a query.
fn check_patroni(url: &str) -> Result<(), Failure> {
    let wrong = |code, message| Err(Failure::usage(code, message, "Write http://HOST:8008 or https://HOST:8008."));
    if url.contains('@') {
        return wrong(
            "password_in_url",
            "the Patroni URL contains user information, which the registry does not store",
        );
    }
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let is_plain = !url.contains(|c: char| c.is_whitespace() || c.is_control() || "?#\\".contains(c));
    let authority = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    if is_plain && !host.is_empty() && is_port {
        return Ok(());
    }
    wrong("bad_patroni_url", "the Patroni URL is not http:// or https:// with a host and nothing after the path")
}
