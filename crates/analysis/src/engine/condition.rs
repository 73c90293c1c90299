//! What the conditions of a node compare, as EXPLAIN prints them.

use pgdba_pg::lexer::{Kind, Token, is_reserved, tokens};

/// What a part of a condition looks for, as far as an index or statistics are concerned. The earlier ones are found more easily.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sought {
    /// Values of a column.
    Column,
    /// Values of a column as text: of `varchar` that is the column itself, of other types an expression.
    Text,
    /// Values of an expression, such as a cast or a function.
    Expression,
    /// A pattern without a fixed beginning: `LIKE '%x%'`.
    Pattern,
    /// Everything but some values, or something that is not recognized.
    Other,
    /// The result of a subquery that is executed for each row.
    Subquery,
}

impl Sought {
    /// How an index finds it.
    #[must_use]
    pub fn index_advice(self) -> &'static str {
        match self {
            Self::Column => {
                "Create an index on the columns of the filter, those compared for equality first. Where the condition is always the \
                 same, a partial index with it is smaller."
            }
            Self::Text => {
                "Create an index on the columns of the filter; for a column that is not of type varchar and is compared as text, \
                 compare it with a value of its own type instead, or create an index on the cast."
            }
            Self::Expression => {
                "The filter compares an expression of a column, such as a cast or a function: compare the column itself, or create \
                 an index on the expression."
            }
            Self::Pattern => {
                "The filter looks for a pattern without a fixed beginning: only an index of the extension pg_trgm finds it."
            }
            Self::Other => {
                "The filter excludes values or is not recognized, so an index on its columns might not help: a partial index with \
                 the condition does if it is always the same."
            }
            Self::Subquery => {
                "The filter executes a subquery for each row, which cannot be indexed: join the tables of the subquery instead."
            }
        }
    }
}

/// What the parts of a condition look for that all have to be true.
#[must_use]
pub fn sought(condition: &str) -> Vec<Sought> {
    let all: Vec<Token<'_>> = tokens(condition).filter(|token| !token.is_blank()).collect();
    split(bare(&all), "and").map(alternatives).collect()
}

/// The part that is found most easily.
#[must_use]
pub fn easiest(condition: &str) -> Option<Sought> {
    sought(condition).into_iter().min()
}

/// A part of which one alternative is enough: an index must find each of them.
fn alternatives(part: &[Token<'_>]) -> Sought {
    split(bare(part), "or").map(comparison).max().unwrap_or(Sought::Other)
}

fn comparison(part: &[Token<'_>]) -> Sought {
    let part = bare(part);
    if part.iter().any(|token| token.is_word("subplan")) {
        return Sought::Subquery;
    }
    let Some((left, operator, right)) = sides(part) else {
        return column(part).unwrap_or(Sought::Other);
    };
    let begins =
        |with: &[&str]| right.first().is_some_and(|token| with.iter().any(|with| token.text.starts_with(with)));
    match operator.text {
        "<>" | "!~~" | "!~" | "!~~*" | "!~*" => Sought::Other,
        "~~*" | "~*" => Sought::Pattern,
        "~~" if begins(&["'%", "'_"]) => Sought::Pattern,
        "~" if !begins(&["'^"]) => Sought::Pattern,
        _ if operator.is_word("is") && !matches!(right, [null] if null.is_word("null")) => Sought::Other,
        _ => match (column(left), column(right)) {
            (Some(own), Some(_)) => {
                if table(left) == table(right) {
                    Sought::Other
                } else {
                    own
                }
            }
            (own, None) | (None, own) => own.unwrap_or(Sought::Expression),
        },
    }
}

/// What is to the left and to the right of the operator of a comparison.
fn sides<'t, 'a>(part: &'t [Token<'a>]) -> Option<(&'t [Token<'a>], Token<'a>, &'t [Token<'a>])> {
    let is_operator = |token: &Token<'_>| token.kind == Kind::Operator || token.is_word("is");
    let (place, operator) = outside_brackets(part).find(|(_, token)| is_operator(token))?;
    Some((part.get(..place)?, operator, part.get(place + 1..)?))
}

/// Whether it is a column, with the name of its table or without, and whether as text.
fn column(side: &[Token<'_>]) -> Option<Sought> {
    let (name, sought) = match side {
        [inner @ .., cast, name] if cast.text == "::" && name.is_word("text") => (inner, Sought::Text),
        _ => (side, Sought::Column),
    };
    let is_name = |token: &Token<'_>| {
        token.kind == Kind::QuotedName || token.kind == Kind::Word && !is_reserved(&token.text.to_ascii_lowercase())
    };
    let is_column = match bare(name) {
        [name] => is_name(name),
        [table, dot, name] => dot.text == "." && is_name(table) && is_name(name),
        _ => false,
    };
    is_column.then_some(sought)
}

/// The name of the table before that of the column; none where the statement has one table only.
fn table<'a>(side: &[Token<'a>]) -> Option<&'a str> {
    let mut names = side.iter().skip_while(|token| token.text == "(");
    names.next().map(|name| name.text).filter(|_| names.next().is_some_and(|dot| dot.text == "."))
}

