//! Where a value ends that runs over several lines: a literal or a quoted name can hold line breaks, and what follows them can look like
//! anything, also like a node.

use std::borrow::Cow;

/// How many bytes of a text can be searched in vain, for the end of a literal and the like: it keeps the time linear.
#[derive(Debug)]
pub(crate) struct Budget(usize);

impl Budget {
    pub(crate) fn of(text: &str) -> Self {
        Self(text.len().saturating_mul(4))
    }

    /// Whether so many bytes are left.
    pub(crate) fn allows(&self, bytes: usize) -> bool {
        bytes <= self.0
    }

    /// Takes bytes that were searched in vain.
    pub(crate) fn spend(&mut self, bytes: usize) {
        self.0 = self.0.saturating_sub(bytes);
    }
}

/// What is open behind the characters seen so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Balance {
    quote: Option<char>,
    depth: usize,
}

impl Balance {
    /// The server doubles a quote inside a literal and every backslash, so that each quote opens or closes.
    fn read(&mut self, text: &str) {
        for c in text.chars() {
            match (self.quote, c) {
                (Some(quote), _) if quote == c => self.quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => self.quote = Some(c),
                (None, '(' | '[' | '{') => self.depth += 1,
                (None, ')' | ']' | '}') => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
    }

    fn is_closed(self) -> bool {
        self.quote.is_none() && self.depth == 0
    }

    pub(super) fn is_balanced(text: &str) -> bool {
        let mut balance = Self::default();
        balance.read(text);
        balance.is_closed()
    }

    /// The line `at`, joined with those that it continues on, and the line behind them. A line whose brackets never close is a line of
    /// its own.
    pub(super) fn logical<'a>(lines: &[&'a str], at: usize, budget: &mut Budget) -> (Cow<'a, str>, usize) {
        let first = lines.get(at).copied().unwrap_or_default();
        let mut balance = Self::default();
        balance.read(first);
        let mut next = at + 1;
        let mut bytes = first.len();
        while !balance.is_closed() {
            let Some(line) = lines.get(next).filter(|line| budget.allows(bytes + line.len())) else {
                budget.spend(bytes);
                return (Cow::Borrowed(first), at + 1);
            };
            balance.read(line);
            bytes += line.len();
            next += 1;
        }
        match lines.get(at..next) {
            Some(several) if next > at + 1 => (Cow::Owned(several.join("\n")), next),
            _ => (Cow::Borrowed(first), at + 1),
        }
    }
}

/// The parts of a list that commas outside quotes and brackets separate.
pub(super) fn split_list(text: &str) -> Vec<Cow<'static, str>> {
    let mut parts = Vec::new();
    let mut balance = Balance::default();
    let mut part = String::new();
    for piece in text.split_inclusive(',') {
        balance.read(piece);
        match piece.strip_suffix(',') {
            Some(end) if balance.is_closed() => {
                part.push_str(end);
                parts.push(Cow::Owned(std::mem::take(&mut part).trim_start().to_owned()));
            }
            _ => part.push_str(piece),
        }
    }
    let last = part.trim_start();
    if !last.is_empty() {
        parts.push(Cow::Owned(last.to_owned()));
    }
    parts
}

/// Where `find` first succeeds outside double quotes.
pub(super) fn find_unquoted(text: &str, find: impl Fn(&str) -> bool) -> Option<usize> {
    let mut is_quoted = false;
    text.char_indices().find_map(|(at, c)| {
        is_quoted ^= c == '"';
        (!is_quoted && text.get(at..).is_some_and(&find)).then_some(at)
    })
}
