//! What the server thinks of a parameter's value, from what `pg_settings` says of the parameter: how the text is read, whether it
//! is allowed, which texts mean the same, and what `SHOW` makes of it.
//!
//! Nothing here asks a server. Where a text cannot be judged from outside (an enum of an extension may take words that no view
//! shows), the answer is [`Value::Unsure`] and never a refusal that the server would not give.

mod alterable;
mod error;
mod kind;
mod list;
mod number;
mod rule;
mod shown;
mod source;
mod value;
mod words;

pub use alterable::cannot_be_altered;
pub use error::ValueError;
pub use kind::{Declaration, Kind};
pub use list::{is_list, is_list_quoted, join_list, quote_list_element, split_list};
pub use rule::check_rule;
pub use shown::{Shown, is_shown_as, reads_back_differently};
pub use source::{Scope, Source};
pub use value::{MAX_VALUE_BYTES, Value, parse, same};

/// Whether `file`, with its folder, is the one that `ALTER SYSTEM` writes.
#[must_use]
pub fn is_auto_conf(file: &str) -> bool {
    file_name(file) == "postgresql.auto.conf"
}

/// The name of a file without its directory.
#[must_use]
pub fn file_name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

/// Whether a row of `pg_file_settings` with this file and error stands for a parameter that was removed from the files and
/// requires a restart to return to its default. It is no line, so it has no file, line or name; the server does not translate
/// the error. A main file that cannot be opened has no file either.
#[must_use]
pub fn is_removed_from_files(file: Option<&str>, error: Option<&str>) -> bool {
    file.is_none_or(str::is_empty)
        && error.is_some_and(|error| error.ends_with("cannot be changed without restarting the server"))
}

#[cfg(test)]
mod tests {
    use super::is_removed_from_files;

    #[test]
    fn a_removed_parameter_is_no_invalid_line() {
        let removed = Some("parameter \"max_prepared_transactions\" cannot be changed without restarting the server");
        assert!(is_removed_from_files(None, removed));
        assert!(is_removed_from_files(Some(""), removed));
        assert!(!is_removed_from_files(Some("/data/postgresql.conf"), removed));
        assert!(!is_removed_from_files(None, Some("could not open file \"/data/postgresql.conf\"")));
        assert!(!is_removed_from_files(None, None));
    }
}
