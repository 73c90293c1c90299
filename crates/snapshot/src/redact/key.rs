//! The key: which token stands for which name, and the secret behind the digests.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::{FORMAT_VERSION, KeyError};
use super::kind::{Identifier, Kind};
use crate::identity::sha256_hex;
use crate::read::{MAX_BYTES, unpack};

/// The value of the member `format` in every key file.
const FORMAT: &str = "pgdba.redaction_key";

/// Bytes of the secret.
pub const SECRET_BYTES: usize = 32;

/// Hexadecimal digits of the digest that stands for a system identifier, and of a key's own name.
const SHORT_DIGEST: usize = 16;

/// Digits of the highest number that a token of a key file may have, so that there is always a next one.
const MOST_DIGITS: usize = 15;

/// Tokens for names. The same name always has the same token, whatever it is the name of; two names never share one.
///
/// It restores a redacted document, so it is as confidential as the document was before.
#[derive(Clone)]
pub struct Key {
    secret: String,
    /// Token to name, to a spelling, to JSON text.
    names: BTreeMap<String, String>,
    /// Name to token.
    tokens: BTreeMap<String, String>,
    /// JSON text to token.
    json: BTreeMap<String, String>,
    /// Token of a name and spelling to the token of the spelling.
    spellings: BTreeMap<(String, String), String>,
    /// The last number of each kind.
    last: BTreeMap<&'static str, u64>,
    /// Spellings of each token.
    spelled: BTreeMap<String, u64>,
    /// Whether tokens are taken for what they are, not for names.
    passes_tokens: bool,
}

/// A key file.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    format: String,
    format_version: i64,
    secret: String,
    tokens: BTreeMap<String, String>,
}

impl Key {
    /// A key without names. `secret` must come from a source of random numbers; the digests are as strong as it.
    #[must_use]
    pub fn new(secret: &[u8; SECRET_BYTES]) -> Self {
        Self::with_secret(crate::identity::hex(secret))
    }

    /// A key that only counts what it meets; of a redacted document not its tokens.
    pub(super) fn counting(passes_tokens: bool) -> Self {
        Self { passes_tokens, ..Self::with_secret(String::new()) }
    }

    fn with_secret(secret: String) -> Self {
        Self {
            secret,
            names: BTreeMap::new(),
            tokens: BTreeMap::new(),
            json: BTreeMap::new(),
            spellings: BTreeMap::new(),
            last: BTreeMap::new(),
            spelled: BTreeMap::new(),
            passes_tokens: false,
        }
    }

    /// Reads a key file, plain or gzip.
    ///
    /// # Errors
    /// See [`KeyError`]; none of them shows anything of the key but a token.
    pub fn read(bytes: &[u8]) -> Result<Self, KeyError> {
        let unpacked = unpack(bytes, MAX_BYTES).map_err(|error| KeyError::NotAKey(error.to_string()))?;
        let text = std::str::from_utf8(&unpacked).map_err(|_| KeyError::NotAKey("it is not a string".to_owned()))?;
        Self::from_json(text)
    }

    /// Reads the text of a key file.
    ///
    /// # Errors
    /// As [`Key::read`].
    pub fn from_json(text: &str) -> Result<Self, KeyError> {
        let file: KeyFile = serde_json::from_str(text).map_err(|error| KeyError::NotAKey(position(&error)))?;
        if file.format != FORMAT {
            return Err(KeyError::OtherFormat(file.format));
        }
        if file.format_version > FORMAT_VERSION {
            return Err(KeyError::NewerFormat(file.format_version));
        }
        if !is_hex(&file.secret, SECRET_BYTES * 2) {
            return Err(KeyError::BadSecret);
        }
        let mut key = Self::with_secret(file.secret);
        file.tokens.into_iter().try_for_each(|(token, name)| key.admit(token, name))?;
        Ok(key)
    }

