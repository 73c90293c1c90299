//! Lines of a server log.

use std::borrow::Cow;

use pgdba_pg::Millis;

/// The duration of a message of auto_explain: `duration: 12.345 ms  plan:`.
pub(crate) fn duration(line: &str) -> Option<Millis> {
    let figure = line.strip_prefix("duration: ")?.strip_suffix("plan:")?.trim_end().strip_suffix(" ms")?;
    figure.parse().ok().map(Millis)
}

/// Where a reader is in a log.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// Within a message of auto_explain, whose further lines begin with a tab.
    is_inside: bool,
}

impl Log {
    /// A line without the prefix of its log.
    pub(super) fn strip<'l>(&mut self, line: &'l str) -> Cow<'l, str> {
        let line = without_syslog(line);
        let message =
            line.find("duration: ").and_then(|at| line.get(at..)).filter(|rest| duration(rest.trim_end()).is_some());
        if let Some(message) = message {
            self.is_inside = true;
            return Cow::Owned(message.trim_end().to_owned());
        }
        self.is_inside = self.is_inside && (line.starts_with('\t') || line.is_empty());
        match (line, self.is_inside) {
            (Cow::Borrowed(line), true) => Cow::Borrowed(line.strip_prefix('\t').unwrap_or(line)),
            (Cow::Owned(line), true) => Cow::Owned(line.strip_prefix('\t').unwrap_or(&line).to_owned()),
            (line, false) => line,
        }
    }
}

/// `Jan  1 12:00:00 db1 postgres[123]: [5-2] #011Limit  (…)`: syslog splits a message and escapes its tabs.
fn without_syslog(line: &str) -> Cow<'_, str> {
    let rest = line.split_once("]: [").and_then(|(prefix, rest)| {
        let (number, rest) = rest.split_once("] ")?;
        let is_number = number.contains('-') && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        (is_number && prefix.ends_with(|c: char| c.is_ascii_digit())).then_some(rest)
    });
    match rest.map(|rest| (rest, rest.strip_prefix("#011"))) {
        Some((_, Some(behind))) => Cow::Owned(format!("\t{behind}")),
        Some((rest, None)) => Cow::Borrowed(rest),
        None => Cow::Borrowed(line),
    }
}
