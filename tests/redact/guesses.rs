//! What somebody with a redacted file, the server's source and a list of likely names can confirm: nothing. Neither is a figure
//! computed from a name, nor does the order of anything follow that of names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;
use xtask::servers::Server;

use super::{Marked, json, marks};

/// What servers and applications compute from a name `x`: digests as text, hashes as numbers with and without a sign, and the halves
/// of which `pg_locks` shows the key of an advisory lock.
const DIGESTS: &str = "
select md5(x), encode(sha224(b), 'hex'), encode(sha256(b), 'hex'), encode(sha384(b), 'hex'), encode(sha512(b), 'hex'),
       encode(b, 'hex'), encode(b, 'base64'), abs(hashtext(x)::int8), hashtext(x)::int8 & 4294967295, abs(hashname(x::name)::int8),
       hashname(x::name)::int8 & 4294967295, abs(hashtextextended(x, 0)), hashtextextended(x, 0) & 4294967295,
       hashtextextended(x, 0) >> 32 & 4294967295, hash_any & 4294967295
from (select x, convert_to(x, 'UTF8') as b, hashbpchar(x::bpchar)::int8 as hash_any
      from unnest(string_to_array($_$NAMES$_$, ' ')) x) names";

/// Digits that are enough to confirm a guess; a digest may be cut off there.
const LENGTHS: [usize; 7] = [8, 12, 16, 32, 40, 56, 64];

pub(super) fn nothing_confirms_a_guess(server: &Marked, redacted: &str, key: &str) {
    let plain = fs::read_to_string(server.path("plain.json")).unwrap();
    let names = marks(&plain).into_iter().collect::<Vec<_>>().join(" ");
    let digests = digests(
        &server.server,
        &format!("{names} zqmigration zqtenant zqtransaction shop zqdatabase.zqplain.zqorders"),
    );
    let major = server.server.major();
    // The keys of the locks are those of the plain document, so the guesses are good ones.
    assert!(confirmed(&plain, &digests).len() >= 2, "{major}: {:?}", confirmed(&plain, &digests));
    let text = fs::read_to_string(redacted).unwrap();
    assert_eq!(confirmed(&text, &digests), Vec::<String>::new(), "{major} {redacted}");
    assert_eq!(in_order_of_names(&json(redacted), &json(key)), BTreeSet::new(), "{major} {redacted}");
}

fn digests(server: &Server, names: &str) -> BTreeSet<String> {
    let rows = server.query("postgres", &DIGESTS.replace("NAMES", names)).unwrap();
    let whole: Vec<String> = rows.into_iter().flatten().flatten().collect();
    let cut = |digest: &String| {
        LENGTHS.iter().filter_map(|length| digest.get(..*length)).map(str::to_owned).collect::<Vec<_>>()
    };
    let is_digits = |digest: &String| digest.bytes().all(|byte| byte.is_ascii_digit());
    whole
        .iter()
        .filter(|digest| !is_digits(digest))
        .flat_map(cut)
        .chain(whole.iter().filter(|digest| digest.len() > 6).cloned())
        .collect()
}

/// The digests that are words of `text`.
fn confirmed(text: &str, digests: &BTreeSet<String>) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase);
    words.filter(|word| digests.contains(word)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The columns whose tokens stand in the order of the names that they stand for.
fn in_order_of_names(document: &Value, key: &Value) -> BTreeSet<String> {
    // Digests, which have an underline, stand for numbers and not for names.
    let tokens = key["tokens"].as_object().unwrap().iter().filter(|(token, _)| !token.contains('_'));
    let names: BTreeMap<&str, &str> = tokens.map(|(token, name)| (token.as_str(), name.as_str().unwrap())).collect();
    let mut found = BTreeSet::new();
    for (section, data) in document["sections"].as_object().unwrap() {
        let columns = data["columns"].as_array().cloned().unwrap_or_default();
        for sample in [Some(data), data.get("earlier")].into_iter().flatten() {
            let rows = sample["rows"].as_array().cloned().unwrap_or_default();
            for (at, column) in columns.iter().enumerate() {
                let mut shown: Vec<&str> =
                    rows.iter().filter_map(|row| names.get(row[at].as_str()?).copied()).collect();
                shown.dedup();
                let distinct: BTreeSet<&str> = shown.iter().copied().collect();
                if distinct.len() > 2 && (shown.is_sorted() || shown.is_sorted_by_key(|name| name.to_lowercase())) {
                    found.insert(format!("{section}.{}: {shown:?}", column.as_str().unwrap()));
                }
            }
        }
    }
    found
}
