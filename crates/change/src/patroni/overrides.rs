//! What becomes of an `ALTER SYSTEM` on a server that Patroni may manage.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dcs, is_on_command_line, is_recovery_parameter};

/// What Patroni does to a value that `ALTER SYSTEM` sets on one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "level")]
pub enum Override {
    /// Patroni sets this parameter; `by` tells what overrides `ALTER SYSTEM`.
    Overridden {
        /// What overrides it.
        by: OverriddenBy,
    },
    /// Patroni manages this server, but does not set this parameter. `ALTER SYSTEM` takes effect on this member only:
    /// after a switchover the new primary does not have the value, and a reinitialization of a member loses or copies
    /// it. Set the parameter in the dynamic configuration instead.
    NotSetButEphemeral,
    /// Patroni seems to manage this server, but the URL of its REST API was not given, or it did not answer: whether
    /// the dynamic configuration sets this parameter is unknown.
    Unknown,
    /// The server is not managed by Patroni.
    NotManaged,
}

/// What overrides an `ALTER SYSTEM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverriddenBy {
    /// Patroni passes it on the server's command line: the value is stored, but never takes effect, not even after a
    /// restart. Only the dynamic configuration changes it.
    CommandLine,
    /// The dynamic configuration sets it. The value takes effect and silently overrides the cluster's value on this
    /// member only: later changes of the dynamic configuration have no effect here, and after a switchover the value is
    /// lost.
    Dcs,
    /// Patroni sets it on each member as the cluster requires: recovery parameters, which it also removes from
    /// `postgresql.auto.conf`, and in synchronous mode `synchronous_standby_names`.
    Patroni,
}

/// What is known of the Patroni behind a server.
#[derive(Debug, Clone, Copy)]
pub enum Sight<'a> {
    /// There is none.
    NotManaged,
    /// It manages the server, and has answered.
    Managed {
        /// The dynamic configuration.
        dcs: &'a Dcs,
        /// The parameters whose `pg_settings.source` is `command line`, in lower case.
        command_line: &'a BTreeSet<String>,
    },
    /// The server looks as Patroni's do, but nobody has asked Patroni, or it has not answered.
    Unseen {
        /// The parameters whose `pg_settings.source` is `command line`, in lower case.
        command_line: &'a BTreeSet<String>,
    },
}

/// What Patroni does to an `ALTER SYSTEM` of this parameter.
#[must_use]
pub fn override_of(parameter: &str, sight: &Sight<'_>) -> Override {
    let lower = parameter.to_ascii_lowercase();
    let overridden = |by| Override::Overridden { by };
    let (dcs, command_line) = match sight {
        Sight::NotManaged => return Override::NotManaged,
        Sight::Managed { dcs, command_line } => (Some(*dcs), *command_line),
        Sight::Unseen { command_line } => (None, *command_line),
    };
    // Patroni has the wal_keep_… of this server's version only, so the server says which ones are there. A server that is
    // asked before Patroni has started it once has none of them on its command line, and will have them.
    if command_line.contains(&lower) || (dcs.is_some() && command_line.is_empty() && is_on_command_line(&lower)) {
        return overridden(OverriddenBy::CommandLine);
    }
    if is_recovery_parameter(&lower) {
        return overridden(OverriddenBy::Patroni);
    }
    let Some(dcs) = dcs else { return Override::Unknown };
    if lower == "synchronous_standby_names" && is_synchronous(dcs) {
        return overridden(OverriddenBy::Patroni);
    }
    if dcs.stored_value(&lower).is_some() { overridden(OverriddenBy::Dcs) } else { Override::NotSetButEphemeral }
}

/// `synchronous_mode` is off, on or `quorum`.
fn is_synchronous(dcs: &Dcs) -> bool {
    let mode = dcs.0.get("synchronous_mode").and_then(super::as_postgresql_reads).unwrap_or_default();
    !matches!(mode.to_ascii_lowercase().as_str(), "" | "off" | "false" | "no" | "0")
}

