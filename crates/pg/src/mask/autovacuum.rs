//! What an autovacuum worker shows as its statement.

/// What stands before the names, in PostgreSQL's `autovac_report_activity` and `autovac_report_workitem`.
const BEGINNINGS: [&str; 4] = ["autovacuum: VACUUM ANALYZE ", "autovacuum: VACUUM ", "autovacuum: ANALYZE ", BRIN];

/// What stands before the name of an index and the number of a block.
const BRIN: &str = "autovacuum: BRIN summarize ";

/// What stands behind them where the table is near the end of its transaction ids.
const WRAPAROUND: &str = " (to prevent wraparound)";

/// The same as a regular expression of PostgreSQL's, for texts that [`activity`] keeps as they are.
pub const PATTERN: &str = "^autovacuum: (VACUUM|ANALYZE|VACUUM ANALYZE|BRIN summarize) [[:alnum:]_.$-]+( [0-9]+)?\
                           ( [(]to prevent wraparound[)])?$";

/// The parts of such a text: put together, they are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity<'a> {
    /// The server's words before the names, with the space behind them.
    pub beginning: &'static str,
    /// The relation with its schema, as they are called: without quotes, whatever they contain.
    pub relation: &'a str,
    /// The server's words behind the names: the number of a block, `(to prevent wraparound)`.
    pub end: &'a str,
}

/// `query` taken apart, if it is an autovacuum worker's.
#[must_use]
pub fn parts(query: &str) -> Option<Activity<'_>> {
    let (beginning, rest) = BEGINNINGS.iter().find_map(|begin| Some((*begin, query.strip_prefix(begin)?)))?;
    let names = rest.strip_suffix(WRAPAROUND).unwrap_or(rest);
    // Elsewhere a number is part of a name.
    let block = names.rsplit_once(' ').filter(|(_, block)| beginning == BRIN && is_number(block));
    let names = block.map_or(names, |(names, _)| names);
    let (relation, end) = rest.split_at_checked(names.len())?;
    Some(Activity { beginning, relation, end })
}

/// `query` as it may be shown, if it is an autovacuum worker's: the words stay, and names that are plain words.
#[must_use]
pub fn activity(query: &str) -> Option<String> {
    let Activity { beginning, relation, end } = parts(query)?;
    Some(format!("{beginning}{}{end}", if is_plain(relation) { relation } else { "?" }))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it is a name with its schema in which nobody can hide a statement.
fn is_plain(names: &str) -> bool {
    !names.is_empty() && names.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_autovacuum_stay() {
        for text in [
            "autovacuum: VACUUM public.orders",
            "autovacuum: VACUUM public.orders (to prevent wraparound)",
            "autovacuum: VACUUM ANALYZE pg_catalog.pg_class",
            "autovacuum: ANALYZE public.größe",
            "autovacuum: BRIN summarize public.log_brin 17",
        ] {
            assert_eq!(activity(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_a_name_may_hide_goes() {
        let odd = activity("autovacuum: VACUUM public.'secret' 'x' (to prevent wraparound)");
        assert_eq!(odd.as_deref(), Some("autovacuum: VACUUM ? (to prevent wraparound)"));
        let odd = activity("autovacuum: VACUUM public.card 4111");
        assert_eq!(odd.as_deref(), Some("autovacuum: VACUUM ?"));
        assert_eq!(activity("autovacuum: VACUUM ").as_deref(), Some("autovacuum: VACUUM ?"));
        for other in ["vacuum public.orders", "select 'autovacuum: VACUUM x'", "autovacuum: DROP x", ""] {
            assert_eq!(activity(other), None, "{other}");
        }
    }
}
