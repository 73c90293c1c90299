//! What an autovacuum worker shows as its statement.

/// What stands before the names, in PostgreSQL's `autovac_report_activity` and `autovac_report_workitem`.
const BEGINNINGS: [&str; 4] =
    ["autovacuum: VACUUM ANALYZE ", "autovacuum: VACUUM ", "autovacuum: ANALYZE ", "autovacuum: BRIN summarize "];

/// What stands behind them where the table is near the end of its transaction ids.
const WRAPAROUND: &str = " (to prevent wraparound)";

/// The same as a regular expression of PostgreSQL's, for texts that [`activity`] keeps as they are.
pub const PATTERN: &str = "^autovacuum: (VACUUM|ANALYZE|VACUUM ANALYZE|BRIN summarize) [[:alnum:]_.$-]+( [0-9]+)?\
                           ( [(]to prevent wraparound[)])?$";

/// `query` as it may be shown, if it is an autovacuum worker's: the words stay, and names that are plain words.
#[must_use]
pub fn activity(query: &str) -> Option<String> {
    let (beginning, rest) = BEGINNINGS.iter().find_map(|begin| Some((*begin, query.strip_prefix(begin)?)))?;
    let (names, end) = rest.strip_suffix(WRAPAROUND).map_or((rest, ""), |names| (names, WRAPAROUND));
    let (names, block) = match names.rsplit_once(' ') {
        Some((names, block)) if is_number(block) => (names, format!(" {block}")),
        _ => (names, String::new()),
    };
    let names = if is_plain(names) { names } else { "?" };
    Some(format!("{beginning}{names}{block}{end}"))
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
        assert_eq!(activity("autovacuum: VACUUM ").as_deref(), Some("autovacuum: VACUUM ?"));
        for other in ["vacuum public.orders", "select 'autovacuum: VACUUM x'", "autovacuum: DROP x", ""] {
            assert_eq!(activity(other), None, "{other}");
        }
    }
}
