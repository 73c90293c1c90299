//! What kind of statement a text is.

use super::{Kind, Token, tokens};

/// First words of the statements that the planner plans.
pub const PLANNABLE: [&str; 8] = ["delete", "insert", "merge", "select", "table", "update", "values", "with"];

/// Whether `text` is one statement and one that the planner plans: SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES or TABLE,
/// also behind WITH, and not SELECT INTO. All others are utility statements; so is, to be safe, a text of several
/// statements or one that is cut off inside a literal.
///
/// The server computes the query identifier of a plannable statement from its parse tree without the constants. That
/// of a utility statement is a hash of its text or of all of its tree, from which constants can be guessed.
#[must_use]
pub fn is_plannable(text: &str) -> bool {
    let tokens: Vec<Token<'_>> = tokens(text).filter(|token| !token.is_blank()).collect();
    let first = tokens.iter().find(|token| token.text != "(");
    let begins = first.is_some_and(|token| PLANNABLE.iter().any(|word| token.is_word(word)));
    let is_whole = tokens.iter().all(|token| token.kind != Kind::Unclosed);
    begins && is_whole && !has_further_statement(&tokens) && !has_into_clause(&tokens)
}

/// Whether something follows a semicolon.
fn has_further_statement(tokens: &[Token<'_>]) -> bool {
    tokens.iter().skip_while(|token| token.text != ";").any(|token| token.text != ";")
}

/// Whether there is an INTO besides those of INSERT INTO and MERGE INTO.
fn has_into_clause(tokens: &[Token<'_>]) -> bool {
    let mut before: Option<&Token<'_>> = None;
    for token in tokens {
        let follows_verb = before.is_some_and(|word| word.is_word("insert") || word.is_word("merge"));
        if token.is_word("into") && !follows_verb {
            return true;
        }
        before = Some(token);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plannable_statements_are_told_from_utility_statements() {
        for text in [
            "select 1",
            "/* app */ -- x\n ((SELECT 1) union (select 2));",
            "insert into t select 'a;b'",
            "with x as (insert into t values (1) returning 1) merge into t using x on true when matched then delete",
            "values (1)",
            "TABLE t",
            "update t set a = 1 ; ",
        ] {
            assert!(is_plannable(text), "{text}");
        }
        for text in [
            "",
            "create role x password 'y'",
            "explain select 1",
            "copy (select 1) to stdout",
            "declare c cursor for select 1",
            "create table t as select 1",
            "prepare p as select 1",
            "execute p('x')",
            "call p('x')",
            "select 1; create role x password 'y'",
            "select 'y' as note into temp t",
            "with x as (select 1) select * into t from x",
            "select 'cut off",
            "<insufficient privilege>",
            "\"select\" 1",
            "selects",
        ] {
            assert!(!is_plannable(text), "{text}");
        }
    }
}
