//! Editing the lines of some parameters in place, as a person with an editor would: every other byte of the file stays.

use super::line::{line_of, quoted};
use super::read::{self, Assignment, ReadError, Unreadable};

/// What a parameter shall be in the file.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// The parameter.
    pub name: String,
    /// Its value, unquoted; `None` where it shall not be in the file.
    pub value: Option<Vec<u8>>,
}

/// One line that is removed, replaced or added. Values are unquoted.
#[derive(Clone, PartialEq, Eq)]
pub struct Edit {
    /// The parameter.
    pub name: String,
    /// The line in the file as it was, counted from 1; `None` of a line that is added, or of a file that was not read.
    pub line: Option<usize>,
    /// The value that the line sets; `None` of a line that is added.
    pub before: Option<Vec<u8>>,
    /// The value that it shall set; `None` of a line that is removed.
    pub after: Option<Vec<u8>>,
}

impl std::fmt::Debug for Edit {
    /// Without the values, which may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = match (&self.before, &self.after) {
            (None, _) => "Add",
            (Some(_), None) => "Remove",
            (Some(_), Some(_)) => "Replace",
        };
        write!(f, "{verb}({}, {:?})", self.name, self.line)
    }
}

/// An edited file.
pub struct Edited {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What was done, in the order of the lines; added ones last.
    pub edits: Vec<Edit>,
    /// The lines that the server cannot read, which stay as they are: it does not start with them.
    pub unreadable: Vec<ReadError>,
}

/// Makes every parameter of `targets` what it shall be. Of several lines of one parameter the last one counts: it gets the value,
/// and the others go. A value is replaced where it is, so that the spelling of the name and a comment behind it stay.
#[must_use]
pub fn edit(bytes: &[u8], targets: &[Target]) -> Edited {
    let mut edited = Edited { bytes: Vec::with_capacity(bytes.len()), edits: Vec::new(), unreadable: Vec::new() };
    for (number, line) in numbered(bytes) {
        match assignment(line) {
            Ok(Some(found)) => edited.take(number, line, &found, bytes, targets),
            Ok(None) => edited.bytes.extend_from_slice(line),
            Err(reason) => {
                edited.unreadable.extend((reason == Unreadable::Syntax).then_some(ReadError { line: number, reason }));
                edited.bytes.extend_from_slice(line);
            }
        }
    }
    for target in targets {
        if let (Some(value), None) = (&target.value, value_in(bytes, &target.name)) {
            edited.add(&target.name, value);
        }
    }
    edited
}

impl Edited {
    /// Takes over a line that sets a parameter, or what becomes of it.
    fn take(&mut self, number: usize, line: &[u8], found: &Assignment<'_>, file: &[u8], targets: &[Target]) {
        let Some(target) = targets.iter().find(|target| is(found.name, &target.name)) else {
            return self.bytes.extend_from_slice(line);
        };
        let counts = value_in(file, &target.name).is_some_and(|(last, _)| last == number);
        let after = target.value.clone().filter(|_| counts);
        if after.as_ref() == Some(&found.value) {
            return self.bytes.extend_from_slice(line);
        }
        if let Some(value) = &after {
            self.bytes.extend_from_slice(line.get(..found.value_at.start).unwrap_or_default());
            self.bytes.extend(quoted(value));
            self.bytes.extend_from_slice(line.get(found.value_at.end..).unwrap_or_default());
        }
        let before = Some(found.value.clone());
        self.edits.push(Edit { name: target.name.clone(), line: Some(number), before, after });
    }

    fn add(&mut self, name: &str, value: &[u8]) {
        if self.bytes.last().is_some_and(|last| *last != b'\n') {
            self.bytes.push(b'\n');
        }
        self.bytes.extend(line_of(name, value));
        self.bytes.push(b'\n');
        self.edits.push(Edit { name: name.to_owned(), line: None, before: None, after: Some(value.to_vec()) });
    }
}

/// The line and the value that count for a parameter in a file, lines that cannot be read aside.
#[must_use]
pub fn value_in(bytes: &[u8], name: &str) -> Option<(usize, Vec<u8>)> {
    let found = numbered(bytes).filter_map(|(number, line)| Some((number, assignment(line).ok()??)));
    let last = found.filter(|(_, found)| is(found.name, name)).last();
    last.map(|(number, found)| (number, found.value))
}

fn is(found: &[u8], name: &str) -> bool {
    found.eq_ignore_ascii_case(name.as_bytes())
}

