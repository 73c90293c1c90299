//! From bytes to a [`DiagSnapshot`], or to one clear sentence.
//!
//! Only what makes the input no snapshot at all is an error. Everything else degrades: a member of a wrong type, an
//! unreadable section, a changed checksum become problems that the reader of the findings is told.

use std::borrow::Cow;
use std::io::{self, Read};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::document::{DiagSnapshot, FORMAT, FORMAT_VERSION};
use crate::encoding::wide_encoding;
use crate::identity::sha256_hex;
use crate::json_error;
use crate::read_error::ReadError;
use crate::section_texts::SectionTexts;

pub use crate::read_error::MAX_BYTES;

/// The value of the member `format` in a baseline, which has a member `snapshot`.
pub const BASELINE_FORMAT: &str = "pgdba.baseline";

/// Reads a snapshot: plain or gzip, bare, inside a baseline or inside the command line's envelope.
///
/// # Errors
/// Only where the input is no snapshot of a known format; see [`ReadError`].
pub fn read(bytes: &[u8]) -> Result<DiagSnapshot, ReadError> {
    read_within(bytes, MAX_BYTES)
}

/// The bytes of a file that [`read()`] is to be given. An endless input is read to the limit at most, and one that does not
/// begin as a snapshot does only as far as is needed to see that.
///
/// # Errors
/// The input cannot be read.
pub fn read_bytes(mut input: impl Read) -> io::Result<Vec<u8>> {
    /// How far a file is read that cannot be a snapshot, in bytes.
    const BEGINNING: u64 = 1 << 16;
    let mut bytes = Vec::new();
    input.by_ref().take(BEGINNING).read_to_end(&mut bytes)?;
    if begins_like_a_snapshot(&bytes) {
        input.take(MAX_BYTES).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Whether it is compressed, or JSON that is an object or array.
fn begins_like_a_snapshot(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).trim_ascii_start();
    bytes.starts_with(&[0x1f, 0x8b]) || matches!(text.first(), Some(b'{' | b'['))
}

/// As [`read()`], with a smaller limit for the unpacked document, in bytes.
///
/// # Errors
/// As [`read()`].
pub fn read_within(bytes: &[u8], max_bytes: u64) -> Result<DiagSnapshot, ReadError> {
    let Text { text, invalid_utf8 } = text_of(bytes, max_bytes)?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let (text, members) = peel(text)?;
    let mut snapshot = from_members(text, &members)?;
    if invalid_utf8 {
        snapshot
            .problems
            .push("the file contains bytes that are not valid UTF-8; they are shown as \u{fffd}".to_owned());
    }
    Ok(snapshot)
}

/// The text of a file: unpacked, with replacement characters for what is not UTF-8.
///
/// # Errors
/// The file is larger than a snapshot can be, not UTF-8 at all, or damaged.
pub fn unpacked(bytes: &[u8]) -> Result<Cow<'_, str>, ReadError> {
    text_of(bytes, MAX_BYTES).map(|text| text.text)
}

struct Text<'a> {
    text: Cow<'a, str>,
    invalid_utf8: bool,
}

fn text_of(bytes: &[u8], max_bytes: u64) -> Result<Text<'_>, ReadError> {
    let unpacked = unpack(bytes, max_bytes)?;
    if let Some(encoding) = wide_encoding(&unpacked) {
        return Err(ReadError::OtherEncoding { encoding });
    }
    // Checking is many times faster than replacing, which nearly no document needs.
    Ok(match unpacked {
        Cow::Borrowed(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Text { text: text.into(), invalid_utf8: false },
            Err(_) => Text { text: String::from_utf8_lossy(bytes), invalid_utf8: true },
        },
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Text { text: text.into(), invalid_utf8: false },
            Err(error) => {
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                Text { text: text.into(), invalid_utf8: true }
            }
        },
    })
}

