//! Where a remedy is carried out: on which node, in which service, and what manages the configuration.

use pgdba_pg::parameter::Source;
use pgdba_snapshot::sections::system::System;

use super::settings::{Configured, Settings};

/// Parameters that Patroni always passes on the command line; other installations rarely do.
const BY_PATRONI: [&str; 4] = ["hot_standby", "wal_log_hints", "max_worker_processes", "track_commit_timestamp"];

/// The file into which Patroni moves the original `postgresql.conf`.
const PATRONI_FILE: &str = "postgresql.base.conf";

/// Where a remedy is carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether the server is a standby, which is read-only.
    pub is_standby: bool,
    /// The managed service that hosts it, such as `Amazon RDS`, which does not allow ALTER SYSTEM.
    pub service: Option<String>,
    /// Whether Patroni manages the configuration.
    pub has_patroni: bool,
}

impl Surroundings {
    pub(super) fn of(system: Option<&System>, configured: Option<&Configured>) -> Self {
        Self {
            is_standby: system.and_then(|system| system.is_in_recovery) == Some(true),
            service: system.and_then(|system| system.hosting.clone()),
            has_patroni: configured.is_some_and(has_patroni),
        }
    }
}

fn has_patroni(configured: &Configured) -> bool {
    let is_on_the_command_line =
        |name: &str| configured.get(name).and_then(Settings::source) == Some(Source::CommandLine);
    let has_file = configured.files().is_some_and(|files| files.names().any(|file| file.ends_with(PATRONI_FILE)));
    has_file || BY_PATRONI.into_iter().all(is_on_the_command_line)
}
