//! Errors of the JSON parser as plain words: the parser names the types of a program and quotes values, which can be secrets.

/// What is wrong, with its position, in the words of people who read a document.
pub(crate) fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let (message, place) = text.strip_suffix(&place).map_or((text.as_str(), ""), |message| (message, place.as_str()));
    let words = match reworded(message) {
        Some(words) => words,
        // The words of a type of our own can quote the value.
        None if error.is_data() => "a value is invalid".to_owned(),
        None => message.to_owned(),
    };
    format!("{words}{place}")
}

fn reworded(message: &str) -> Option<String> {
    if message == "recursion limit exceeded" {
        return Some("it is nested too deeply".to_owned());
    }
    if let Some(name) = message.strip_prefix("duplicate field ") {
        return Some(format!("the member {} occurs more than once", name.replace('`', "\"")));
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return Some(format!("the member {} is missing", name.replace('`', "\"")));
    }
    let (_, expected) =
        ["invalid ", "unknown "].iter().find_map(|start| message.strip_prefix(start))?.rsplit_once("expected ")?;
    Some(format!("a value is not {}", kind(expected)))
}

/// What the parser expected.
fn kind(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" => "a whole number",
        "f32" | "f64" => "a number",
        of_program if of_program.starts_with("struct ") => "an object",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only the errors count")]
    struct Members {
        count: i64,
        names: Vec<String>,
    }

    #[test]
    fn the_parser_is_quoted_without_its_types_and_without_values() {
        for (text, expected) in [
            (r#"{"count":"hunter2","names":[]}"#, "a value is not a whole number at line 1 column 18"),
            (r#"{"count":1.5,"names":[]}"#, "a value is not a whole number at line 1 column 12"),
            (r#"{"count":1,"names":"x"}"#, "a value is not a list at line 1 column 22"),
            (r#"{"count":1,"names":[2]}"#, "a value is not text at line 1 column 21"),
            (r#"{"count":1,"count":2}"#, "the member \"count\" occurs more than once at line 1 column 18"),
            (r#"{"count":1}"#, "the member \"names\" is missing at line 1 column 11"),
            (r#""x""#, "a value is not an object at line 1 column 3"),
            ("{", "EOF while parsing an object at line 1 column 1"),
        ] {
            assert_eq!(plain(&serde_json::from_str::<Members>(text).unwrap_err()), expected);
        }
        let deep = "[".repeat(1000);
        let error = serde_json::from_str::<serde_json::Value>(&deep).unwrap_err();
        assert!(plain(&error).starts_with("it is nested too deeply"), "{error}");
    }
}
