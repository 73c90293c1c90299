//! Query text without its literals and comments.
//!
//! A scanner, not a regular expression: it follows PostgreSQL's lexical rules, and whatever it cannot see the end
//! of (a text cut at `track_activity_query_size`) is masked to the end. Statements that are not plain queries keep
//! their first words only, because `CREATE ROLE … PASSWORD` and its like put secrets where no literal is expected.

use std::iter::Peekable;
use std::str::CharIndices;

/// The statements whose shape is worth keeping; every other one is cut to its verb and object class.
const QUERY_VERBS: [&str; 8] = ["select", "insert", "update", "delete", "merge", "with", "values", "table"];

/// `query` with comments removed and every literal replaced by `?`.
///
/// A statement that is no query is reduced to its first words, such as `CREATE ROLE`. Runs of white space become
/// one space. The result holds no text of any literal, whatever the input.
#[must_use]
pub fn mask(query: &str) -> String {
    if let Some(activity) = super::autovacuum::activity(query) {
        return activity;
    }
    let scanned = scan(query, None);
    let mut words = scanned.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let verb = words.next().unwrap_or_default().to_lowercase();
    if QUERY_VERBS.contains(&verb.as_str()) && !has_further_statement(&scanned) {
        return scanned;
    }
    let object = words.next().unwrap_or_default();
    if verb.is_empty() {
        String::new()
    } else if OBJECT_VERBS.contains(&verb.as_str()) && object.chars().all(char::is_alphabetic) {
        format!("{} {}", verb.to_uppercase(), object.to_uppercase())
    } else if UTILITY_VERBS.contains(&verb.as_str()) {
        verb.to_uppercase()
    } else {
        "?".to_owned()
    }
}

/// `expression` with comments removed and every literal replaced by `?` and a name: for what is known to be an
/// expression, such as the server's own text of an index predicate.
///
/// `name` must not give the literal away; it may be equal for equal literals, so that equal predicates stay equal.
#[must_use]
pub fn mask_expression(expression: &str, name: &dyn Fn(&str) -> String) -> String {
    scan(expression, Some(name))
}

/// Verbs that are followed by a class of objects.
const OBJECT_VERBS: [&str; 5] = ["create", "alter", "drop", "comment", "import"];

/// Verbs that stand alone.
const UTILITY_VERBS: [&str; 36] = [
    "abort",
    "analyze",
    "begin",
    "call",
    "checkpoint",
    "close",
    "cluster",
    "commit",
    "copy",
    "deallocate",
    "declare",
    "discard",
    "do",
    "end",
    "execute",
    "explain",
    "fetch",
    "grant",
    "listen",
    "load",
    "lock",
    "move",
    "notify",
    "prepare",
    "reassign",
    "refresh",
    "reindex",
    "release",
    "reset",
    "revoke",
    "rollback",
    "savepoint",
    "set",
    "show",
    "truncate",
    "vacuum",
];

/// Several statements in one text: only the first verb was looked at, so the whole is not trusted as a query.
fn has_further_statement(scanned: &str) -> bool {
    scanned.trim_end_matches(|c: char| c == ';' || c.is_whitespace()).contains(';')
}

/// Copies `query` without comments and with literals replaced by `?` and what `name` makes of them.
fn scan(query: &str, name: Option<&dyn Fn(&str) -> String>) -> String {
    let mut scanner = Scanner { text: query, chars: query.char_indices().peekable(), out: String::new(), name };
    while let Some((at, c)) = scanner.chars.next() {
        scanner.step(at, c);
    }
    scanner.out.trim().to_owned()
}

struct Scanner<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    out: String,
    name: Option<&'a dyn Fn(&str) -> String>,
}

