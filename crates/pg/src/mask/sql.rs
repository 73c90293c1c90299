//! Statements and expressions without their literals and comments.
//!
//! A text that is cut off, at `track_activity_query_size`, is masked from the token on whose end is missing. Statements
//! that the planner does not plan keep their first words only, because `CREATE ROLE … PASSWORD` and its like put secrets
//! where no literal is expected.

use super::verbs::{MORE, OBJECT_VERBS, OBJECTS, SEPARATOR, UNKNOWN, is_verb};
pub use super::verbs::{is_summary, verbs};
use crate::lexer::{Kind, Placed, Token, Use, is_plannable, placed, tokens};

/// What the server itself writes in the place of a statement that is not to be seen. It is not SQL, and it tells why there is
/// none.
pub const NO_STATEMENT: [&str; 3] =
    ["<insufficient privilege>", "<command string not enabled>", "<backend information not available>"];

/// `query` with comments removed and every literal replaced by a parameter, numbered after those that are there.
///
/// What stays has the form of a statement: positions (`ORDER BY 1`) and modifiers of types (`numeric(12,2)`) are kept,
/// and where the grammar wants text in quotes the parameter is in quotes: `date '$1'`. A utility statement is reduced
/// to its first words, such as `CREATE ROLE`, a text of several statements to those of each: `SET; SELECT`. Runs of white
/// space become one space. The result holds no text of any literal, whatever the input.
#[must_use]
pub fn mask(query: &str) -> String {
    if NO_STATEMENT.contains(&query) {
        return query.to_owned();
    }
    if let Some(activity) = super::autovacuum::activity(query) {
        return activity;
    }
    let words: Vec<Token<'_>> = tokens(query).filter(|token| !token.is_blank()).collect();
    let is_one = has_body(&words);
    let statements = words.split(|token| token.text == ";" && !is_one).filter(|statement| !statement.is_empty());
    let statements: Vec<&[Token<'_>]> = statements.collect();
    match statements.as_slice() {
        [] if words.is_empty() => String::new(),
        [] => UNKNOWN.to_owned(),
        [only] if is_plannable(&verb_of(only)) => scan(query, &mut Numbered::after(query)),
        [only] => summary(only, false),
        several => {
            let first = several.iter().take(SUMMARIZED).map(|statement| summary(statement, true));
            let more = (several.len() > SUMMARIZED).then(|| MORE.to_owned());
            first.chain(more).collect::<Vec<_>>().join(SEPARATOR)
        }
    }
}

/// Statements of one text whose first words stay.
const SUMMARIZED: usize = 5;

/// Whether there are semicolons within a statement: in a rule, or in the body of a function in standard SQL.
fn has_body(words: &[Token<'_>]) -> bool {
    words.windows(2).any(|pair| {
        let is = |first: &str, second: &str| matches!(pair, [a, b] if a.is_word(first) && b.is_word(second));
        is("begin", "atomic") || is("create", "rule") || is("replace", "rule")
    })
}

/// The first word of a statement, in lower case.
fn verb_of(statement: &[Token<'_>]) -> String {
    word(statement.iter().find(|token| token.text != "("))
}

/// The first words of a statement, in capitals. `SELECT` and its like say as little as that only among several statements.
fn summary(statement: &[Token<'_>], is_one_of_several: bool) -> String {
    let mut words = statement.iter().filter(|token| token.text != "(");
    let (verb, object) = (word(words.next()), word(words.next()));
    if OBJECT_VERBS.contains(&verb.as_str()) && OBJECTS.contains(&object.as_str()) {
        format!("{} {}", verb.to_uppercase(), object.to_uppercase())
    } else if is_verb(&verb) || is_one_of_several && is_plannable(&verb) {
        verb.to_uppercase()
    } else {
        UNKNOWN.to_owned()
    }
}

/// `expression` with comments removed and every literal replaced by `?` and a name: for what is known to be an
/// expression, such as the server's own text of an index predicate. Modifiers of types stay.
///
/// `name` must not give the literal away; it may be equal for equal literals, so that equal predicates stay equal.
#[must_use]
pub fn mask_expression(expression: &str, name: &dyn Fn(&str) -> String) -> String {
    scan(expression, &mut Named(name))
}

/// The word that `token` is, in lower case.
fn word(token: Option<&Token<'_>>) -> String {
    token.filter(|token| token.kind == Kind::Word).map(|token| token.text.to_lowercase()).unwrap_or_default()
}

/// What is put in the place of literals.
trait Placeholder {
    /// What stands for `literal`.
    fn of(&mut self, literal: &str, used_as: Use) -> String;

    /// What stands for a parameter of the statement.
    fn parameter(&self, parameter: &str, _used_as: Use) -> String {
        parameter.to_owned()
    }
}

/// The parameter that a mask has put in quotes, `$1` of `'$1'`.
#[must_use]
pub fn quoted_parameter(literal: &str) -> Option<&str> {
    let parameter = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    parameter.strip_prefix('$')?.parse::<u16>().is_ok().then_some(parameter)
}

/// Parameters with ascending numbers.
struct Numbered {
    last: u64,
}

impl Numbered {
    /// Goes on after the parameters of `query`.
    fn after(query: &str) -> Self {
        let parameters = tokens(query).filter_map(|token| match token.kind {
            Kind::Parameter => Some(token.text),
            _ => quoted_parameter(token.text),
        });
        let numbers = parameters.filter_map(|parameter| parameter.strip_prefix('$')?.parse::<u16>().ok());
        Self { last: u64::from(numbers.max().unwrap_or(0)) }
    }
}

impl Placeholder for Numbered {
    fn of(&mut self, literal: &str, used_as: Use) -> String {
        if used_as == Use::Typed && quoted_parameter(literal).is_some() {
            return literal.to_owned();
        }
        self.last += 1;
        self.parameter(&format!("${}", self.last), used_as)
    }

    fn parameter(&self, parameter: &str, used_as: Use) -> String {
        if used_as == Use::Typed { format!("'{parameter}'") } else { parameter.to_owned() }
    }
}

/// `?` and a name that equal literals share.
struct Named<'a>(&'a dyn Fn(&str) -> String);

impl Placeholder for Named<'_> {
    fn of(&mut self, literal: &str, _used_as: Use) -> String {
        format!("?{}", (self.0)(literal))
    }
}

/// Copies `text` without comments and with placeholders for literals.
fn scan(text: &str, placeholder: &mut impl Placeholder) -> String {
    let all = placed(text);
    let mut out = Output::default();
    let mut rest = all.as_slice();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first.token.kind {
            Kind::Space | Kind::Comment => out.space(),
            Kind::Parameter => out.push(&placeholder.parameter(first.token.text, first.used_as)),
            Kind::Number if first.used_as.is_shape() => out.push(first.token.text),
            Kind::Number | Kind::Unclosed => out.push(&placeholder.of(first.token.text, first.used_as)),
            Kind::String | Kind::DollarString => {
                let (whole, after) = continued(first.token.text, rest);
                out.push(&placeholder.of(&whole, first.used_as));
                rest = after;
            }
            Kind::UnicodeName => {
                let (escape, after) = escape_clause(rest);
                out.push(first.token.text);
                escape.iter().for_each(|placed| out.push_apart(placed.token.text));
                rest = after;
            }
            Kind::Word | Kind::QuotedName | Kind::Operator | Kind::Sign => out.push(first.token.text),
        }
    }
    out.text.trim().to_owned()
}

/// A literal with the pieces that go on with it on later lines, and its UESCAPE; then what follows.
fn continued<'a, 't>(first: &str, rest: &'a [Placed<'t>]) -> (String, &'a [Placed<'t>]) {
    let mut whole = first.to_owned();
    let mut rest = rest;
    while let Some((piece, after)) = significant(rest).filter(|(piece, _)| piece.token.kind == Kind::String) {
        whole.push_str(piece.token.text);
        rest = after;
    }
    if first.starts_with(['u', 'U']) {
        rest = escape_clause(rest).1;
    }
    (whole, rest)
}

