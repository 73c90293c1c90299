//! JSON, read without recursion and with the leniency that pasted plans need.
//!
//! Between values, the characters with which psql and other clients frame a cell (` +`, `|`, `│`, `↵`) are white space. A line break
//! inside a string is where a terminal wrapped the line; it is dropped, since JSON itself has none there. A key in an array is read as
//! well: PostgreSQL prints the counters of a MERGE of a partitioned table in the array of its tables, which is not JSON.

use std::borrow::Cow;

use crate::doc::{Doc, Id, Value};
use crate::error::ReadError;

/// Why a text is not JSON.
#[derive(Debug)]
pub(crate) enum JsonError {
    /// It ends too early.
    End,
    /// An unexpected character at this byte.
    At(usize),
    /// A limit was exceeded.
    Limit(ReadError),
}

impl From<ReadError> for JsonError {
    fn from(error: ReadError) -> Self {
        Self::Limit(error)
    }
}

/// Reads the value that begins at byte `start`, and returns it with the byte behind it.
pub(crate) fn parse<'a>(text: &'a str, start: usize, doc: &mut Doc<'a>) -> Result<(Id, usize), JsonError> {
    let mut reader = Reader { text, at: start };
    let mut open: Vec<Id> = Vec::new();
    loop {
        reader.skip_blanks();
        let parent = open.last().copied();
        let is_object = parent.is_some_and(|parent| doc.is_object(parent));
        if parent.is_some() && reader.take(if is_object { '}' } else { ']' }) {
            // The list is not empty here, and an empty one is the end.
            if let Some(root) = open.pop().filter(|_| open.is_empty()) {
                return Ok((root, reader.at));
            }
            reader.skip_comma();
            continue;
        }
        let key = if is_object { reader.key()? } else { Cow::Borrowed("") };
        let (key, value) = match reader.value()? {
            Value::Text(misplaced) if !is_object && reader.takes_colon() => (misplaced, reader.value()?),
            value => (key, value),
        };
        let is_container = value == Value::Array || value == Value::Object;
        let id = doc.push(parent, key, value)?;
        match (is_container, parent) {
            (true, _) => open.push(id),
            (false, None) => return Ok((id, reader.at)),
            (false, Some(_)) => reader.skip_comma(),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.at += wanted.len_utf8();
        }
        is_there
    }

    fn skip_blanks(&mut self) {
        let is_blank = |c: char| c.is_whitespace() || matches!(c, '+' | '|' | '│' | '↵' | '¶' | '\u{feff}');
        self.at += self.rest().len() - self.rest().trim_start_matches(is_blank).len();
    }

    /// A comma before the closing bracket is left over where people shorten a plan by hand.
    fn skip_comma(&mut self) {
        self.skip_blanks();
        self.take(',');
    }

    fn unexpected(&self) -> JsonError {
        if self.rest().is_empty() { JsonError::End } else { JsonError::At(self.at) }
    }

    fn key(&mut self) -> Result<Cow<'a, str>, JsonError> {
        if !self.take('"') {
            return Err(self.unexpected());
        }
        let key = self.string()?;
        if self.takes_colon() { Ok(key) } else { Err(self.unexpected()) }
    }

    /// Whether what was read is a key.
    fn takes_colon(&mut self) -> bool {
        self.skip_blanks();
        let is_key = self.take(':');
        self.skip_blanks();
        is_key
    }

    fn value(&mut self) -> Result<Value<'a>, JsonError> {
        if self.take('{') {
            return Ok(Value::Object);
        }
        if self.take('[') {
            return Ok(Value::Array);
        }
        if self.take('"') {
            return self.string().map(Value::Text);
        }
        let rest = self.rest();
        let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
        let bare = rest.split_once(|c: char| !is_bare(c)).map_or(rest, |(bare, _)| bare);
        // A number at the end of a line of psql can be directly before its `+`.
        let bare = bare.trim_end_matches('+');
        if matches!(bare, "true" | "false" | "null") || bare.parse::<f64>().is_ok() {
            self.at += bare.len();
            return Ok(Value::Text(Cow::Borrowed(bare)));
        }
        Err(self.unexpected())
    }

    /// The rest of a string behind its opening quote.
    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        let rest = self.rest();
        let special = rest.find(['"', '\\', '\n', '\r']).ok_or(JsonError::End)?;
        let (plain, behind) = rest.split_at_checked(special).ok_or(JsonError::End)?;
        if behind.starts_with('"') {
            self.at += special + 1;
            return Ok(Cow::Borrowed(plain));
        }
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let special = rest.find(['"', '\\', '\n', '\r']).ok_or(JsonError::End)?;
            out.push_str(rest.get(..special).unwrap_or_default());
            self.at += special;
            if self.take('"') {
                return Ok(Cow::Owned(out));
            }
            if self.take('\\') {
                out.push(self.escape()?);
            } else {
                self.at += 1;
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let escaped = self.peek().ok_or(JsonError::End)?;
        let c = match escaped {
            '"' | '\\' | '/' => escaped,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(JsonError::At(self.at)),
        };
        self.at += 1;
        Ok(c)
    }

    /// `\uXXXX`, or two of them for one character.
    fn unicode(&mut self) -> Result<char, JsonError> {
        let high = self.hex()?;
        if !(0xd800..0xdc00).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if !self.rest().starts_with("\\u") {
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        self.at += 2;
        let low = self.hex()?;
        let joined = 0x1_0000 + ((high - 0xd800) << 10) + (low.wrapping_sub(0xdc00) & 0x3ff);
        Ok(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32, JsonError> {
        let digits = self.rest().get(..4).ok_or_else(|| self.unexpected())?;
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex).ok_or(JsonError::At(self.at))?;
        self.at += 4;
        Ok(number)
    }
}
