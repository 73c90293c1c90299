//! What a role that may not see everything is told.

/// What a section says where bytes were replaced.
pub const REPLACED: &str = "text that is not valid UTF-8 is shown with replacement characters";

/// What the section of the statements says where their texts cannot be read.
pub const WITHOUT_TEXTS: &str =
    "the texts of the statements are not valid in the server's own encoding, so they are missing";

/// What stays hidden from a role that is no member of `role`.
#[must_use]
pub fn limitation(role: &str) -> String {
    let hidden = match role {
        "pg_read_all_stats" => "what other users' sessions and statements do",
        "pg_read_all_settings" => "every parameter, and the file and line each value comes from",
        _ => "all of it",
    };
    format!("needs membership in {role} to see {hidden}")
}
