//! What the predicate of a partial index says of a column.

use pgdba_pg::quote::quote_identifier;

/// What is known of a column in the rows of a partial index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It has one value.
    OneValue,
    /// It is null.
    Null,
    /// It is not null.
    NotNull,
    /// Nothing.
    Nothing,
}

/// What `predicate` says of the column of this name. Only what ANDs connect is understood.
pub(super) fn known(predicate: &str, column: &str) -> Known {
    let name = quote_identifier(column);
    let has = |pattern: String| predicate.contains(&pattern);
    if predicate.contains(" OR ") || predicate.contains("CASE") {
        Known::Nothing
    } else if has(format!("({name} IS NULL)")) {
        Known::Null
    } else if has(format!("({name} IS NOT NULL)")) {
        Known::NotNull
    } else if has(format!("({name} = ")) || has(format!("(({name})::text = ")) || is_flag(predicate, &name) {
        Known::OneValue
    } else {
        Known::Nothing
    }
}

/// Whether the predicate is a Boolean column or its negation, alone or among others.
fn is_flag(predicate: &str, name: &str) -> bool {
    let inner = predicate.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(predicate);
    let is_name = |part: &str| part == name || part == format!("(NOT {name})") || part == format!("NOT {name}");
    is_name(predicate) || is_name(inner) || inner.split(" AND ").any(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_predicate_is_read_as_the_server_writes_it() {
        let cases = [
            ("(few = ?00000001)", "few", Known::OneValue),
            ("((kind)::text = ?00000001)", "kind", Known::OneValue),
            ("(sparse IS NULL)", "sparse", Known::Null),
            ("((note IS NOT NULL) AND (n > 3))", "note", Known::NotNull),
            ("is_new", "is_new", Known::OneValue),
            ("(NOT is_new)", "is_new", Known::OneValue),
            ("(is_new AND (n > 3))", "is_new", Known::OneValue),
            ("((a = ?1) OR (b = ?2))", "a", Known::Nothing),
            ("(\"Few\" = 1)", "Few", Known::OneValue),
            ("(fewer = 1)", "few", Known::Nothing),
        ];
        for (predicate, column, expected) in cases {
            assert_eq!(known(predicate, column), expected, "{predicate}");
        }
    }
}
