//! What the conditions of a node compare, as EXPLAIN prints them.

use std::collections::BTreeSet;

use pgdba_pg::lexer::{Kind, Token, is_reserved, tokens};

/// What a part of a condition looks for, as far as an index or statistics are concerned. The earlier ones are found more easily.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sought {
    /// Values of a column.
    Column,
    /// Values of a column as text: of `varchar` that is the column itself, of other types an expression.
    Text,
    /// A pattern with a fixed beginning: `LIKE 'x%'`.
    Prefix,
    /// What an array, a range or a document contains or overlaps: `@>`.
    Contained,
    /// An element of an array: `5 = ANY (tags)`.
    Element,
    /// Values of an expression, such as a cast or a function.
    Expression,
    /// A pattern without a fixed beginning: `LIKE '%x%'`.
    Pattern,
    /// Everything but some values, or something that is not recognized.
    Other,
    /// The result of a subquery that is executed for each row.
    Subquery,
    /// Nothing of a column: `random() < 0.1`.
    Nothing,
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
            Self::Prefix => {
                "The filter looks for a pattern with a fixed beginning: create an index on the column with the operator class \
                 text_pattern_ops. Without it, an index finds such a pattern only if its collation is C."
            }
            Self::Contained => {
                "The filter uses an operator that only GIN and GiST indexes find: create a GIN index for an array, jsonb or full \
                 text search, a GiST index for a range or a geometric type."
            }
            Self::Element => {
                "An index does not find an element of an array with = ANY: write column @> ARRAY[value] instead, and create a GIN \
                 index on the column."
            }
            Self::Expression => {
                "The filter compares an expression of a column, such as a cast or a function: compare the column itself. Move \
                 constants to the other side, and replace a cast or function of a time by a range of the column (ts >= … AND ts < \
                 …). Otherwise create an index on the expression. All of its functions must be IMMUTABLE, which the plan does not \
                 show: those that depend on the time zone or another setting are not."
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
            Self::Nothing => "The filter does not compare a column, so an index cannot find its rows.",
        }
    }

    /// Whether an index can find it.
    #[must_use]
    pub fn is_indexable(self) -> bool {
        !matches!(self, Self::Subquery | Self::Nothing)
    }

    /// Whether another condition says the same so that an index finds more.
    fn is_rewritable(self) -> bool {
        matches!(self, Self::Element | Self::Expression)
    }
}

/// What the parts of a condition look for that all have to be true.
#[must_use]
pub fn sought(condition: &str) -> Vec<Sought> {
    let all: Vec<Token<'_>> = tokens(condition).filter(|token| !token.is_blank()).collect();
    split(bare(&all), "and").map(alternatives).collect()
}

/// The parts that an index or another condition helps to find: the easiest one, and those to rewrite.
#[must_use]
pub fn improvable(condition: &str) -> BTreeSet<Sought> {
    let all = BTreeSet::from_iter(sought(condition));
    let easiest = all.first().copied();
    all.into_iter().filter(|sought| Some(*sought) == easiest || sought.is_rewritable()).collect()
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
    match operator.text {
        "<>" | "!~~" | "!~" | "!~~*" | "!~*" => return Sought::Other,
        _ if operator.is_word("is") && !matches!(right, [null] if null.is_word("null")) => return Sought::Other,
        _ => {}
    }
    let (of_left, of_right) = (tables(left), tables(right));
    if of_left.is_empty() && of_right.is_empty() {
        return Sought::Nothing;
    }
    if !of_left.is_disjoint(&of_right) {
        return Sought::Other;
    }
    match operator.text {
        "~~*" | "~*" => Sought::Pattern,
        "~~" | "~" if !is_fixed(operator, right) => Sought::Pattern,
        "~~" | "~" => column(left).map_or(Sought::Expression, |_| Sought::Prefix),
        "=" | "<" | "<=" | ">" | ">=" | "is" | "IS" => match column(left).or_else(|| column(right)) {
            Some(own) => own,
            None if is_element(right) => Sought::Element,
            None => Sought::Expression,
        },
        "@>" | "<@" | "&&" | "?" | "?|" | "?&" | "@@" | "@?" | "<<" | ">>" | "&<" | "&>" | "-|-" | "~=" => {
            Sought::Contained
        }
        _ => Sought::Other,
    }
}

/// Whether the beginning of the pattern is known when the statement is planned.
fn is_fixed(operator: Token<'_>, pattern: &[Token<'_>]) -> bool {
    let anchor = if operator.text == "~" { "'^" } else { "'" };
    let start = pattern.first().and_then(|token| token.text.strip_prefix(anchor));
    start.is_some_and(|start| start.starts_with(char::is_alphanumeric))
}

