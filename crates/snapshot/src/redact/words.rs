//! Words that are the same on every site: time zones, locales, ciphers, versions. Whatever is not of a known form goes.

use pgdba_pg::mask::setting;

use super::text::{holds_token, is_harmless_value};
use super::vocabulary::TIME_ZONES;

/// What a text of words may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The name of a time zone, or an offset.
    TimeZone,
    /// A locale of the C library or of ICU.
    Locale,
    /// The name of an encoding.
    Encoding,
    /// A list of ciphers.
    Ciphers,
    /// Names of elliptic curves and groups.
    Curves,
    /// Formats of dates.
    DateStyle,
    /// The version of an extension, a collation or pgdba.
    Version,
    /// What a server says of its version and how it was built.
    ServerVersion,
    /// Digits and their signs: a time, an LSN, a timeline.
    Figures,
    /// The escapes of `log_line_prefix`.
    LinePrefix,
    /// Some of these words.
    Some(&'static [&'static str]),
}

/// Longest value that is looked at.
const LONGEST: usize = 200;

/// Languages of more than two letters that operating systems have locales for.
const LANGUAGES: [&str; 44] = [
    "agr", "anp", "ast", "ayc", "bem", "ber", "bhb", "bho", "brx", "byn", "chr", "ckb", "cmn", "crh", "csb", "doi",
    "dsb", "fil", "fur", "gez", "hak", "hne", "hsb", "kok", "kab", "lij", "lzh", "mag", "mai", "mfe", "mhr", "mni",
    "nan", "nds", "nso", "pap", "raj", "sah", "sat", "shs", "szl", "tig", "und", "yue",
];

/// Character sets in the names of locales.
const CHARSETS: [&str; 24] = [
    "ansix341968",
    "big5",
    "cp1251",
    "cp1252",
    "eucjp",
    "euckr",
    "euctw",
    "gb18030",
    "gb2312",
    "gbk",
    "iso88591",
    "iso885913",
    "iso885915",
    "iso88592",
    "iso88595",
    "iso88597",
    "iso88598",
    "iso88599",
    "koi8r",
    "koi8u",
    "sjis",
    "tis620",
    "utf8",
    "1252",
];

/// Variants in the names of locales.
const VARIANTS: [&str; 10] =
    ["abegede", "cyrillic", "devanagari", "euro", "iqtelif", "latin", "nynorsk", "saaho", "tarask", "valencia"];

/// Keys and values of ICU locales, of collations.
const ICU: [&str; 40] = [
    "alternate",
    "black",
    "co",
    "cyrl",
    "ducet",
    "emoji",
    "eor",
    "false",
    "hans",
    "hant",
    "ka",
    "kb",
    "kc",
    "kf",
    "kh",
    "kk",
    "kn",
    "kr",
    "ks",
    "kv",
    "latn",
    "level1",
    "level2",
    "level3",
    "level4",
    "lower",
    "noignore",
    "phonebk",
    "phonetic",
    "pinyin",
    "punct",
    "search",
    "shifted",
    "standard",
    "stroke",
    "trad",
    "true",
    "u",
    "upper",
    "zhuyin",
];

/// Encodings, without signs and in lower case.
const ENCODINGS: [&str; 50] = [
    "abc",
    "alt",
    "big5",
    "euccn",
    "eucjis2004",
    "eucjp",
    "euckr",
    "euctw",
    "gb18030",
    "gbk",
    "iso88591",
    "iso885915",
    "iso88595",
    "iso88596",
    "iso88597",
    "iso88597",
    "iso88598",
    "johab",
    "koi8",
    "koi8r",
    "koi8u",
    "latin1",
    "latin10",
    "latin2",
    "latin3",
    "latin4",
    "latin5",
    "latin6",
    "latin7",
    "latin8",
    "latin9",
    "muleinternal",
    "shiftjis2004",
    "sjis",
    "sqlascii",
    "tcvn",
    "uhc",
    "unicode",
    "utf8",
    "win1250",
    "win1251",
    "win1252",
    "win1253",
    "win1254",
    "win1255",
    "win1256",
    "win1257",
    "win1258",
    "win866",
    "win874",
];

