//! The string literals of Rust source, which is where messages come from.

/// The literals of a file, one a line, without its comments and without the tests at its end.
pub(super) fn literals(source: &str) -> String {
    let code = source.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut rest = code;
    let mut found = String::new();
    while let Some(at) = rest.find(['"', '/', '\'']) {
        rest = match rest.get(at..).unwrap_or_default() {
            comment if comment.starts_with("//") => after(comment, "\n"),
            // A character, not the begin of a text.
            quote if quote.starts_with("'\"'") => after(quote, "'\"'"),
            text if text.starts_with('"') && rest.get(..at).is_some_and(|before| before.ends_with("r#")) => {
                literal(text, "\"#", &mut found)
            }
            text if text.starts_with('"') => literal(text, "\"", &mut found),
            other => other.get(1..).unwrap_or_default(),
        };
    }
    found
}

fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).map_or("", |(_, rest)| rest)
}

/// Takes one literal off the text, which begins with its quote.
fn literal<'a>(text: &'a str, end: &str, found: &mut String) -> &'a str {
    let mut from = 1;
    while let Some(length) = text.get(from..).and_then(|rest| rest.find(end)) {
        let to = from + length;
        let literal = text.get(1..to).unwrap_or_default();
        let is_escaped = end == "\"" && literal.chars().rev().take_while(|char| *char == '\\').count() % 2 == 1;
        if !is_escaped {
            // A backslash at the end of a line joins it to the next one.
            found.push_str(&literal.replace("\\\n", "\n"));
            found.push('\n');
            return text.get(to + end.len()..).unwrap_or_default();
        }
        from = to + end.len();
    }
    ""
}

#[test]
fn literals_are_found_and_comments_and_tests_are_not() {
    let source = "/// A \"comment\".\nlet a = \"one\"; // no \"two\"\nlet q = '\"'; f(\"the \\\"third\\\"\", 'x', \"fo\\\n    ur\");\n\
                  let r = r#\"raw \"five\"\"#; let s = \"a \\\\\"; let u = \"https://six\";\n\n#[cfg(test)]\nmod tests { \"seven\" }\n";
    let expected = "one\nthe \\\"third\\\"\nfo\n    ur\nraw \"five\"\na \\\\\nhttps://six\n";
    assert_eq!(literals(source), expected);
}
