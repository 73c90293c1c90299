//! Which parameters `ALTER SYSTEM` refuses whatever the value.

/// Refused although their context is not `internal`: they cannot stand in a file, or not in this one. The same on 12 to 18, apart from
/// those that a version does not have.
const REFUSED: [&str; 9] = [
    "allow_alter_system",
    "config_file",
    "data_directory",
    "role",
    "session_authorization",
    "ssl_renegotiation_limit",
    "transaction_deferrable",
    "transaction_isolation",
    "transaction_read_only",
];

/// Refused and not shown in `pg_settings`, so that no context tells it.
const HIDDEN: [&str; 1] = ["is_superuser"];

/// Whether `ALTER SYSTEM` says `parameter "…" cannot be changed` of this parameter, whatever the value.
///
/// `context` is that of `pg_settings`.
#[must_use]
pub fn cannot_be_altered(name: &str, context: &str) -> bool {
    let is_named = |names: &[&str]| names.iter().any(|refused| refused.eq_ignore_ascii_case(name));
    context == "internal" || is_named(&REFUSED) || is_named(&HIDDEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_context_does_not_tell_is_known_by_name() {
        assert!(cannot_be_altered("block_size", "internal"));
        assert!(cannot_be_altered("data_directory", "postmaster"));
        assert!(cannot_be_altered("Transaction_Isolation", "user"));
        assert!(!cannot_be_altered("hba_file", "postmaster"));
        assert!(!cannot_be_altered("work_mem", "user"));
    }
}