/// What the names of ciphers and of groups of them are made of.
const CIPHERS: [&str; 71] = [
    "128",
    "256",
    "384",
    "3DES",
    "8",
    "ADH",
    "AECDH",
    "AES",
    "AES128",
    "AES256",
    "AESCCM",
    "AESGCM",
    "ALL",
    "ARIA",
    "ARIA128",
    "ARIA256",
    "CAMELLIA",
    "CAMELLIA128",
    "CAMELLIA256",
    "CBC",
    "CBC3",
    "CCM",
    "CCM8",
    "CHACHA20",
    "COMPLEMENTOFALL",
    "COMPLEMENTOFDEFAULT",
    "DEFAULT",
    "DES",
    "DH",
    "DHE",
    "DSS",
    "ECDH",
    "ECDHE",
    "ECDSA",
    "EDH",
    "EECDH",
    "EXP",
    "EXPORT",
    "FIPS",
    "GCM",
    "GOST",
    "HIGH",
    "IDEA",
    "LOW",
    "MD5",
    "MEDIUM",
    "NULL",
    "POLY1305",
    "PSK",
    "RC2",
    "RC4",
    "RSA",
    "SEED",
    "SHA",
    "SHA1",
    "SHA256",
    "SHA384",
    "SRP",
    "SSLv3",
    "STRENGTH",
    "SUITEB128",
    "SUITEB192",
    "TLS",
    "TLSv1",
    "TLSv1.0",
    "TLSv1.2",
    "TLSv1.3",
    "aECDSA",
    "aNULL",
    "aRSA",
    "eNULL",
];

/// Elliptic curves and groups, in lower case.
const CURVES: [&str; 20] = [
    "auto",
    "brainpoolp256r1",
    "brainpoolp384r1",
    "brainpoolp512r1",
    "ffdhe2048",
    "ffdhe3072",
    "ffdhe4096",
    "none",
    "p-256",
    "p-384",
    "p-521",
    "prime256v1",
    "secp256k1",
    "secp256r1",
    "secp384r1",
    "secp521r1",
    "x25519",
    "x25519mlkem768",
    "x448",
    "secp256r1mlkem768",
];

/// Words of `DateStyle`, in lower case.
const DATE_STYLES: [&str; 14] = [
    "default",
    "dmy",
    "euro",
    "european",
    "german",
    "iso",
    "mdy",
    "noneuropean",
    "postgres",
    "postgresql",
    "sql",
    "us",
    "verbose",
    "ymd",
];

/// What may stand behind the digits of a version.
const STAGES: [&str; 7] = ["alpha", "beta", "dev", "devel", "next", "rc", "unpackaged"];

/// Whether `value` is of `form` and tells nothing of a site.
pub(super) fn is_known(form: Form, value: &str) -> bool {
    value.len() <= LONGEST && !holds_token(value) && is_of(form, value)
}

fn is_of(form: Form, value: &str) -> bool {
    match form {
        Form::TimeZone => is_time_zone(value),
        Form::Locale => is_locale(value),
        Form::Encoding => {
            let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
            value.len() < 2 * plain.len() && ENCODINGS.contains(&plain.to_ascii_lowercase().as_str())
        }
        Form::Ciphers => value.split([':', ',', ' ', ';']).all(is_cipher),
        Form::Curves => all_of(&[':', ',', ' ', '/', '?', '*'], &CURVES, value),
        Form::DateStyle => all_of(&[',', ' '], &DATE_STYLES, value),
        Form::Version => is_version(value),
        Form::ServerVersion => is_server_version(value),
        Form::Figures => {
            has_only(value, |byte| byte.is_ascii_digit() || b" +-.:/TZ".contains(&byte) || matches!(byte, b'A'..=b'F'))
        }
        Form::LinePrefix => setting::mask(setting::PREFIX, value) == value,
        Form::Some(words) => all_of(&[',', ' ', '='], words, value) || is_harmless_value(value),
    }
}

fn has_only(text: &str, belongs: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(belongs)
}

/// Whether `value` is nothing but some of `words` with `separators` between them.
fn all_of(separators: &[char], words: &[&str], value: &str) -> bool {
    value.split(separators).all(|word| word.is_empty() || words.contains(&word.to_ascii_lowercase().as_str()))
}

fn is_time_zone(value: &str) -> bool {
    let offset = ["UTC", "GMT", "<UTC", "<GMT"].iter().find_map(|zone| value.strip_prefix(zone)).unwrap_or(value);
    let is_offset = has_only(offset, |byte| byte.is_ascii_digit() || b"+-:.<>".contains(&byte));
    let name = value.strip_prefix("posix/").unwrap_or(value);
    is_offset || TIME_ZONES.contains(name) || ["default", "localtime"].contains(&value)
}

