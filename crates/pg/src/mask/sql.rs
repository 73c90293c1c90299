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
mod tests {
    use proptest::prelude::*;

    use super::{NO_STATEMENT, is_plannable, is_summary, mask, mask_expression, verbs};

    #[test]
    fn literals_of_every_kind_become_parameters() {
        for (query, masked) in [
            ("select * from t where a = 'x''y' and b = 12.5e3", "select * from t where a = $1 and b = $2"),
            ("select E'a\\'b', U&'x', B'01', X'ff', N'n'", "select $1, $2, $3, $4, $5"),
            ("select 'a\\', 'b'", "select $1, $2"),
            ("select 'a\\'b', 'c'", "select $1, $2"),
            ("select 'a\\'b\\'c', 'd'", "select $1"),
            ("select a like b escape '\\' and c", "select a like b escape $1 and c"),
            ("select $$body$$, $tag$ a $$ b $tag$, $7", "select $8, $9, $7"),
            ("select /* secret /* nested */ */ 1 -- trailing\n from t1", "select $1 from t1"),
            ("SELECT \"Weird \"\"name\" FROM \"S\".t2", "SELECT \"Weird \"\"name\" FROM \"S\".t2"),
            ("select .5, a.b2, c3", "select $1, a.b2, c3"),
            ("select 'a'from t where a='b'or 1=1", "select $1 from t where a=$2 or $3=$4"),
            ("select a ? 'b'", "select a ? $1"),
            ("select 'a'\n'b'", "select $1"),
            (
                "select U&'d!0061' uescape '!', U&\"d!0061\" uescape '!' from t",
                "select $1, U&\"d!0061\" uescape '!' from t",
            ),
        ] {
            assert_eq!(mask(query), masked, "{query}");
        }
    }

    #[test]
    fn what_is_part_of_the_shape_stays() {
        for (query, masked) in [
            (
                "select a, 5 from t group by 1, 2 order by 2 limit 7",
                "select a, $1 from t group by 1, 2 order by 2 limit $2",
            ),
            (
                "select a::numeric(12,2) from t where b > date '2026-01-31'",
                "select a::numeric(12,2) from t where b > date '$1'",
            ),
            ("select date $6 + interval '1 day'", "select date '$6' + interval '$7'"),
            ("select extract('year' from a)", "select extract('$1' from a)"),
        ] {
            assert_eq!(mask(query), masked, "{query}");
            assert_eq!(mask(masked), masked, "{query}");
        }
    }

    #[test]
    fn expressions_keep_their_shape_and_name_their_literals() {
        let predicate = "((status = 'paid'::text) AND (amount > 12.5) AND (\"Key\" IS NOT NULL))";
        let length = |literal: &str| literal.len().to_string();
        assert_eq!(
            mask_expression(predicate, &length),
            "((status = ?6::text) AND (amount > ?4) AND (\"Key\" IS NOT NULL))"
        );
        assert_eq!(mask_expression("lower(name)", &length), "lower(name)");
        assert_eq!(mask_expression("a = E'x\\'y'||'open", &length), "a = ?7||?5");
        assert_eq!(mask_expression("(a)::numeric(12,2)", &length), "(a)::numeric(12,2)");
    }

    #[test]
    fn a_text_cut_inside_a_literal_is_masked_to_its_end() {
        for query in
            ["select 'hunter2", "select $x$hunter2", "select \"hunter2", "select 1 /* hunter2", "select $hunter2"]
        {
            assert!(!mask(query).contains("hunter2"), "{query} -> {}", mask(query));
        }
    }