pub(crate) fn unpack(bytes: &[u8], max_bytes: u64) -> Result<Cow<'_, [u8]>, ReadError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= max_bytes);
        return if fits { Ok(Cow::Borrowed(bytes)) } else { Err(ReadError::TooLarge) };
    }
    let mut unpacked = Vec::new();
    let outcome = flate2::read::MultiGzDecoder::new(bytes).take(max_bytes + 1).read_to_end(&mut unpacked);
    let length = u64::try_from(unpacked.len()).unwrap_or(u64::MAX);
    match outcome {
        Err(error) => Err(ReadError::BrokenGzip { unpacked: length, reason: error.to_string() }),
        Ok(_) if length > max_bytes => Err(ReadError::TooLarge),
        Ok(_) => Ok(Cow::Owned(unpacked)),
    }
}

/// The members of the document, each still unread so that a wrong type costs only that member.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    format: Option<&'a RawValue>,
    #[serde(borrow, default)]
    format_version: Option<&'a RawValue>,
    #[serde(borrow, default)]
    redacted: Option<&'a RawValue>,
    #[serde(borrow, default)]
    redaction_key: Option<&'a RawValue>,
    #[serde(borrow, default)]
    producer: Option<&'a RawValue>,
    #[serde(borrow, default)]
    collected_at: Option<&'a RawValue>,
    #[serde(borrow, default)]
    identity: Option<&'a RawValue>,
    #[serde(borrow, default)]
    prereqs: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sampling: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sections: SectionTexts<'a>,
    #[serde(borrow, default)]
    checksum: Option<&'a RawValue>,
    /// Members of the command line's envelope.
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    command: Option<&'a RawValue>,
    /// The snapshot of a baseline.
    #[serde(borrow, default)]
    snapshot: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// The data of an answer of the command line.
    fn answer(&self) -> Option<&'a RawValue> {
        self.data.filter(|_| self.format.is_none() && self.command.is_some())
    }

    /// The snapshot that a baseline was derived from.
    fn derived_from(&self) -> Option<&'a RawValue> {
        self.snapshot.filter(|_| member::<String>(self.format).as_deref() == Some(BASELINE_FORMAT))
    }
}

/// A document, and its members.
type Peeled<'a> = (&'a str, Envelope<'a>);

/// The snapshot in `text`. What is around it is removed once and no more: documents within documents would let a file decide how
/// deep the stack grows.
fn peel(text: &str) -> Result<Peeled<'_>, ReadError> {
    let mut peeled = (text, members(text)?);
    for inner in [Envelope::answer, Envelope::derived_from] {
        if let Some(text) = inner(&peeled.1).map(RawValue::get) {
            peeled = (text, members(text)?);
        }
    }
    Ok(peeled)
}

/// The text of the snapshot in `text`, without the envelope of the command line and the baseline that are around it.
///
/// # Errors
/// `text` is not a JSON object.
pub fn bare(text: &str) -> Result<&str, ReadError> {
    peel(text.trim_start_matches('\u{feff}')).map(|(text, _)| text)
}

fn members(text: &str) -> Result<Envelope<'_>, ReadError> {
    serde_json::from_str(text).map_err(|error| not_the_format(text, &error))
}

fn from_members(text: &str, envelope: &Envelope<'_>) -> Result<DiagSnapshot, ReadError> {
    if member::<String>(envelope.format).as_deref() != Some(FORMAT) {
        return Err(ReadError::OtherFormat { what: name_of(text) });
    }
    let mut problems = Vec::new();
    let found = degraded::<i64>("format_version", envelope.format_version, &mut problems);
    let format_version = found.unwrap_or(FORMAT_VERSION);
    if format_version > FORMAT_VERSION {
        return Err(ReadError::NewerFormat { found: format_version, supported: FORMAT_VERSION });
    }
    let mut snapshot = DiagSnapshot {
        format_version,
        producer: degraded("producer", envelope.producer, &mut problems).unwrap_or_default(),
        collected_at: degraded("collected_at", envelope.collected_at, &mut problems),
        identity: degraded("identity", envelope.identity, &mut problems).unwrap_or_default(),
        prereqs: degraded("prereqs", envelope.prereqs, &mut problems).unwrap_or_default(),
        sampling: degraded("sampling", envelope.sampling, &mut problems).unwrap_or_default(),
        sections: envelope.sections.owned(&mut problems),
        checksum: degraded("checksum", envelope.checksum, &mut problems),
        checksum_fits: None,
        redacted: degraded("redacted", envelope.redacted, &mut problems).unwrap_or_default(),
        redaction_key: degraded("redaction_key", envelope.redaction_key, &mut problems),
        problems: Vec::new(),
    };
    snapshot.checksum_fits = checksum_fits(text, snapshot.checksum.as_deref());
    if snapshot.checksum_fits == Some(false) {
        problems.push("the snapshot was modified after it was collected: its checksum does not match".to_owned());
    }
    snapshot.problems = problems;
    Ok(snapshot)
}