    /// The key as a file.
    ///
    /// # Errors
    /// None that can come up with a key of this type.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let file = KeyFile {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            secret: self.secret.clone(),
            tokens: self.names.clone(),
        };
        serde_json::to_string_pretty(&file).map(|text| text + "\n")
    }

    /// What a document says of the key it was redacted with; tells nothing of the key.
    #[must_use]
    pub fn id(&self) -> String {
        self.short_digest("key")
    }

    /// How many tokens of `kind` it has given out.
    #[must_use]
    pub fn count(&self, kind: Kind) -> u64 {
        self.last.get(kind.prefix()).copied().unwrap_or_default()
    }

    /// Whether it has a token for `name`.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.tokens.contains_key(name)
    }

    /// The token of `name`; a new one of `kind` if it has none yet.
    pub(super) fn token(&mut self, kind: Kind, name: &str) -> String {
        if let Some(token) = self.tokens.get(name) {
            return token.clone();
        }
        let bare = name.trim_matches('\'');
        if self.passes_tokens && is_token(bare) {
            return bare.to_owned();
        }
        let token = self.next(kind);
        self.names.insert(token.clone(), name.to_owned());
        self.tokens.insert(name.to_owned(), token.clone());
        token
    }

    /// The token of a name that the server folds to `name` and somebody spelled otherwise.
    pub(super) fn spelled(&mut self, kind: Kind, name: &str, spelling: &str) -> String {
        let token = self.token(kind, name);
        if name == spelling {
            return token;
        }
        let of_token = (token, spelling.to_owned());
        if let Some(spelled) = self.spellings.get(&of_token) {
            return spelled.clone();
        }
        let number = self.spelled.entry(of_token.0.clone()).or_default();
        *number += 1;
        let spelled = format!("{}_{number}", of_token.0);
        self.names.insert(spelled.clone(), spelling.to_owned());
        self.spellings.insert(of_token, spelled.clone());
        spelled
    }

    /// The token of a value that is no text, by its JSON.
    pub(super) fn json_token(&mut self, json: &str) -> String {
        if let Some(token) = self.json.get(json) {
            return token.clone();
        }
        let token = self.next(Kind::Json);
        self.names.insert(token.clone(), json.to_owned());
        self.json.insert(json.to_owned(), token.clone());
        token
    }

    /// The token of an identifier that a server computes: a digest, so that it is the same whatever else the key has seen,
    /// and nobody without the key can confirm a guess.
    pub(super) fn digest_token(&mut self, what: Identifier, identifier: &str) -> String {
        if self.passes_tokens && is_token(identifier) {
            return identifier.to_owned();
        }
        let prefix = what.prefix();
        let token = format!("{prefix}_{}", self.short_digest(&format!("{prefix} {identifier}")));
        self.names.insert(token.clone(), identifier.to_owned());
        token
    }

    /// What stands for half of an advisory lock's key: a number too, so that locks on one key stay equal.
    pub(super) fn lock_key(&mut self, half: u32) -> u32 {
        let token = self.digest_token(Identifier::Lock, &half.to_string());
        lock_number(&token).unwrap_or_default()
    }

    /// The half of an advisory lock's key that `number` stands for.
    pub(super) fn restored_lock_key(&self, number: u32) -> Option<u32> {
        let prefix = Identifier::Lock.prefix();
        let first = format!("{prefix}_{number:08x}");
        self.names.range(first.clone()..).next().filter(|(token, _)| token.starts_with(&first))?.1.parse().ok()
    }

    /// The fingerprint that stands for `fingerprint`: no other key gives the same.
    pub(super) fn fingerprint(&mut self, fingerprint: &str) -> String {
        let keyed = self.digest(&format!("fingerprint {fingerprint}"));
        self.names.insert(keyed.clone(), fingerprint.to_owned());
        keyed
    }

    /// Takes in the names that `scout`, a copy of this key, has met since. Their numbers follow from the secret, not from the order
    /// in which it met them.
    pub(super) fn adopt(&mut self, scout: &Self) {
        let new = scout.names.iter().filter(|(token, _)| !self.names.contains_key(*token));
        let (mut names, mut spellings) = (Vec::new(), Vec::new());
        for (token, name) in new {
            let Some((kind, _, is_spelling)) = parts(token) else { continue };
            match token.split_once('_').and_then(|(base, _)| scout.names.get(base)).filter(|_| is_spelling) {
                Some(base) => spellings.push((self.digest(name), kind, base, name)),
                None => names.push((self.digest(name), kind, name)),
            }
        }
        names.sort();
        spellings.sort();
        for (_, kind, name) in names {
            if kind == Kind::Json {
                self.json_token(name)
            } else {
                self.token(kind, name)
            };
        }
        for (_, kind, base, spelling) in spellings {
            self.spelled(kind, base, spelling);
        }
    }

    /// What `token` stands for.
    pub(super) fn name(&self, token: &str) -> Option<&str> {
        self.names.get(token).map(String::as_str)
    }

    /// The JSON that `token` stands for, if it is one of that kind.
    pub(super) fn json(&self, token: &str) -> Option<&str> {
        self.name(token).filter(|_| parts(token).is_some_and(|(kind, ..)| kind == Kind::Json))
    }

    fn next(&mut self, kind: Kind) -> String {
        let last = self.last.entry(kind.prefix()).or_default();
        *last += 1;
        format!("{}{last}", kind.prefix())
    }

    fn digest(&self, text: &str) -> String {
        sha256_hex(format!("{} {text}", self.secret).as_bytes())
    }

    fn short_digest(&self, text: &str) -> String {
        self.digest(text).chars().take(SHORT_DIGEST).collect()
    }

    /// Takes a token of a key file in.
    fn admit(&mut self, token: String, name: String) -> Result<(), KeyError> {
        if !is_digest_token(&token) && !is_hex(&token, SECRET_BYTES * 2) {
            let Some((kind, number, spelling)) = parts(&token) else { return Err(KeyError::BadToken(token)) };
            if let Some((of, number)) = token.split_once('_').filter(|_| spelling) {
                let last = self.spelled.entry(of.to_owned()).or_default();
                *last = (*last).max(number.parse().unwrap_or(0));
                self.spellings.insert((of.to_owned(), name.clone()), token.clone());
            } else {
                let last = self.last.entry(kind.prefix()).or_default();
                *last = (*last).max(number);
                let tokens = if kind == Kind::Json { &mut self.json } else { &mut self.tokens };
                tokens.insert(name.clone(), token.clone());
            }
        }
        self.names.insert(token, name);
        Ok(())
    }
}

