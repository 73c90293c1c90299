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