    /// The server cuts a statement anywhere, never before 96 bytes. What stands in its literals is in capitals here.
    #[test]
    fn wherever_a_text_is_cut_nothing_of_a_literal_stays() {
        let start = format!("select {}", "a_column, ".repeat(9));
        for end in [
            "'SECRET''SECRET', b, e'SEC\\'RET\\\\', b'SECRET', n'SECRET' from t where c = u&'SEC\\0041' uescape 'X'",
            "$q$SECRET $$ SECRET$q$, $$SECRET$$, 'SECRET'\n 'SECRET' /* SECRET /* SECRET */ SECRET */, b -- SECRET\n, c",
            "'SECRET\\', 'SECRET', 'SECRET\\'SECRET', b from t where c like 'SECRET' escape '\\' and d = 'SECRET'",
            "date 'SECRET', x'SECRET'::text, interval 'SECRET' day, (e'SECRET''SECRET')",
        ] {
            let text = format!("{start}{end}");
            for cut in start.len()..=text.len() {
                let masked = mask(&text[..cut]);
                assert!(!masked.contains(|c: char| c.is_ascii_uppercase()), "{} -> {masked}", &text[..cut]);
            }
        }
    }

    #[test]
    fn utility_statements_keep_their_first_words() {
        assert_eq!(mask("ALTER ROLE app PASSWORD 'x'"), "ALTER ROLE");
        assert_eq!(mask("set app.secret = hunter2"), "SET");
        assert_eq!(mask("COPY t FROM PROGRAM 'curl u:p@h'"), "COPY");
        assert_eq!(mask("hunter2"), "?");
        assert_eq!(mask("START_REPLICATION SLOT \"hunter2\" LOGICAL 0/0 (proto_version '4')"), "START_REPLICATION");
        assert_eq!(mask("BASE_BACKUP ( LABEL 'hunter2',  PROGRESS )"), "BASE_BACKUP");
        assert_eq!(mask("create"), "CREATE");
        assert_eq!(mask("create hunter"), "CREATE");
        assert_eq!(mask(";"), "?");
        assert_eq!(mask("/* only */"), "");
        assert_eq!(mask(""), "");
    }

    #[test]
    fn of_several_statements_the_first_words_of_each_stay() {
        for (text, masked) in [
            ("select 1; alter role app password 'x'", "SELECT; ALTER ROLE"),
            ("set app.secret = 'a;b'; ; select $$c;d$$ ;", "SET; SELECT"),
            ("begin; hunter2; (select 1)", "BEGIN; ?; SELECT"),
            ("set a = 1; set b = 2; set c = 3; set d = 4; set e = 5; set f = 6", "SET; SET; SET; SET; SET; …"),
            ("create function f() returns int begin atomic select 1; select 2; end", "CREATE FUNCTION"),
            ("set a = 1;", "SET"),
            ("set a = 'x; select 1", "SET"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
            assert!(is_summary(masked), "{masked}");
        }
        for text in ["SELECT; HUNTER2", "SELECT;", "; SELECT", "SET; select", "?", "…", "SELECT"] {
            assert!(!is_summary(text), "{text}");
        }
    }

    #[test]
    fn a_summary_is_what_a_mask_leaves_of_a_utility_statement() {
        for verb in verbs() {
            assert_eq!(is_summary(&mask(verb)), !is_plannable(verb), "{verb}");
        }
        for text in ["TABLE DATA", "CREATE HUNTER2", "Create", "HUNTER2", "SELECT", "create table", ""] {
            assert!(!is_summary(text), "{text}");
        }
    }

    #[test]
    fn what_the_server_writes_in_place_of_a_statement_stays() {
        for text in NO_STATEMENT {
            assert_eq!(mask(text), text);
        }
        assert_eq!(mask("<insufficient privilege> 'x'"), "?");
    }

    proptest! {
        #[test]
        fn no_quoted_text_survives(before in "[a-z =(]{0,12}", secret in "[A-Z]{6,12}", after in "[a-z =)]{0,12}") {
            for query in [
                format!("select {before} '{secret}' {after}"),
                format!("select {before} E'\\'{secret}' {after}"),
                format!("select {before} $q${secret}$q$ {after}"),
                format!("select {before} /* {secret} */ {after}"),
                format!("select {before} '{secret}"),
            ] {
                prop_assert!(!mask(&query).contains(&secret), "{} -> {}", query, mask(&query));
            }
        }

        #[test]
        fn masking_any_text_ends_and_never_panics(query in "\\PC{0,200}") {
            let _ = mask(&query);
        }
    }
}
