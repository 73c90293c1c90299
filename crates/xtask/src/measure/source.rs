//! Reading a Rust file for its size: which lines are comments, and how long its functions are.

/// What one file measures.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) lines: usize,
    /// Lines that hold nothing but a comment.
    pub(super) comments: usize,
    pub(super) functions: Vec<Function>,
}

/// A function with a body, from its `fn` to its closing brace.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    /// Line of its `fn`, counted from 1.
    pub(super) at: usize,
    pub(super) lines: usize,
}

/// Measures a file's text.
pub(super) fn measure(text: &str) -> Source {
    let code = code_only(text);
    let blank = |line: &str| line.trim().is_empty();
    let comments = text.lines().zip(code.lines()).filter(|(line, code)| !blank(line) && blank(code)).count();
    Source { lines: text.lines().count(), comments, functions: functions(&code) }
}

/// The text with comments blanked and the inside of strings replaced by `_`, line by line as it was.
///
/// Braces and words that the compiler does not see must not count; a string's lines are code all the same.
fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, filling) = match first {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), ' '),
            '/' if rest.starts_with("/*") => (block_comment(rest), ' '),
            '"' => (1 + until_quote(rest.get(1..).unwrap_or_default(), '"'), '_'),
            'r' if !ends_in_word(code.trim_end_matches('b')) => (raw_string(rest).unwrap_or(0), '_'),
            '\'' => (character(rest).unwrap_or(0), '_'),
            _ => (0, ' '),
        };
        let (skipped, after) = rest.split_at_checked(length.max(first.len_utf8())).unwrap_or((rest, ""));
        if length == 0 {
            code += skipped;
        } else {
            code.extend(skipped.chars().map(|c| if c == '\n' { '\n' } else { filling }));
        }
        rest = after;
    }
    code
}

fn ends_in_word(code: &str) -> bool {
    code.ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        let step = if here.starts_with("/*") {
            depth += 1;
            2
        } else if here.starts_with("*/") {
            depth -= 1;
            2
        } else {
            here.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length up to and with the closing quote; a backslash hides the character after it.
fn until_quote(rest: &str, quote: char) -> usize {
    let mut hidden = false;
    for (at, c) in rest.char_indices() {
        if !hidden && c == quote {
            return at + 1;
        }
        hidden = c == '\\' && !hidden;
    }
    rest.len()
}

/// `r"…"` and `r#"…"#` with any number of hashes.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inside = after.get(hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(1 + hashes + 1 + length)
}

/// A character such as `'{'`; a lifetime has no closing quote so near.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.get(1..)?;
    if inside.starts_with('\\') {
        return Some(1 + until_quote(inside, '\''));
    }
    let length = inside.chars().next()?.len_utf8();
    inside.get(length..)?.starts_with('\'').then_some(length + 2)
}

fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code.get(..at).unwrap_or_default();
        if ends_in_word(before) {
            continue;
        }
        let here = code.get(at..).unwrap_or_default();
        let name = here.trim_start_matches("fn").trim_start();
        let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        if let Some(length) = body_end(here).filter(|_| !name.is_empty()) {
            let lines = here.get(..length).unwrap_or_default().lines().count();
            found.push(Function { name: name.to_owned(), at: before.matches('\n').count() + 1, lines });
        }
    }
    found
}

/// Where the body that follows ends; `None` for a declaration without one.
fn body_end(code: &str) -> Option<usize> {
    let (mut braces, mut brackets) = (0_i32, 0_i32);
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' if braces == 0 => brackets += 1,
            ')' | ']' if braces == 0 => brackets -= 1,
            ';' if braces == 0 && brackets == 0 => return None,
            '{' if brackets == 0 => braces += 1,
            '}' if brackets == 0 => {
                braces -= 1;
                if braces <= 0 {
                    return (braces == 0).then_some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_comments_and_functions_are_counted() {
        let text = "//! Head.\n\n/// Says.\nfn one<'a>(x: &'a [u8; 3]) -> char {\n    let s = \"} // fn no() {\n fn nor() {}\";\n    '}'\n}\n\
                    /* } /* { */\n*/\ntrait T {\n    fn declared(&self) -> [u8; 2];\n    fn two(&self) { r#\"}\"# }\n}\n";
        let function = |name: &str, at, lines| Function { name: name.to_owned(), at, lines };
        let expected =
            Source { lines: 14, comments: 4, functions: vec![function("one", 4, 5), function("two", 13, 1)] };
        assert_eq!(measure(text), expected);
    }

    #[test]
    fn this_file_is_read_to_its_end() {
        let source = measure(include_str!("source.rs"));
        let last = source.functions.last().map(|function| function.name.as_str());
        assert_eq!(last, Some("this_file_is_read_to_its_end"));
    }
}
