//! Taking secrets out of a value before it is written anywhere.

use std::borrow::Cow;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::LazyLock;

use pgdba_pg::mask::{MASK, conninfo, setting, sql};
use pgdba_snapshot::section::Mask;

/// What the server itself writes in the place of a statement that is not to be seen. It is no SQL, and it says why
/// there is none.
const NO_STATEMENT: [&str; 3] =
    ["<insufficient privilege>", "<command string not enabled>", "<backend information not available>"];

/// `text` as the document may carry it; `parameter` is the row's `name`.
pub(crate) fn masked<'t>(mask: Option<Mask>, text: &'t str, parameter: Option<&str>) -> Cow<'t, str> {
    match mask {
        None => Cow::Borrowed(text),
        Some(Mask::Sql) if NO_STATEMENT.contains(&text) => Cow::Borrowed(text),
        Some(Mask::Sql) => Cow::Owned(sql::mask(text)),
        Some(Mask::Expression) => Cow::Owned(sql::mask_expression(text, &token)),
        Some(Mask::Conninfo) => Cow::Owned(conninfo::mask(text)),
        Some(Mask::Urls) => Cow::Owned(conninfo::mask_urls(text)),
        Some(Mask::Setting) => match parameter {
            Some(name) => Cow::Owned(setting::mask(name, text)),
            // A value that nobody can say the meaning of may be anything.
            None => Cow::Borrowed(MASK),
        },
    }
}

/// The key under which constants are hashed: random, and gone with this process. Without it nobody can find a constant by
/// trying.
static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// What stands for a constant: equal for equal ones of this document, and nothing more.
fn token(literal: &str) -> String {
    // Half of the hash tells a document's constants apart.
    format!("{:08x}", KEY.hash_one(literal) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mask_is_applied() {
        let mask = |mask, text| masked(mask, text, None).into_owned();
        assert_eq!(mask(None, "as 'is'"), "as 'is'");
        assert_eq!(mask(Some(Mask::Sql), "select 'x'"), "select ?");
        assert_eq!(mask(Some(Mask::Urls), "job postgres://u:p@h"), "job postgres://***@h");
        assert_eq!(mask(Some(Mask::Conninfo), "host=h password=p"), "host=h password=***");
        assert_eq!(mask(Some(Mask::Setting), "hunter2"), "***");
        assert_eq!(masked(Some(Mask::Setting), "hunter2", Some("app.key")), "***");
        assert_eq!(masked(Some(Mask::Setting), "4096", Some("work_mem")), "4096");
    }

    #[test]
    fn equal_constants_stay_equal() {
        let mask = |text| masked(Some(Mask::Expression), text, None).into_owned();
        let predicate = mask("(a = 'x'::text)");
        assert_eq!(predicate.len(), "(a = ?01234567::text)".len(), "{predicate}");
        assert!(predicate.starts_with("(a = ?") && predicate.ends_with("::text)"), "{predicate}");
        assert_eq!(mask("(a = 'x'::text)"), predicate);
        assert_ne!(mask("(a = 'y'::text)"), predicate);
    }

    #[test]
    fn what_the_server_says_in_place_of_a_statement_stays() {
        for text in NO_STATEMENT {
            assert_eq!(masked(Some(Mask::Sql), text, None), text);
        }
        assert_eq!(masked(Some(Mask::Sql), "<insufficient privilege> 'x'", None), "?");
    }
}