impl Scanner<'_> {
    fn step(&mut self, at: usize, c: char) {
        match c {
            '-' if self.next_is('-') => self.skip_while(|c| c != '\n'),
            '/' if self.next_is('*') => self.skip_block_comment(),
            '\'' => {
                let escapes = self.take_prefix();
                self.string(escapes);
                self.name_literal(at);
            }
            '"' => self.identifier(),
            '$' if self.dollar_tag(at).is_some() => {
                self.dollar_quoted(at);
                self.name_literal(at);
            }
            '0'..='9' if !self.inside_name() => self.number(at),
            '.' if !self.inside_name() && self.peek().is_some_and(|c| c.is_ascii_digit()) => self.number(at),
            c if c.is_whitespace() => self.space(),
            c => self.out.push(c),
        }
    }

    fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|(_, c)| *c)
    }

    fn next_is(&mut self, wanted: char) -> bool {
        self.peek() == Some(wanted)
    }

    fn skip_while(&mut self, keep_going: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&keep_going) {
            self.chars.next();
        }
    }

    fn space(&mut self) {
        if !self.out.ends_with(' ') {
            self.out.push(' ');
        }
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 1_u32;
        self.chars.next();
        while depth > 0 {
            match (self.chars.next(), self.peek()) {
                (Some((_, '*')), Some('/')) => {
                    self.chars.next();
                    depth -= 1;
                }
                (Some((_, '/')), Some('*')) => {
                    self.chars.next();
                    depth += 1;
                }
                (None, _) => break,
                _ => {}
            }
        }
        self.space();
    }

    /// Takes the prefix of a literal (`E`, `U&`, …) back from the output; whether it is one under which a
    /// backslash escapes.
    fn take_prefix(&mut self) -> bool {
        for prefix in ["e", "E", "b", "B", "x", "X", "n", "N", "u&", "U&"] {
            if let Some(bare) = self.out.strip_suffix(prefix)
                && !bare.chars().next_back().is_some_and(is_name_char)
            {
                self.out.truncate(bare.len());
                return prefix.eq_ignore_ascii_case("e");
            }
        }
        false
    }

    fn string(&mut self, backslash_escapes: bool) {
        self.out.push('?');
        while let Some((_, c)) = self.chars.next() {
            match c {
                '\\' if backslash_escapes => {
                    self.chars.next();
                }
                // Where this literal ends depends on standard_conforming_strings, which a text alone does not tell.
                '\\' if self.next_is('\'') => self.skip_while(|_| true),
                '\'' if self.next_is('\'') => {
                    self.chars.next();
                }
                '\'' => return,
                _ => {}
            }
        }
    }

    fn identifier(&mut self) {
        let mut name = String::from('"');
        while let Some((_, c)) = self.chars.next() {
            name.push(c);
            if c == '"' {
                if !self.next_is('"') {
                    self.out.push_str(&name);
                    return;
                }
                self.chars.next();
                name.push('"');
            }
        }
        // No end in sight: what looks like a name may be the inside of something else.
        self.out.push('?');
    }

    /// The tag `$tag$` that begins at `at`, if the dollar there opens one.
    fn dollar_tag(&self, at: usize) -> Option<String> {
        if self.inside_name() {
            return None;
        }
        let rest = self.text.get(at + 1..)?;
        let tag_end = rest.find('$');
        let tag = match tag_end {
            Some(end) => rest.get(..end)?,
            None => rest,
        };
        let starts_as_name = !tag.starts_with(|c: char| c.is_ascii_digit());
        let cut_off = tag_end.is_none();
        let is_tag = starts_as_name && tag.chars().all(is_name_char);
        (is_tag && (!cut_off || !tag.is_empty() || rest.is_empty())).then(|| format!("${tag}$"))
    }

    fn dollar_quoted(&mut self, at: usize) {
        self.out.push('?');
        let Some(tag) = self.dollar_tag(at) else { return };
        let body_start = at + tag.len();
        let end = self.text.get(body_start..).and_then(|body| body.find(&tag)).map(|end| body_start + end + tag.len());
        let end = end.unwrap_or(self.text.len());
        while self.chars.peek().is_some_and(|(position, _)| *position < end) {
            self.chars.next();
        }
    }

    fn inside_name(&self) -> bool {
        self.out.chars().next_back().is_some_and(|c| is_name_char(c) || c == '$')
    }

    fn number(&mut self, at: usize) {
        self.out.push('?');
        self.skip_while(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
        self.name_literal(at);
    }

    /// Puts the name of the literal behind its `?`; it began at `at` and ends here.
    fn name_literal(&mut self, at: usize) {
        let end = self.chars.peek().map_or(self.text.len(), |(position, _)| *position);
        if let (Some(name), Some(literal)) = (self.name, self.text.get(at..end)) {
            self.out.push_str(&name(literal));
        }
    }
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{mask, mask_expression};

    #[test]
    fn literals_of_every_kind_become_question_marks() {
        for (query, masked) in [
            ("select * from t where a = 'x''y' and b = 12.5e3", "select * from t where a = ? and b = ?"),
            ("select E'a\\'b', U&'x', B'01', X'ff', N'n'", "select ?, ?, ?, ?, ?"),
            ("select 'a\\', 'b'", "select ?"),
            ("select $$body$$, $tag$ a $$ b $tag$, $1", "select ?, ?, $1"),
            ("select /* secret /* nested */ */ 1 -- trailing\n from t1", "select ? from t1"),
            ("SELECT \"Weird \"\"name\" FROM \"S\".t2", "SELECT \"Weird \"\"name\" FROM \"S\".t2"),
            ("select .5, a.b2, c3", "select ?, a.b2, c3"),
        ] {
            assert_eq!(mask(query), masked, "{query}");
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
        assert_eq!(mask_expression("a = E'x\\'y'||'open", &length), "a = ?6||?5");
    }

    #[test]
    fn a_text_cut_inside_a_literal_is_masked_to_its_end() {
        for query in
            ["select 'hunter2", "select $x$hunter2", "select \"hunter2", "select 1 /* hunter2", "select $hunter2"]
        {
            assert!(!mask(query).contains("hunter2"), "{query} -> {}", mask(query));
        }
    }

    #[test]
    fn statements_that_are_no_queries_keep_their_first_words() {
        assert_eq!(mask("ALTER ROLE app PASSWORD 'x'"), "ALTER ROLE");
        assert_eq!(mask("set app.secret = hunter2"), "SET");
        assert_eq!(mask("COPY t FROM PROGRAM 'curl u:p@h'"), "COPY");
        assert_eq!(mask("hunter2"), "?");
        assert_eq!(mask("select 1; alter role app password 'x'"), "SELECT".replace("SELECT", "?"));
        assert_eq!(mask(""), "");
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
