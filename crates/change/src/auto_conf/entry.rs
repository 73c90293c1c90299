//! What the file consists of.

/// A comment in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The line, counted from 1.
    pub line: usize,
    /// From its `#` to the end of the line.
    pub text: String,
}

/// One parameter as it stands in the file.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name, spelled as in the file.
    pub name: String,
    /// The value, without the quotes and escapes of the file; in the encoding of whoever wrote it.
    pub value: Vec<u8>,
}

impl Entry {
    /// Whether this is the parameter `name`; upper and lower case are the same.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value as text; `None` where it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.value).ok()
    }
}

impl std::fmt::Debug for Entry {
    /// The name alone: a value may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} = ({} bytes)", self.name, self.value.len())
    }
}
