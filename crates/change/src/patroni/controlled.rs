//! The parameters that Patroni controls itself, and what it makes of a value for them.
//!
//! As Patroni 3.0 to 4.1 have it (`CMDLINE_OPTIONS` in its `postgresql/config.py`): they stand on PostgreSQL's command line on every member, so that a standby never has less
//! than its primary. A value for them is taken from the dynamic configuration alone, never from a member's local file, and only
//! if it is good enough; else Patroni takes its own without a word to the caller.

use serde_json::Value;
use thiserror::Error;

use super::as_postgresql_reads;

/// Why Patroni will not take a value from the dynamic configuration, and what it does instead. `PATCH /config` answers 200 all
/// the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It is never taken from there.
    #[error("Patroni never uses it from the dynamic configuration: {0}")]
    Never(&'static str),
    /// Patroni keeps it on, whatever stands there.
    #[error("Patroni always sets it to on, regardless of the dynamic configuration")]
    AlwaysOn,
    /// Patroni's own value takes its place.
    #[error("Patroni accepts only {allowed}, and silently replaces anything else with {instead}")]
    Replaced {
        /// What it takes, in words.
        allowed: &'static str,
        /// What it takes instead.
        instead: &'static str,
    },
    /// Patroni 3 takes nothing of the whole dynamic configuration from then on.
    #[error(
        "Patroni accepts only {allowed}, and with any other value Patroni before 3.1 ignores the whole dynamic \
         configuration"
    )]
    StopsAll {
        /// What it takes, in words.
        allowed: &'static str,
    },
}

impl Refusal {
    /// What to do instead, as a sentence.
    #[must_use]
    pub fn hint(&self, parameter: &str) -> String {
        match self {
            Self::Never(_) if STANDBY_ONLY.contains(&parameter.to_ascii_lowercase().as_str()) => format!(
                "Set it for the standbys with: patronictl edit-config -s postgresql.recovery_conf.{parameter}='…'"
            ),
            Self::Never(LISTEN) => {
                "Set postgresql.listen in each member's Patroni configuration file, then restart the member.".to_owned()
            }
            Self::Never(_) | Self::AlwaysOn => "Leave it out; Patroni manages it.".to_owned(),
            Self::Replaced { allowed, .. } | Self::StopsAll { allowed } => {
                format!("Choose a value that Patroni accepts: {allowed}.")
            }
        }
    }
}

