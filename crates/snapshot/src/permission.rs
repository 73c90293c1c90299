//! What a role that may not see everything is told.

/// What a section says where bytes were replaced.
pub const REPLACED: &str = "text that is not valid UTF-8 is shown with replacement characters";

/// What the section of the statements says where their texts cannot be read.
pub const WITHOUT_TEXTS: &str =
    "statement texts are missing, because the server cannot convert all of them to the encoding of this database";

/// What stays hidden from a role that is no member of `role`.
#[must_use]
pub fn limitation(role: &str) -> String {
    let hidden = match role {
        "pg_read_all_stats" => "the sessions and statements of other roles",
        "pg_read_all_settings" => "all parameters, and the file and line of each value",
        _ => "everything",
    };
    format!("membership in {role} is required to see {hidden}")
}
