//! The form of a statement that stays the same when its query ID does not.

use std::collections::BTreeMap;

use pgdba_pg::lexer::{Kind, Token, tokens};

/// The text of a statement without what differs between servers and versions: comments, white space, case, the numbers of
/// parameters, and the length of lists of constants.
pub(super) fn fingerprint(text: &str) -> String {
    let tokens: Vec<Token<'_>> = tokens(text).filter(|token| !token.is_blank()).collect();
    let mut numbers = BTreeMap::<&str, usize>::new();
    let mut words: Vec<String> = Vec::new();
    let mut rest = tokens.as_slice();
    while let Some((token, behind)) = rest.split_first() {
        if let Some(length) = list(token, rest).filter(|_| may_be_squashed(&words)) {
            words.push(LIST.to_owned());
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        rest = behind;
        words.push(match token.kind {
            Kind::Word => token.text.to_lowercase(),
            Kind::Parameter => {
                let next = numbers.len() + 1;
                format!("${}", numbers.entry(token.text).or_insert(next))
            }
            _ => token.text.to_owned(),
        });
        fold_rows(&mut words);
    }
    fold_rows(&mut words);
    while words.last().is_some_and(|word| word == ";") {
        words.pop();
    }
    words.join(" ")
}

/// What is in place of a list of parameters.
const LIST: &str = "(…)";

/// The number of tokens of a list that contains only parameters, if one begins here.
fn list(first: &Token<'_>, tokens: &[Token<'_>]) -> Option<usize> {
    let close = match first.text {
        "(" => ")",
        "[" => "]",
        _ => return None,
    };
    let end = tokens.iter().position(|token| token.text == close)?;
    let inner = tokens.get(1..end)?;
    let is_alternating = inner
        .iter()
        .enumerate()
        .all(|(at, token)| if at % 2 == 0 { token.kind == Kind::Parameter } else { token.text == "," });
    (is_alternating && inner.len() % 2 == 1).then_some(end + 1)
}

/// Whether a list is expected here: behind IN, VALUES and ARRAY, or behind another row of VALUES.
fn may_be_squashed(words: &[String]) -> bool {
    match words {
        [.., before, comma] if comma == "," => before == LIST,
        [.., last] => ["in", "values", "array"].contains(&last.as_str()),
        [] => false,
    }
}

/// Several rows of VALUES are one.
fn fold_rows(words: &mut Vec<String>) {
    while let [.., first, comma, second] = words.as_slice()
        && first == LIST
        && comma == ","
        && second == LIST
    {
        words.truncate(words.len() - 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_one_form_in_every_version() {
        for (a, b) in [
            ("select * from t where a = $1", "SELECT  *\nFROM t -- all\nWHERE a = $3;"),
            ("select 1 from t where a in ($1, $2, $3)", "select 1 from t where a in ($1 /*, ... */)"),
            ("insert into t values ($1, $2), ($3, $4)", "insert into t values ($1, $2)"),
            (
                "select a from t where b = any(array[$1, $2]) and c = $3",
                "select a from t where b = any(array[$1]) and c = $2",
            ),
            ("select $1, $2, $1", "select $4, $5, $4"),
        ] {
            assert_eq!(fingerprint(a), fingerprint(b));
        }
        assert_eq!(fingerprint("select f($2, $1) from T"), "select f ( $1 , $2 ) from t");
    }

    #[test]
    fn different_statements_have_different_forms() {
        for (a, b) in [
            ("select a from t", "select b from t"),
            ("select \"A\" from t", "select a from t"),
            ("select $1, $2, $1", "select $1, $2, $2"),
            ("select f($1)", "select f($1, $2)"),
            ("insert into t values ($1, default)", "insert into t values ($1)"),
        ] {
            assert_ne!(fingerprint(a), fingerprint(b));
        }
    }
}
