//! Errors of the TOML parser as plain sentences: the parser names the types of a program, not what people write.

/// The parser's `message` in one line, in the words of docs/policy.md.
pub(super) fn plain(message: &str) -> String {
    let lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let message = lines.collect::<Vec<_>>().join(", ");
    reworded(&message).unwrap_or(message)
}

fn reworded(message: &str) -> Option<String> {
    // A list or a table in place of a severity.
    if message.starts_with("wanted ") {
        return Some(format!("this must be {}", type_name("a string")));
    }
    if let Some(rest) = message.strip_prefix("unclosed array table") {
        return Some(format!("the double brackets are not closed, as in [[silence]]{rest}"));
    }
    // A table in place of a date.
    if message == "expected field with custom name" {
        return Some(format!("this must be {}", type_name("a TOML datetime")));
    }
    if let Some(wrong) = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: ")) {
        let (found, expected) = wrong.rsplit_once(", expected ")?;
        return Some(match (found, expected) {
            ("map", "a sequence") => "this must be a list: use double brackets, as in [[silence]]".to_owned(),
            _ => format!("this must be {}, not {}", type_name(expected), value(found)),
        });
    }
    if let Some(field) = message.strip_prefix("missing field ") {
        return Some(format!("the key {} is missing", quoted(field)));
    }
    if let Some(unknown) = message.strip_prefix("unknown variant ") {
        let (word, choices) = unknown.rsplit_once(", expected ")?;
        return Some(format!("{} is not valid here: use {}", quoted(word), quoted(choices)));
    }
    let (key, choices) = message.strip_prefix("unknown field ")?.rsplit_once(", expected ")?;
    Some(format!("the key {} does not exist here: use {}", quoted(key), quoted(choices)))
}

/// The parser puts names in backticks, the messages of pgdba in quotes.
fn quoted(text: &str) -> String {
    text.replace('`', "\"")
}

fn type_name(expected: &str) -> &str {
    match expected {
        "a sequence" => "a list",
        "a string" | "string or table" => "a text in quotes",
        "a TOML datetime" => "a date without quotes, such as 2027-01-01",
        "a map" | "a spanned value" => "a table",
        of_program if of_program.starts_with("struct ") => "a table",
        other => other,
    }
}

fn value(found: &str) -> String {
    match found.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some(("integer" | "boolean", value)) => value.replace('`', ""),
        Some(("floating", value)) => value.trim_start_matches("point ").replace('`', ""),
        _ if found == "map" => "a table".to_owned(),
        _ if found == "sequence" => "a list".to_owned(),
        _ => found.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parser_says_of_types_is_said_of_values() {
        let cases = [
            ("invalid type: map, expected a sequence", "this must be a list: use double brackets, as in [[silence]]"),
            (
                "invalid type: string \"a, expected b\", expected struct Entry",
                "this must be a table, not the text \"a, expected b\"",
            ),
            ("invalid type: floating point `1.5`, expected a string", "this must be a text in quotes, not 1.5"),
            ("invalid type: sequence, expected a map", "this must be a table, not a list"),
            ("unknown variant `x`, expected `a` or `b`", "\"x\" is not valid here: use \"a\" or \"b\""),
            (
                "unknown field `x`, expected one of `a`, `b`",
                "the key \"x\" does not exist here: use one of \"a\", \"b\"",
            ),
            ("missing field `cluster`", "the key \"cluster\" is missing"),
            ("expected field with custom name", "this must be a date without quotes, such as 2027-01-01"),
            ("duplicate key\n", "duplicate key"),
            ("wanted string or table", "this must be a text in quotes"),
            (
                "unclosed array table, expected `]]`",
                "the double brackets are not closed, as in [[silence]], expected `]]`",
            ),
        ];
        for (message, expected) in cases {
            assert_eq!(plain(message), expected);
        }
    }
}