/// What a value must be.
enum Rule {
    Never(&'static str),
    /// Kept on; one of the two may be off from Patroni 4 on.
    On {
        may_be_off: bool,
    },
    Least(i64, &'static str),
    /// Megabytes where no unit is given.
    LeastMegabytes(f64, &'static str),
    OneOf(&'static [&'static str], &'static str),
    Bool,
}

const LISTEN: &str = "it is set by postgresql.listen in each member's configuration file";

/// By name, with what is asked of a value in words and what stands in for a bad one.
const ON_COMMAND_LINE: [(&str, Rule, &str); 15] = [
    ("listen_addresses", Rule::Never(LISTEN), ""),
    ("port", Rule::Never(LISTEN), ""),
    ("cluster_name", Rule::Never("it is set by the scope in each member's configuration file"), ""),
    ("wal_level", Rule::OneOf(&["hot_standby", "replica", "logical"], "replica or logical"), "replica"),
    ("hot_standby", Rule::On { may_be_off: false }, "on"),
    ("max_connections", Rule::Least(25, "integers of at least 25"), "100"),
    ("max_wal_senders", Rule::Least(3, "integers of at least 3"), "10"),
    ("wal_keep_segments", Rule::Least(1, "integers of at least 1"), "8"),
    ("wal_keep_size", Rule::LeastMegabytes(16.0, "sizes of at least 16MB"), "128MB"),
    ("max_prepared_transactions", Rule::Least(0, "integers of at least 0"), "0"),
    ("max_locks_per_transaction", Rule::Least(32, "integers of at least 32"), "64"),
    ("track_commit_timestamp", Rule::Bool, "off"),
    ("max_replication_slots", Rule::Least(4, "integers of at least 4"), "10"),
    ("max_worker_processes", Rule::Least(2, "integers of at least 2"), "8"),
    ("wal_log_hints", Rule::On { may_be_off: true }, "on"),
];

/// The parameters of recovery: Patroni writes them for each standby and takes them out of `postgresql.auto.conf`.
const RECOVERY: [&str; 16] = [
    "archive_cleanup_command",
    "primary_conninfo",
    "primary_slot_name",
    "promote_trigger_file",
    "recovery_end_command",
    "recovery_min_apply_delay",
    "recovery_target",
    "recovery_target_action",
    "recovery_target_inclusive",
    "recovery_target_lsn",
    "recovery_target_name",
    "recovery_target_time",
    "recovery_target_timeline",
    "recovery_target_xid",
    "restore_command",
    "trigger_file",
];

/// Those of recovery that Patroni writes on standbys only, from `postgresql.recovery_conf`: a primary never shows them.
const STANDBY_ONLY: [&str; 6] = [
    "archive_cleanup_command",
    "promote_trigger_file",
    "recovery_end_command",
    "recovery_min_apply_delay",
    "restore_command",
    "trigger_file",
];

/// Those of recovery that stand nowhere but in what Patroni works out for each member.
const WORKED_OUT: [&str; 2] = ["primary_conninfo", "primary_slot_name"];

/// Whether Patroni passes this parameter on the command line, wherever its value comes from.
#[must_use]
pub fn is_on_command_line(parameter: &str) -> bool {
    ON_COMMAND_LINE.iter().any(|(name, ..)| name.eq_ignore_ascii_case(parameter))
}

/// Whether it is one of recovery.
#[must_use]
pub fn is_recovery_parameter(parameter: &str) -> bool {
    RECOVERY.iter().any(|name| name.eq_ignore_ascii_case(parameter))
}

/// Why this value will not be taken from the dynamic configuration; none where it will, as far as Patroni itself is concerned.
/// Whether PostgreSQL knows the parameter and likes the value is another question.
///
/// `patroni` is its version, as 3 and 0 of 3.0.2; where it is not known, an old one is assumed.
#[must_use]
pub fn dcs_refuses(parameter: &str, value: &Value, patroni: Option<(u32, u32)>) -> Option<Refusal> {
    let is = |name: &&str| name.eq_ignore_ascii_case(parameter);
    if WORKED_OUT.iter().any(is) || RECOVERY.iter().filter(|name| name.starts_with("recovery_target")).any(is) {
        return Some(Refusal::Never("it computes it for each member"));
    }
    if STANDBY_ONLY.iter().any(is) {
        return Some(Refusal::Never("it writes recovery parameters on standbys only, from postgresql.recovery_conf"));
    }
    let (_, rule, instead) = ON_COMMAND_LINE.iter().find(|(name, ..)| is(name))?;
    let text = as_postgresql_reads(value).unwrap_or_default();
    let text = text.trim().to_ascii_lowercase();
    let is_before = |version| patroni.is_none_or(|patroni| patroni < version);
    let replaced = |allowed| Some(Refusal::Replaced { allowed, instead });
    match rule {
        Rule::Never(why) => Some(Refusal::Never(why)),
        Rule::On { may_be_off } => match boolean(&text) {
            Some(true) => None,
            Some(false) if *may_be_off && !is_before((4, 0)) => None,
            _ => Some(Refusal::AlwaysOn),
        },
        Rule::Bool => boolean(&text).map_or_else(|| replaced("on or off"), |_| None),
        Rule::OneOf(words, allowed) => {
            if words.contains(&text.as_str()) {
                None
            } else {
                replaced(allowed)
            }
        }
        Rule::Least(least, allowed) => match whole_number(value, &text) {
            Some(number) if number >= *least => None,
            None if is_before((3, 1)) => Some(Refusal::StopsAll { allowed }),
            _ => replaced(allowed),
        },
        Rule::LeastMegabytes(least, allowed) => match megabytes(&text) {
            Some(size) if size >= *least => None,
            None if is_before((3, 1)) => Some(Refusal::StopsAll { allowed }),
            _ => replaced(allowed),
        },
    }
}

/// As Patroni reads one; PostgreSQL knows more words.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "on" | "true" | "yes" | "1" => Some(true),
        "off" | "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

fn whole_number(value: &Value, text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| value.as_f64().and_then(|number| number.trunc().to_string().parse().ok()))
}

fn megabytes(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let number: f64 = digits.parse().ok()?;
    let per_unit = match text.get(digits.len()..)?.trim() {
        "b" => 1.0 / 1024.0 / 1024.0,
        "kb" => 1.0 / 1024.0,
        "" | "mb" => 1.0,
        "gb" => 1024.0,
        "tb" => 1024.0 * 1024.0,
        _ => return None,
    };
    Some(number * per_unit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(parameter: &str, value: Value, version: (u32, u32)) -> String {
        dcs_refuses(parameter, &value, Some(version)).map_or_else(|| "taken".to_owned(), |refusal| refusal.to_string())
    }

    #[test]
    fn a_value_that_is_too_small_is_replaced() {
        for (parameter, small, enough) in [
            ("max_connections", json!(24), json!("25")),
            ("max_wal_senders", json!("2"), json!(3)),
            ("wal_keep_size", json!("15MB"), json!("1GB")),
            ("wal_keep_size", json!("16000kB"), json!(16)),
            ("max_locks_per_transaction", json!(31), json!(32.0)),
            ("max_replication_slots", json!(3), json!(" 4 ")),
            ("max_worker_processes", json!(1), json!(2)),
            ("max_prepared_transactions", json!(-1), json!(0)),
            ("WAL_level", json!("minimal"), json!("Logical")),
            ("track_commit_timestamp", json!("maybe"), json!(true)),
        ] {
            for version in [(3, 0), (4, 1)] {
                let answer = refused(parameter, small.clone(), version);
                assert!(answer.contains("silently replaces anything else"), "{parameter} {small}: {answer}");
                assert_eq!(refused(parameter, enough.clone(), version), "taken", "{parameter} {enough}");
            }
        }
    }

    #[test]
    fn some_are_never_taken_from_there() {
        for parameter in ["port", "listen_addresses", "Cluster_Name", "primary_conninfo", "recovery_target_xid"] {
            assert!(refused(parameter, json!("1"), (4, 1)).starts_with("Patroni never uses it"), "{parameter}");
        }
        assert!(refused("restore_command", json!("cp %f %p"), (4, 1)).contains("on standbys only"));
        for parameter in ["work_mem", "shared_buffers", "auto_explain.log_min_duration"] {
            assert_eq!(refused(parameter, json!("anything"), (3, 0)), "taken");
        }
    }

    #[test]
    fn the_hint_names_the_bound_or_the_right_place() {
        let hint = |parameter, value| dcs_refuses(parameter, &value, Some((4, 1))).unwrap().hint(parameter);
        assert_eq!(
            hint("max_connections", json!("20")),
            "Choose a value that Patroni accepts: integers of at least 25."
        );
        assert!(hint("port", json!("1")).starts_with("Set postgresql.listen"));
        let standbys = hint("restore_command", json!("cp %f %p"));
        assert!(standbys.ends_with("-s postgresql.recovery_conf.restore_command='…'"), "{standbys}");
    }

    #[test]
    fn versions_differ_on_what_may_be_off_and_on_what_is_no_number() {
        let off = |parameter, version| dcs_refuses(parameter, &json!(false), Some(version));
        assert_eq!((off("wal_log_hints", (3, 3)), off("wal_log_hints", (4, 0))), (Some(Refusal::AlwaysOn), None));
        assert_eq!(off("hot_standby", (4, 0)), Some(Refusal::AlwaysOn));
        assert!(refused("max_connections", json!("lots"), (3, 0)).contains("ignores the whole dynamic configuration"));
        assert!(refused("max_connections", json!("lots"), (3, 1)).contains("replaces anything else with 100"));
        assert!(matches!(dcs_refuses("max_connections", &json!([]), None), Some(Refusal::StopsAll { .. })));
    }
}