/// `UESCAPE 'c'`, if it is next and one character escapes; then what follows.
fn escape_clause<'a, 't>(rest: &'a [Placed<'t>]) -> (Vec<Placed<'t>>, &'a [Placed<'t>]) {
    let clause = significant(rest).filter(|(word, _)| word.token.is_word("uescape"));
    let clause = clause.and_then(|(word, after)| significant(after).map(|(escape, after)| ([word, escape], after)));
    match clause.filter(|([_, escape], _)| escape.token.kind == Kind::String && escape.token.text.len() == 3) {
        Some((clause, after)) => (clause.to_vec(), after),
        None => (Vec::new(), rest),
    }
}

/// The first token that means something, and what follows it.
fn significant<'a, 't>(rest: &'a [Placed<'t>]) -> Option<(Placed<'t>, &'a [Placed<'t>])> {
    let at = rest.iter().position(|placed| !placed.token.is_blank())?;
    Some((*rest.get(at)?, rest.get(at + 1..).unwrap_or_default()))
}

/// A text in which no placeholder runs into a word.
#[derive(Default)]
struct Output {
    text: String,
}

impl Output {
    fn push(&mut self, piece: &str) {
        let touches = |c: char| c.is_alphanumeric() || "_$?".contains(c);
        let is_placeholder = |piece: &str| piece.starts_with(['$', '?']) && piece.len() > 1;
        let ends_in_placeholder = self.text.rsplit(|c: char| !touches(c)).next().is_some_and(is_placeholder);
        if (is_placeholder(piece) && self.text.ends_with(touches))
            || (ends_in_placeholder && piece.starts_with(touches))
        {
            self.text.push(' ');
        }
        self.text.push_str(piece);
    }

    fn push_apart(&mut self, piece: &str) {
        self.space();
        self.text.push_str(piece);
    }

    fn space(&mut self) {
        if !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }
}

#[cfg(test)]
mod tests;
