//! What a statement of a section gives and touches, read off its text.
//!
//! The statements are our own and of one style; this is no parser of SQL. The tests compare with real servers.

/// A word of a statement that stands outside of every bracket and quote, and where.
struct Word<'s> {
    text: &'s str,
    start: usize,
    end: usize,
}

/// The names of the columns that `sql` gives, in their order.
pub(super) fn of(sql: &str) -> Vec<String> {
    let (words, commas) = outline(sql);
    let Some(select) = words.iter().position(|word| word.text == "select") else { return Vec::new() };
    let after = words.get(select + 1..).unwrap_or_default();
    let list_start = words.get(select).map_or(0, |word| word.end);
    let mut before = "";
    let mut list_end = sql.len();
    for word in after {
        // `is distinct from` is an operator.
        if word.text == "from" && before != "distinct" {
            list_end = word.start;
            break;
        }
        before = word.text;
    }
    let cuts = commas.into_iter().filter(|at| (list_start..list_end).contains(at));
    let mut names = Vec::new();
    let mut item_start = list_start;
    for cut in cuts.chain([list_end]) {
        names.extend(sql.get(item_start..cut).and_then(last_name));
        item_start = cut + 1;
    }
    names
}

/// The words and the commas of `sql` that stand outside of every bracket and quote.
fn outline(sql: &str) -> (Vec<Word<'_>>, Vec<usize>) {
    let (mut words, mut commas) = (Vec::new(), Vec::new());
    let (mut depth, mut quoted, mut word_start) = (0_u32, false, None);
    for (at, c) in sql.char_indices().chain([(sql.len(), ' ')]) {
        let in_word = depth == 0 && !quoted && (c.is_ascii_alphanumeric() || c == '_');
        match (word_start, in_word) {
            (None, true) => word_start = Some(at),
            (Some(start), false) => {
                words.extend(sql.get(start..at).map(|text| Word { text, start, end: at }));
                word_start = None;
            }
            _ => {}
        }
        match c {
            '\'' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth = depth.saturating_sub(1),
            ',' if depth == 0 && !quoted => commas.push(at),
            _ => {}
        }
    }
    (words, commas)
}

/// The name of an item of a select list: its alias, or the column at its end.
fn last_name(item: &str) -> Option<String> {
    let word = item.split_whitespace().next_back()?;
    // A cast keeps the name of what is cast.
    word.split("::").next()?.rsplit('.').next().map(|name| name.trim_matches('"').to_owned())
}

/// The relations of `pg_catalog` that the statement of a section reads and the functions that it calls, each once and in order
/// of name.
#[must_use]
pub fn touched(sql: &str) -> (Vec<&str>, Vec<&str>) {
    const SCHEMA: &str = "pg_catalog.";
    let (mut relations, mut functions) = (Vec::new(), Vec::new());
    for (at, _) in sql.match_indices(SCHEMA) {
        let rest = sql.get(at + SCHEMA.len()..).unwrap_or_default();
        let name = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        let before = sql.get(..at).unwrap_or_default();
        let follows_from = matches!(before.split_whitespace().next_back(), Some("from" | "join" | "(from"));
        if rest.get(name.len()..).is_some_and(|rest| rest.starts_with('(')) {
            functions.push(name);
        } else if follows_from && before.ends_with(char::is_whitespace) {
            relations.push(name);
        }
    }
    for names in [&mut relations, &mut functions] {
        names.sort_unstable();
        names.dedup();
    }
    (relations, functions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections;

    #[test]
    fn names_come_from_aliases_and_columns() {
        let sql = "with x as (select 9 as n, 8 as m from y)\n\
                   select a.oid, b, f(a, 'from, ''x''') as \"c\", a is distinct from b as d,\n  case when b then 'as e' end as f\n\
                   from x a, z order by 1";
        assert_eq!(of(sql), ["oid", "b", "c", "d", "f"]);
        assert_eq!(of("select 1 as one, t.b::pg_catalog.text"), ["one", "b"]);
    }

    #[test]
    fn every_statement_gives_declared_columns_only() {
        for spec in sections::ALL {
            let privileged = spec.privileged.iter().flat_map(|more| more.sql);
            for (from, sql) in spec.sql.iter().chain(privileged) {
                let names = of(sql);
                assert!(!names.is_empty(), "{} {from}", spec.name);
                for name in names {
                    assert!(spec.column(&name).is_some(), "{} {from}: {name}", spec.name);
                }
            }
        }
    }

    #[test]
    fn relations_and_functions_are_told_apart() {
        let sql =
            "select pg_catalog.age(x)::pg_catalog.int8 from pg_catalog.pg_class c join pg_catalog.pg_am a on true";
        assert_eq!(touched(sql), (vec!["pg_am", "pg_class"], vec!["age"]));
    }
}