/// The tokens with how many brackets are open around them.
fn outside_brackets<'t, 'a>(part: &'t [Token<'a>]) -> impl Iterator<Item = (usize, Token<'a>)> + use<'t, 'a> {
    let mut depth = 0_usize;
    part.iter().enumerate().filter_map(move |(place, token)| {
        match token.text {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            _ => return (depth == 0).then_some((place, *token)),
        }
        None
    })
}

/// The part without the brackets that are around all of it.
fn bare<'t, 'a>(part: &'t [Token<'a>]) -> &'t [Token<'a>] {
    let opened = part.iter().take_while(|token| token.text == "(").count();
    let closed = part.iter().rev().take_while(|token| token.text == ")").count();
    let inner = part.get(opened..part.len().saturating_sub(closed)).unwrap_or_default();
    let depths = inner.iter().scan(opened, |depth, token| {
        match token.text {
            "(" => *depth += 1,
            ")" => *depth = depth.saturating_sub(1),
            _ => {}
        }
        Some(*depth)
    });
    let around = depths.fold(opened.min(closed), usize::min);
    part.get(around..part.len() - around).unwrap_or_default()
}

/// The pieces between the words `word` outside of brackets.
fn split<'t, 'a>(part: &'t [Token<'a>], word: &str) -> impl Iterator<Item = &'t [Token<'a>]> + use<'t, 'a> {
    let cuts: Vec<usize> =
        outside_brackets(part).filter(|(_, token)| token.is_word(word)).map(|(place, _)| place).collect();
    let starts = std::iter::once(0).chain(cuts.clone().into_iter().map(|cut| cut + 1));
    let ends = cuts.into_iter().chain([part.len()]);
    starts.zip(ends).filter_map(|(start, end)| part.get(start..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_as_servers_print_them() {
        use Sought::{Column, Expression, Other, Pattern, Subquery, Text};
        for (condition, expected) in [
            ("(id = 7)", &[Column][..]),
            ("(b.id = (InitPlan 1).col1)", &[Column]),
            ("(\"Id\" = $0)", &[Column]),
            ("active", &[Column]),
            ("(NOT active)", &[Other]),
            ("((v)::text = 'y'::text)", &[Text]),
            ("('77'::text = (b.id)::text)", &[Text]),
            ("((id)::numeric = 2000.5)", &[Expression]),
            ("(((v)::text = 'y'::text) OR (lower((v)::text) = 'z'::text))", &[Expression]),
            ("((ts)::date = '2001-01-01'::date)", &[Expression]),
            ("(date_part('year'::text, ts) = '1990'::double precision)", &[Expression]),
            ("(EXTRACT(year FROM ts) = '1990'::numeric)", &[Expression]),
            ("((t = ANY ('{a,b}'::text[])) AND ((c + 0) = 7))", &[Column, Expression]),
            ("((c IS DISTINCT FROM 5) AND (id = 7))", &[Other, Column]),
            ("((note IS NULL) AND (c <> 5) AND (c = '9999'::bigint))", &[Column, Other, Column]),
            ("(note IS NOT NULL)", &[Other]),
            ("(note ~~ '%abc%'::text)", &[Pattern]),
            ("((v)::text ~~ 'abc%'::text)", &[Text]),
            ("(note ~~* 'abc%'::text)", &[Pattern]),
            ("((note ~ '^abc'::text) AND (note !~ 'x'::text) AND (note ~ 'y'::text))", &[Column, Other, Pattern]),
            ("((ANY (id = (hashed SubPlan 1).col1)) OR (c = '-1'::integer))", &[Subquery]),
            ("((NOT (hashed SubPlan 1)) AND (note = 'x AND y'::text))", &[Subquery, Column]),
            ("(id = (SubPlan 1))", &[Subquery]),
            ("(ts < (now() - '1000 days'::interval))", &[Column]),
            ("(5 < c)", &[Column]),
            ("(a > b)", &[Other]),
            ("(b.c > b.id)", &[Other]),
            ("(b.c = s.v)", &[Column]),
            ("((b.v)::text = (s.t)::text)", &[Text]),
            ("(lower(t) = CURRENT_USER)", &[Expression]),
            ("", &[Other]),
            ("((", &[Other]),
        ] {
            assert_eq!(sought(condition), expected, "{condition}");
        }
    }

    #[test]
    fn a_condition_of_any_depth_is_read() {
        let deep = format!("{}a = 1{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!((sought(&deep), sought(&"(".repeat(100_000))), (vec![Sought::Column], vec![Sought::Other]));
    }
}