fn member<T: DeserializeOwned>(raw: Option<&RawValue>) -> Option<T> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
}

/// The member's value; `null` and a wrong type are both none, the second with a problem.
fn degraded<T: DeserializeOwned>(name: &str, raw: Option<&RawValue>, problems: &mut Vec<String>) -> Option<T> {
    match serde_json::from_str::<Option<T>>(raw?.get()) {
        Ok(value) => value,
        Err(error) => {
            problems.push(format!("could not read the member \"{name}\" of the snapshot: {}", without_value(&error)));
            None
        }
    }
}

/// What is wrong with a value, without the value: it can be a secret, and of what is quoted only the end is our own.
fn without_value(error: &serde_json::Error) -> String {
    let words = json_error::plain(error);
    words.strip_prefix("a value is not ").map_or(words.clone(), |expected| format!("its value is not {expected}"))
}

/// Whether the file is as the collector left it when it had written its last byte: nothing follows the checksum.
fn checksum_fits(text: &str, stated: Option<&str>) -> Option<bool> {
    let stated = stated?;
    let key = text.rfind("\"checksum\"")?;
    let (before, after) = (text.get(..key)?, text.get(key..)?);
    let comma = before.rfind(',')?;
    let after: String = after.chars().filter(|c| !c.is_ascii_whitespace()).take(stated.len() + 64).collect();
    let is_last = after == format!("\"checksum\":\"{stated}\"}}");
    Some(is_last && sha256_hex(before.get(..comma)?.as_bytes()) == stated)
}

/// Which error a text deserves that is not an object of the expected kind.
fn not_the_format(text: &str, error: &serde_json::Error) -> ReadError {
    let truncated = || ReadError::Truncated { at: u64::try_from(text.len()).unwrap_or(u64::MAX) };
    if error.is_eof() {
        return truncated();
    }
    match serde_json::from_str::<Value>(text) {
        // It says that it is a snapshot, so it is a broken one: a member that stands there twice.
        Ok(value) if value.get("format").and_then(Value::as_str) == Some(FORMAT) => {
            ReadError::Damaged { reason: json_error::plain(error) }
        }
        Ok(_) => ReadError::OtherFormat { what: name_of(text) },
        // A member that is kept unread hides that its text ends too early.
        Err(syntax) if syntax.is_eof() => truncated(),
        Err(syntax) => ReadError::NotJson { reason: json_error::plain(&syntax) },
    }
}