/// Whether it is any element of a column.
fn is_element(side: &[Token<'_>]) -> bool {
    matches!(side, [any, array @ ..] if any.is_word("any") && column(array).is_some())
}

/// What is to the left and to the right of the operator of a comparison.
fn sides<'t, 'a>(part: &'t [Token<'a>]) -> Option<(&'t [Token<'a>], Token<'a>, &'t [Token<'a>])> {
    let is_operator = |token: &Token<'_>| token.kind == Kind::Operator || token.is_word("is");
    let (place, operator) = outside_brackets(part).find(|(_, token)| is_operator(token))?;
    Some((part.get(..place)?, operator, part.get(place + 1..)?))
}

/// Whether it is a column, with the name of its table or without, or a row of columns, and whether as text.
fn column(side: &[Token<'_>]) -> Option<Sought> {
    let (name, sought) = match side {
        [inner @ .., cast, name] if cast.text == "::" && name.is_word("text") => (inner, Sought::Text),
        _ => (side, Sought::Column),
    };
    let is_column = match bare(name) {
        [row, columns @ ..] if row.is_word("row") => bare(columns).split(|token| token.text == ",").all(is_name),
        name => is_name(name),
    };
    is_column.then_some(sought)
}

/// Whether it is a name, with that of its table or without.
fn is_name(tokens: &[Token<'_>]) -> bool {
    match tokens {
        [name] => is_identifier(name),
        [table, dot, name] => dot.text == "." && is_identifier(table) && is_identifier(name),
        _ => false,
    }
}

fn is_identifier(token: &Token<'_>) -> bool {
    token.kind == Kind::QuotedName || token.kind == Kind::Word && !is_reserved(token.text)
}

/// The tables of the columns in it; none for a column without the name of its table, as where the statement has one table only.
fn tables<'a>(side: &[Token<'a>]) -> BTreeSet<Option<&'a str>> {
    let mut tables = BTreeSet::new();
    let mut rest = side;
    while let [token, after @ ..] = rest {
        let names = rest.iter().take_while(|token| is_identifier(token) || token.text == ".").count();
        rest = match token.text {
            "::" | "." => skip_names(after),
            _ => rest.get(names.max(1)..).unwrap_or_default(),
        };
        // A function, or a subplan with its number.
        let is_call = rest.first().is_some_and(|next| next.text == "(" || next.kind == Kind::Number);
        if is_identifier(token) && !is_call {
            let is_qualified = names > 1;
            tables.insert(is_qualified.then_some(token.text));
        }
    }
    tables
}

/// What follows the name of a type or field.
fn skip_names<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    let is_part = |token: &Token<'_>| matches!(token.kind, Kind::Word | Kind::QuotedName) || token.text == ".";
    tokens.get(tokens.iter().take_while(|token| is_part(token)).count()..).unwrap_or_default()
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
        use Sought::{Column, Expression, Other, Pattern, Prefix, Subquery, Text};
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
            ("((v)::text ~~ 'abc%'::text)", &[Prefix]),
            ("(note ~~ ANY ('{x77%,y%}'::text[]))", &[Pattern]),
            ("(note ~~ $1)", &[Pattern]),
            ("(lower(note) ~~ 'abc%'::text)", &[Expression]),
            ("(note ~~* 'abc%'::text)", &[Pattern]),
            ("((note ~ '^abc'::text) AND (note !~ 'x'::text) AND (note ~ 'y'::text))", &[Prefix, Other, Pattern]),
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
    fn what_an_ordinary_index_on_a_column_does_not_find_is_recognized() {
        use Sought::{Column, Contained, Element, Expression, Nothing, Other};
        for (condition, expected) in [
            ("(arr @> '{5}'::integer[])", &[Contained][..]),
            ("(500 <@ r)", &[Contained]),
            ("(to_tsvector('english'::regconfig, note) @@ to_tsquery('x5'::text))", &[Contained]),
            ("(j ? 'k'::text)", &[Contained]),
            ("((j ->> 'k'::text) = '5'::text)", &[Expression]),
            ("(5 = ANY (arr))", &[Element]),
            ("('a5'::text = ANY (b.tags))", &[Element]),
            ("(id = ANY ('{1,2,3}'::integer[]))", &[Column]),
            ("(id = ANY ((InitPlan 2).col1))", &[Column]),
            ("(id = ANY (arr))", &[Other]),
            ("((now() - ts) < '01:00:00'::interval)", &[Expression]),
            ("((ts + '1 day'::interval) < now())", &[Expression]),
            ("((ts AT TIME ZONE 'UTC'::text) < '2026-01-02 00:00:00'::timestamp without time zone)", &[Expression]),
            ("(random() < '0.0001'::double precision)", &[Nothing]),
            ("(public.f(7) = 1)", &[Nothing]),
            ("(public.f(b.c) = 1)", &[Expression]),
            ("(ROW(c, id) > ROW(900, 5))", &[Column]),
            ("(c = '-1'::integer)", &[Column]),
            ("(note < ('x2'::text || (c)::text))", &[Other]),
            ("(b.note < ('x2'::text || (s.c)::text))", &[Column]),
            ("(arr[1] = 5)", &[Expression]),
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
