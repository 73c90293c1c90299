//! What a statement's text shows: the relations it names, and its form.

use pgdba_pg::lexer::{Kind, Token, tokens};

/// The functions whose arguments contain a FROM that is not followed by a relation.
const WITH_FROM: [&str; 5] = ["extract", "substring", "trim", "overlay", "position"];

/// The words behind which a relation is named.
const BEFORE_RELATION: [&str; 6] = ["from", "join", "into", "update", "using", "only"];

/// The words that end a list of relations.
const AFTER_LIST: [&str; 12] =
    ["where", "set", "select", "values", "group", "order", "having", "limit", "window", "returning", "union", "when"];

/// Words of a query that reads many rows to return few.
const SUMMARIZING: [&str; 16] = [
    "group",
    "distinct",
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "array_agg",
    "string_agg",
    "json_agg",
    "jsonb_agg",
    "bool_or",
    "bool_and",
    "having",
    "over",
    "union",
];

/// A relation as a statement names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// The schema, if it is given.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
}

/// The relations that `text` names, each once. A name may be that of a common table expression or an alias: it is for comparison
/// with the relations that exist.
#[must_use]
pub fn relations(text: &str) -> Vec<Named> {
    let tokens: Vec<Token<'_>> = tokens(text).filter(|token| !token.is_blank()).collect();
    let mut named: Vec<Named> = Vec::new();
    // For each bracket: whether a comma is followed by a relation, and whether FROM is.
    let mut brackets = vec![(false, true)];
    for (at, token) in tokens.iter().enumerate() {
        let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
        let is_before = |word: &str| before(1).is_some_and(|token| token.is_word(word));
        match token.text {
            "(" => {
                let function = before(1).is_some_and(|token| WITH_FROM.iter().any(|name| token.is_word(name)));
                brackets.push((false, !function));
                continue;
            }
            ")" => {
                brackets.pop();
                continue;
            }
            _ => {}
        }
        let Some((in_list, has_from)) = brackets.last_mut() else { break };
        let is_first = BEFORE_RELATION.iter().any(|word| token.is_word(word));
        let is_distinct_from = token.is_word("from") && is_before("distinct");
        if AFTER_LIST.iter().any(|word| token.is_word(word)) {
            *in_list = false;
        }
        let follows = is_first && *has_from && !is_distinct_from || token.text == "," && *in_list;
        if is_first && *has_from && !is_distinct_from {
            *in_list = true;
        }
        if follows
            && let Some(name) = name(tokens.get(at + 1..).unwrap_or_default())
            && !named.contains(&name)
        {
            named.push(name);
        }
    }
    named
}

/// The first word of `text` behind opening brackets, in lower case.
#[must_use]
pub fn first_word(text: &str) -> String {
    let first = tokens(text).find(|token| !token.is_blank() && token.text != "(");
    first.map(|token| token.text.to_ascii_lowercase()).unwrap_or_default()
}

/// Whether `text` selects rows by a condition and returns them as they are, without aggregating, so that an index could find
/// them.
#[must_use]
pub fn is_selective(text: &str) -> bool {
    let is = |words: &[&str]| tokens(text).any(|token| words.iter().any(|word| token.is_word(word)));
    is(&["where"]) && !is(&SUMMARIZING)
}

/// The name at the beginning of `tokens`, with or without a schema.
fn name(tokens: &[Token<'_>]) -> Option<Named> {
    let first = identifier(tokens.first()?)?;
    let is_qualified = tokens.get(1).is_some_and(|token| token.text == ".");
    match tokens.get(2).and_then(identifier).filter(|_| is_qualified) {
        Some(name) => Some(Named { schema: Some(first), name }),
        None => Some(Named { schema: None, name: first }),
    }
}

/// The identifier that a token is, as the server folds it.
fn identifier(token: &Token<'_>) -> Option<String> {
    match token.kind {
        Kind::Word if ["only", "lateral", "select"].iter().any(|word| token.is_word(word)) => None,
        Kind::Word => Some(token.text.to_lowercase()),
        _ => token.quoted_name().map(|name| name.replace("\"\"", "\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let shown = |named: Named| named.schema.map_or_else(|| named.name.clone(), |s| format!("{s}.{}", named.name));
        relations(text).into_iter().map(shown).collect()
    }

    #[test]
    fn relations_are_named_where_the_grammar_has_them() {
        for (text, expected) in [
            ("select a, b from Orders o, shop.items i where o.id = i.id", &["orders", "shop.items"][..]),
            ("select orders, items from t", &["t"]),
            ("select * from \"Order\" join only x on f(a, b) = c, y", &["Order", "x", "y"]),
            ("insert into t (a, b) select x, y from u", &["t", "u"]),
            ("update t set a = $1, b = c where d in (select e from f)", &["t", "f"]),
            ("delete from only a.t using u, v where x is distinct from y", &["a.t", "u", "v"]),
            ("select extract(year from placed) from orders", &["orders"]),
            ("with c as (select * from a) select * from c, lateral (select 1) l", &["a", "c"]),
            ("select $1", &[]),
            ("select 1)) from t", &[]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn a_summary_reads_all_rows_for_good_reason() {
        assert!(is_selective("select * from t where a = $1"));
        for text in
            ["select * from t", "select count(*) from t where a = $1", "select a from t where b = $1 group by a"]
        {
            assert!(!is_selective(text), "{text}");
        }
    }
}