/// What a well-formed JSON text that is no snapshot seems to be.
fn name_of(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(members)) => match members.get("format").and_then(Value::as_str) {
            Some(format) => format!("a document of format {format:?}"),
            None if members.contains_key("Plan") => "an EXPLAIN plan".to_owned(),
            None => "a JSON object without a \"format\" member".to_owned(),
        },
        Ok(Value::Array(items)) if items.iter().any(|item| item.get("Plan").is_some()) => "an EXPLAIN plan".to_owned(),
        Ok(Value::Array(_)) => "a JSON array".to_owned(),
        Ok(_) => "a single JSON value".to_owned(),
        Err(_) => "not JSON".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = r#"{"format":"pgdba.diag_snapshot","format_version":1,"sections":{}}"#;

    #[test]
    fn each_kind_of_wrong_input_has_its_own_error() {
        let code = |bytes: &[u8]| read(bytes).map(|_| ()).unwrap_err().code();
        assert_eq!(code(b""), "snapshot_empty");
        assert_eq!(code(b"  \n"), "snapshot_empty");
        assert_eq!(code(b"hello"), "snapshot_not_json");
        assert_eq!(code(b"\xff\xfe{\0}\0"), "snapshot_encoding");
        assert_eq!(code(b"[1,2]"), "snapshot_other_format");
        assert_eq!(code(b"[{\"Plan\":{}}]"), "snapshot_other_format");
        assert_eq!(code(b"{\"format\":\"other\"}"), "snapshot_other_format");
        assert_eq!(code(&BARE.as_bytes()[..30]), "snapshot_truncated");
        assert_eq!(code(&[0x1f, 0x8b, 8, 0, 1]), "snapshot_gzip_damaged");
        assert_eq!(code(BARE.replace(":1,", ":2,").as_bytes()), "snapshot_newer_format");
        assert_eq!(read_within(BARE.as_bytes(), 10).unwrap_err(), ReadError::TooLarge);
    }

    #[test]
    fn the_snapshot_of_a_baseline_is_read_once() {
        let baseline = |inner: &str| format!(r#"{{"format":"{BASELINE_FORMAT}","sections":{{}},"snapshot":{inner}}}"#);
        let answer = |inner: &str| format!(r#"{{"ok":true,"command":"baseline","data":{inner}}}"#);
        for text in [BARE.to_owned(), baseline(BARE), answer(&baseline(BARE))] {
            assert_eq!(read(text.as_bytes()).unwrap().format_version, 1, "{text}");
            assert_eq!(bare(&text).unwrap(), BARE);
        }
        for text in [baseline(&baseline(BARE)), baseline(&answer(BARE)), answer(&answer(BARE)), baseline("null")] {
            assert!(matches!(read(text.as_bytes()), Err(ReadError::OtherFormat { .. })), "{text}");
        }
    }

    #[test]
    fn an_envelope_around_the_document_is_taken_off() {
        let envelope = format!(r#"{{"ok":true,"command":"inspect","data":{BARE},"error":null}}"#);
        assert_eq!(read(envelope.as_bytes()).unwrap().format_version, 1);
    }

    #[test]
    fn a_member_of_a_wrong_type_costs_only_itself() {
        let text = BARE.replace("\"sections\"", "\"producer\":3,\"collected_at\":\"noon\",\"sections\"");
        let snapshot = read(text.as_bytes()).unwrap();
        assert_eq!(snapshot.problems.len(), 2, "{:?}", snapshot.problems);
        assert_eq!(snapshot.collected_at, None);
        for sections in ["true", "1", "-1", "1.5", "\"x\"", "[{}]"] {
            let snapshot = read(BARE.replace("{}", sections).as_bytes()).unwrap();
            assert_eq!((snapshot.problems.len(), snapshot.sections.len()), (1, 0), "{:?}", snapshot.problems);
        }
        assert_eq!(read(BARE.replace("{}", "null").as_bytes()).unwrap().problems, Vec::<String>::new());
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let head = r#"{"format":"pgdba.diag_snapshot","format_version":1,"sections":{}"#;
        let whole = format!("{head},\"checksum\":\"{}\"}}", sha256_hex(head.as_bytes()));
        assert!(read(whole.as_bytes()).unwrap().problems.is_empty());
        let changed = whole.replace("\"sections\"", "\"sections\" ");
        assert_eq!(read(changed.as_bytes()).unwrap().problems.len(), 1);
        let added = whole.replace("\"}", "\",\"note\":\"checksum\"}");
        assert_eq!(read(added.as_bytes()).unwrap().checksum_fits, Some(false));
        let spaced = whole.replace("\"}", "\" }\n");
        assert_eq!(read(spaced.as_bytes()).unwrap().checksum_fits, Some(true));
    }

    #[test]
    fn an_endless_input_is_not_read_to_its_end() {
        assert_eq!(read_bytes(io::repeat(0)).unwrap().len(), 1 << 16);
        let long = format!("\u{feff} {}", BARE.replace("{}", &format!("{{{}}}", " ".repeat(1 << 17))));
        assert_eq!(read_bytes(long.as_bytes()).unwrap(), long.as_bytes());
    }
}