/// What a line sets, with or without its line break.
fn assignment(line: &[u8]) -> Result<Option<Assignment<'_>>, Unreadable> {
    read::assignment(line.strip_suffix(b"\n").unwrap_or(line))
}

/// The lines with their line breaks, counted from 1.
fn numbered(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    bytes.split_inclusive(|&byte| byte == b'\n').enumerate().map(|(index, line)| (index + 1, line))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn target(name: &str, value: Option<&str>) -> Target {
        Target { name: name.to_owned(), value: value.map(|value| value.as_bytes().to_vec()) }
    }

    fn edited(file: &str, targets: &[Target]) -> String {
        String::from_utf8(edit(file.as_bytes(), targets).bytes).unwrap()
    }

    const FILE: &str =
        "# Do not edit\n\nWork_Mem=64MB # by hand\r\njit = 'off'\n  # jit = 'on'\nwork_mem '32MB'\njit=on";

    #[test]
    fn only_the_lines_of_the_parameters_change_and_every_other_byte_stays() {
        let cases = [
            (vec![target("work_mem", None)], "# Do not edit\n\njit = 'off'\n  # jit = 'on'\njit=on"),
            (
                vec![target("jit", None)],
                "# Do not edit\n\nWork_Mem=64MB # by hand\r\n  # jit = 'on'\nwork_mem '32MB'\n",
            ),
            (
                vec![target("JIT", Some("it's \\"))],
                "# Do not edit\n\nWork_Mem=64MB # by hand\r\n  # jit = 'on'\nwork_mem '32MB'\njit='it''s \\\\'",
            ),
            (vec![target("cluster_name", None)], FILE),
        ];
        for (targets, expected) in cases {
            assert_eq!(edited(FILE, &targets), expected);
        }
    }

    #[test]
    fn what_follows_a_value_stays() {
        assert_eq!(edited("a=1 # why\r\nb=2", &[target("a", Some("3"))]), "a='3' # why\r\nb=2");
    }

    #[test]
    fn a_line_that_is_missing_is_added_on_a_line_of_its_own() {
        assert_eq!(edited("a=1", &[target("b", Some("2"))]), "a=1\nb = '2'\n");
        assert_eq!(edited("", &[target("b", Some("2"))]), "b = '2'\n");
    }

    #[test]
    fn the_edits_name_their_lines() {
        let done = edit(FILE.as_bytes(), &[target("work_mem", Some("8MB")), target("a.b", Some("x"))]);
        let lines: Vec<_> = done.edits.iter().map(|edit| (edit.name.as_str(), edit.line)).collect();
        assert_eq!(lines, [("work_mem", Some(3)), ("work_mem", Some(6)), ("a.b", None)]);
        assert_eq!(done.edits[1].after.as_deref(), Some(&b"8MB"[..]));
        assert!(!format!("{:?}", done.edits).contains("8MB"));
    }

    #[test]
    fn lines_that_cannot_be_read_stay_and_are_named() {
        let done = edit(b"a = \nb = 1\nc d e\n", &[target("b", None), target("a", Some("1"))]);
        assert_eq!(done.bytes, b"a = \nc d e\na = '1'\n");
        assert_eq!(done.unreadable.iter().map(|error| error.line).collect::<Vec<_>>(), [1, 3]);
    }

    proptest! {
        /// Whatever the file is: no byte of another line changes, and the parameter is what it shall be.
        #[test]
        fn other_lines_stay_byte_for_byte(
            lines in prop::collection::vec("(a|b|A|#a|a\\.b)?[ =]{0,2}('x\\\\?'|[xy#]{0,2})[ \r#]?", 0..6),
            is_ended in any::<bool>(), value in prop::option::of("[x'\\\\ ]{0,3}"),
        ) {
            let file = lines.join("\n") + if is_ended { "\n" } else { "" };
            let done = edit(file.as_bytes(), &[target("a", value.as_deref())]);
            let found = value_in(&done.bytes, "a").map(|(_, found)| found);
            prop_assert_eq!(found, value.map(String::into_bytes));
            let sets_a = |line: &[u8]| matches!(assignment(line), Ok(Some(found)) if is(found.name, "a"));
            let others = |bytes: &[u8]| -> Vec<Vec<u8>> {
                let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !sets_a(line) && !line.is_empty());
                lines.map(<[u8]>::to_vec).collect()
            };
            prop_assert_eq!(others(&done.bytes), others(file.as_bytes()));
            let again = edit(&done.bytes, &[Target { name: "a".to_owned(), value: value_in(&done.bytes, "a").map(|(_, value)| value) }]);
            prop_assert!(again.edits.is_empty());
        }
    }
}