fn is_locale(value: &str) -> bool {
    if matches!(value, "C" | "POSIX" | "ucs_basic") {
        return true;
    }
    let (rest, variant) = value.split_once('@').unwrap_or((value, "euro"));
    let (name, charset) = rest.split_once('.').unwrap_or((rest, "utf8"));
    let charset: String = charset.chars().filter(|c| *c != '-' && *c != '_').collect();
    let is_ending = VARIANTS.contains(&variant) && CHARSETS.contains(&charset.to_ascii_lowercase().as_str());
    let mut parts = name.split(['_', '-']);
    let language = parts.next().unwrap_or_default();
    let is_language = language == "C"
        || language.len() == 2 && has_only(language, |byte| byte.is_ascii_lowercase())
        || LANGUAGES.contains(&language);
    let is_part = |part: &str| {
        let is_territory = part.len() == 2 && has_only(part, |byte| byte.is_ascii_uppercase());
        is_territory || part == "001" || part == "419" || ICU.contains(&part.to_ascii_lowercase().as_str())
    };
    is_ending && is_language && parts.all(is_part)
}

/// One of a list: `!aNULL`, `ECDHE-RSA-AES256-GCM-SHA384`, `@SECLEVEL=2`.
fn is_cipher(item: &str) -> bool {
    let name = item.trim_start_matches(['!', '-', '+', '@']);
    let is_level = name
        .strip_prefix("SECLEVEL=")
        .is_some_and(|level| level.len() == 1 && has_only(level, |byte| byte.is_ascii_digit()));
    let is_known =
        |part: &str| part.is_empty() || CIPHERS.contains(&part) || ["kRSA", "kECDHE", "kDHE", "kEDH"].contains(&part);
    if let Some((group, level)) = name.split_once('@') {
        return is_cipher(group) && is_cipher(level);
    }
    is_level || name.split(['-', '_', '+']).all(is_known)
}

/// Digits with dots between them, and perhaps a stage: `1.10`, `153.120`, `3.5.0dev`.
fn is_version(value: &str) -> bool {
    let letters = value.trim_matches(|c: char| c.is_ascii_digit() || ".-+".contains(c));
    letters.is_empty() || STAGES.contains(&letters)
}

/// It is compiled in, so nobody can put a name there but who builds servers.
fn is_server_version(value: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" _.,:;+!/@=-~%[]*()".contains(&byte);
    let (number, build) = value.split_once(' ').unwrap_or((value, "()"));
    let is_number = !number.is_empty() && is_version(number);
    let is_short = is_number && build.starts_with('(') && build.ends_with(')');
    (value.starts_with("PostgreSQL ") || is_short) && has_only(value, is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_site_may_have_stays_and_nothing_else() {
        for (form, known, other) in [
            (
                Form::TimeZone,
                &["Europe/Vienna", "UTC", "GMT+3", "<+03>-03", "-5.5"][..],
                &["Acme/Plant", "acme", "ACME-3"][..],
            ),
            (
                Form::Locale,
                &[
                    "C",
                    "C.UTF-8",
                    "en_US.utf8",
                    "de_AT@euro",
                    "de-AT-u-co-phonebk",
                    "und",
                    "zh-Hans-CN",
                    "sr_RS.UTF-8@latin",
                ],
                &["und-x-acme", "acme", "de_AT@acme", "de_AT.acme", "en-x-orders"],
            ),
            (Form::Encoding, &["UTF8", "utf-8", "SQL_ASCII", "ISO_8859_5"], &["acme"]),
            (
                Form::Ciphers,
                &[
                    "HIGH:MEDIUM:+3DES:!aNULL",
                    "ECDHE-RSA-AES256-GCM-SHA384",
                    "TLS_AES_256_GCM_SHA384",
                    "DEFAULT@SECLEVEL=2",
                ],
                &["HIGH:acme", "ECDHE-ACME-AES256"],
            ),
            (Form::Curves, &["prime256v1", "X25519:prime256v1"], &["acme"]),
            (Form::DateStyle, &["ISO, MDY", "German"], &["ISO, acme"]),
            (Form::Version, &["1.10", "153.120.43", "3.5.0dev"], &["1.0acme", "acme"]),
            (Form::ServerVersion, &["16.3 (Debian 16.3-1)", "PostgreSQL 18.4 on x86_64-pc-linux-gnu"], &["acme"]),
            (Form::Figures, &["0/1A2B3C", "2026-01-31 03:00:00+01"], &["acme"]),
            (Form::LinePrefix, &["%m [%p] user=%u "], &["acme %m"]),
            (Form::Some(&["stderr", "csvlog"]), &["stderr, csvlog", "on"], &["stderr,acme"]),
        ] {
            for value in known {
                assert!(is_known(form, value), "{form:?} {value}");
            }
            for value in other {
                assert!(!is_known(form, value), "{form:?} {value}");
            }
        }
    }
}