/// Neither the secret nor a name.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id()).field("tokens", &self.names.len()).finish_non_exhaustive()
    }
}

/// Whether `word` could be a token.
pub(super) fn is_token(word: &str) -> bool {
    parts(word).is_some() || is_digest_token(word) || is_hex(word, SECRET_BYTES * 2)
}

/// The number that the token of half a lock's key begins with.
fn lock_number(token: &str) -> Option<u32> {
    u32::from_str_radix(token.split_once('_')?.1.get(..8)?, 16).ok()
}

fn is_digest_token(word: &str) -> bool {
    let parts = word.split_once('_').filter(|(_, digest)| is_hex(digest, SHORT_DIGEST));
    parts.is_some_and(|(prefix, _)| Identifier::ALL.iter().any(|what| what.prefix() == prefix))
}

/// Kind and number of a token, and whether it stands for a spelling; `None` for what is no numbered token.
pub(super) fn parts(token: &str) -> Option<(Kind, u64, bool)> {
    let (base, spelling) = match token.split_once('_') {
        Some((base, number)) => (base, Some(number)),
        None => (token, None),
    };
    let (prefix, number) = base.split_at(base.find(|c: char| c.is_ascii_digit())?);
    let is_number = |digits: &str| {
        !digits.starts_with('0') && digits.len() <= MOST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let whole = is_number(number) && spelling.is_none_or(|digits| !digits.is_empty() && is_number(digits));
    if !whole {
        return None;
    }
    Some((Kind::of_prefix(prefix)?, number.parse().ok()?, spelling.is_some()))
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Where a text stops being a key: what stands there may be a name.
fn position(error: &serde_json::Error) -> String {
    format!("syntax error in line {}, column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests;
