//! Taking secrets out of a value before it is written anywhere.

use std::borrow::Cow;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::LazyLock;

use pgdba_pg::lexer::is_plannable;
use pgdba_pg::mask::{MASK, conninfo, setting, sql};
use pgdba_snapshot::section::Mask;

/// The column of a row that decides about the value under `mask`.
pub(crate) fn deciding_column(mask: Mask) -> Option<&'static str> {
    match mask {
        Mask::Setting => Some("name"),
        Mask::QueryId => Some("query"),
        Mask::Sql | Mask::Urls | Mask::Conninfo | Mask::Expression => None,
    }
}

/// `text` as the document may carry it, if it may; `decider` is the value of the row's [`deciding_column`].
pub(crate) fn masked<'t>(mask: Option<Mask>, text: &'t str, decider: Option<&str>) -> Option<Cow<'t, str>> {
    if mask == Some(Mask::QueryId) {
        return decider.is_some_and(is_plannable).then_some(Cow::Borrowed(text));
    }
    Some(match mask {
        Some(Mask::QueryId) | None => Cow::Borrowed(text),
        Some(Mask::Sql) => Cow::Owned(sql::mask(text)),
        Some(Mask::Expression) => Cow::Owned(sql::mask_expression(text, &token)),
        Some(Mask::Conninfo) => Cow::Owned(conninfo::mask(text)),
        Some(Mask::Urls) => Cow::Owned(conninfo::mask_urls(text)),
        Some(Mask::Setting) => match decider {
            Some(name) => Cow::Owned(setting::mask(name, text)),
            // The value of an unknown parameter may be anything.
            None => Cow::Borrowed(MASK),
        },
    })
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
        let mask = |mask, text| masked(mask, text, None).unwrap().into_owned();
        assert_eq!(mask(None, "as 'is'"), "as 'is'");
        assert_eq!(mask(Some(Mask::Sql), "select 'x'"), "select $1");
        assert_eq!(mask(Some(Mask::Urls), "job postgres://u:p@h"), "job postgres://***@h");
        assert_eq!(mask(Some(Mask::Conninfo), "host=h password=p"), "host=h password=***");
        assert_eq!(mask(Some(Mask::Setting), "hunter2"), "***");
        let setting = |name, text| masked(Some(Mask::Setting), text, Some(name)).unwrap().into_owned();
        assert_eq!(setting("app.key", "hunter2"), "***");
        assert_eq!(setting("work_mem", "4096"), "4096");
    }

    #[test]
    fn equal_constants_stay_equal() {
        let mask = |text| masked(Some(Mask::Expression), text, None).unwrap().into_owned();
        let predicate = mask("(a = 'x'::text)");
        assert_eq!(predicate.len(), "(a = ?01234567::text)".len(), "{predicate}");
        assert!(predicate.starts_with("(a = ?") && predicate.ends_with("::text)"), "{predicate}");
        assert_eq!(mask("(a = 'x'::text)"), predicate);
        assert_ne!(mask("(a = 'y'::text)"), predicate);
    }

    #[test]
    fn identifiers_of_utility_statements_and_hidden_ones_go() {
        let kept = |query| masked(Some(Mask::QueryId), "-42", query).as_deref().map(str::to_owned);
        assert_eq!(kept(Some("select $1")).as_deref(), Some("-42"));
        for query in [Some("create role x password 'y'"), Some("<insufficient privilege>"), None] {
            assert_eq!(kept(query), None, "{query:?}");
        }
    }
}