/// The parameters that Patroni passes on the command line of every version and that hardly anybody else does.
const SIGNATURE: [&str; 6] = [
    "cluster_name",
    "hot_standby",
    "max_replication_slots",
    "max_wal_senders",
    "track_commit_timestamp",
    "wal_log_hints",
];

/// Whether a server looks as if Patroni had started it, from the parameters whose `pg_settings.source` is `command line`.
#[must_use]
pub fn looks_managed(command_line: &BTreeSet<String>) -> bool {
    SIGNATURE.iter().all(|name| command_line.contains(*name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn command_line() -> BTreeSet<String> {
        let names = "cluster_name hot_standby listen_addresses max_connections max_locks_per_transaction max_prepared_transactions \
                     max_replication_slots max_wal_senders max_worker_processes port track_commit_timestamp wal_level wal_log_hints";
        names.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn each_level_is_told_apart() {
        let dcs = Dcs(
            json!({"postgresql": {"parameters": {"work_mem": "6MB", "max_connections": 60, "temp_buffers": null}}}),
        );
        let names = command_line();
        let (managed, unseen) =
            (Sight::Managed { dcs: &dcs, command_line: &names }, Sight::Unseen { command_line: &names });
        let overridden = |by| Override::Overridden { by };
        for (parameter, seen, not_seen) in [
            ("work_mem", overridden(OverriddenBy::Dcs), Override::Unknown),
            ("Max_Connections", overridden(OverriddenBy::CommandLine), overridden(OverriddenBy::CommandLine)),
            ("temp_buffers", Override::NotSetButEphemeral, Override::Unknown),
            ("random_page_cost", Override::NotSetButEphemeral, Override::Unknown),
            ("wal_keep_size", Override::NotSetButEphemeral, Override::Unknown),
            ("primary_conninfo", overridden(OverriddenBy::Patroni), overridden(OverriddenBy::Patroni)),
            ("synchronous_standby_names", Override::NotSetButEphemeral, Override::Unknown),
        ] {
            assert_eq!(override_of(parameter, &managed), seen, "{parameter}");
            assert_eq!(override_of(parameter, &unseen), not_seen, "{parameter}");
            assert_eq!(override_of(parameter, &Sight::NotManaged), Override::NotManaged, "{parameter}");
        }
    }

    #[test]
    fn synchronous_mode_makes_the_names_of_standbys_patronis() {
        let names = command_line();
        let level = |mode: serde_json::Value| {
            let dcs = Dcs(json!({"synchronous_mode": mode}));
            override_of("synchronous_standby_names", &Sight::Managed { dcs: &dcs, command_line: &names })
        };
        for mode in [json!(true), json!("on"), json!("quorum")] {
            assert_eq!(level(mode), Override::Overridden { by: OverriddenBy::Patroni });
        }
        for mode in [json!(false), json!("off"), json!(null)] {
            assert_eq!(level(mode), Override::NotSetButEphemeral);
        }
    }

    #[test]
    fn a_server_that_patroni_started_is_known_by_its_command_line() {
        assert!(looks_managed(&command_line()));
        let mut less = command_line();
        less.remove("wal_log_hints");
        assert!(!looks_managed(&less));
        assert!(!looks_managed(&BTreeSet::from(["cluster_name".to_owned(), "port".to_owned()])));
    }

    #[test]
    fn the_levels_have_the_names_of_the_public_format() {
        let text = |level: Override| serde_json::to_string(&level).unwrap();
        let overridden = text(Override::Overridden { by: OverriddenBy::CommandLine });
        assert_eq!(overridden, r#"{"level":"overridden","by":"command_line"}"#);
        assert_eq!(text(Override::NotSetButEphemeral), r#"{"level":"not_set_but_ephemeral"}"#);
        assert_eq!(text(Override::Unknown), r#"{"level":"unknown"}"#);
        assert_eq!(text(Override::NotManaged), r#"{"level":"not_managed"}"#);
    }
}
