//! One value of a row, redacted.

use serde_json::Value;

use super::columns::Rule;
use super::key::Key;
use super::kind::Kind;
use super::name::name_of;
use super::setting;
use super::text::{self, holds_token};
use super::vocabulary::{EXTENSION_TYPES, OPERATOR_CLASSES};
use super::{conninfo, own, words};

/// Options of lines of `pg_hba.conf`.
const HBA_OPTIONS: [&str; 34] = [
    "clientcert",
    "clientname",
    "compat_realm",
    "delegate_ident_mapping",
    "include_realm",
    "issuer",
    "krb_realm",
    "ldapbasedn",
    "ldapbinddn",
    "ldapbindpasswd",
    "ldapport",
    "ldapprefix",
    "ldapscheme",
    "ldapsearchattribute",
    "ldapsearchfilter",
    "ldapserver",
    "ldapsuffix",
    "ldaptls",
    "ldapurl",
    "map",
    "pam_use_hostname",
    "pamservice",
    "radiusidentifiers",
    "radiusports",
    "radiussecrets",
    "radiusservers",
    "realm",
    "scope",
    "servicename",
    "sspi_negotiate",
    "sslmode",
    "upn_username",
    "validator",
    "usermap",
];

/// What a value's neighbours say about it.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    /// `name`: the parameter of a setting.
    pub(super) name: String,
    /// `relkind`: what a relation is.
    pub(super) relkind: String,
    /// `nspname`: the schema.
    pub(super) nspname: String,
    /// `typtype`: what kind of type a type is.
    pub(super) typtype: String,
}

/// `text` of a column as `rule` has it.
pub(super) fn redact(key: &mut Key, rule: Rule, neighbours: &Neighbours, text: &str) -> String {
    match rule {
        Rule::Stays => text.to_owned(),
        Rule::Name(kind) => name_of(key, kind, text),
        Rule::Relation => name_of(key, relation(&neighbours.relkind), text),
        Rule::InSchema(kind) => {
            let is_public = if is_catalog(&neighbours.nspname) {
                !holds_token(text)
            } else {
                is_of_extension(kind, text, neighbours)
            };
            if is_public || text.is_empty() { text.to_owned() } else { key.token(kind, text) }
        }
        Rule::Hba(_) if own::is_hba_word(text) => text.to_owned(),
        Rule::Hba(kind) => match text.strip_prefix('+') {
            Some(group) => format!("+{}", name_of(key, kind, group)),
            None => name_of(key, kind, text),
        },
        Rule::HbaOption => unless(HBA_OPTIONS.contains(&text), key, text),
        Rule::Library => unless(own::is_code(text), key, text),
        Rule::Sql | Rule::Expression | Rule::Arguments | Rule::Names | Rule::Prose => match rule.language() {
            Some(language) => text::redact(key, language, text),
            None => key.token(Kind::Text, text),
        },
        Rule::Words(form) => unless(words::is_known(form, text), key, text),
        Rule::Setting => setting::redact(key, &neighbours.name, text),
        Rule::Option => setting::option(key, text),
        Rule::Acl => acl(key, text),
        Rule::Conninfo => conninfo::redact(key, text),
        Rule::Identifier(_) if text.is_empty() => String::new(),
        Rule::Identifier(what) => key.digest_token(what, text),
    }
}

/// Whether an extension makes a thing of this name, wherever it was installed.
fn is_of_extension(kind: Kind, name: &str, neighbours: &Neighbours) -> bool {
    match kind {
        Kind::Type => neighbours.typtype != "d" && EXTENSION_TYPES.contains(name.strip_prefix('_').unwrap_or(name)),
        Kind::OperatorClass => OPERATOR_CLASSES.contains(name),
        _ => false,
    }
}

/// Whether `schema` holds nothing of users.
fn is_catalog(schema: &str) -> bool {
    matches!(schema, "pg_catalog" | "information_schema")
}

/// `text` if it may stay, else its token.
fn unless(stays: bool, key: &mut Key, text: &str) -> String {
    if stays || text.is_empty() { text.to_owned() } else { key.token(Kind::Text, text) }
}

fn relation(relkind: &str) -> Kind {
    match relkind {
        "i" | "I" => Kind::Index,
        "S" => Kind::Sequence,
        _ => Kind::Table,
    }
}

/// `grantee=rights/grantor`; names in quotes where they hold signs.
fn acl(key: &mut Key, text: &str) -> String {
    let parts = outside_quotes(text, '=').and_then(|(grantee, rest)| {
        let (rights, grantor) = outside_quotes(rest, '/')?;
        Some((grantee, rights, grantor))
    });
    match parts {
        Some((grantee, rights, grantor)) if rights.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'*') => {
            format!("{}={rights}/{}", acl_role(key, grantee), acl_role(key, grantor))
        }
        _ => key.token(Kind::Text, text),
    }
}

/// What stands before and after the first `sign` that is not in double quotes.
fn outside_quotes(text: &str, sign: char) -> Option<(&str, &str)> {
    let mut is_quoted = false;
    let at = text.find(|c| {
        is_quoted ^= c == '"';
        c == sign && !is_quoted
    })?;
    Some((text.get(..at)?, text.get(at + sign.len_utf8()..)?))
}

fn acl_role(key: &mut Key, name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(quoted) if !quoted.is_empty() => format!("\"{}\"", key.token(Kind::Role, &quoted.replace("\"\"", "\""))),
        _ => name_of(key, Kind::Role, name),
    }
}

/// A value of a column that holds no text, as JSON: figures, times and switches stay, in whatever form.
pub(super) fn is_figure(json: &str) -> bool {
    if json.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return true;
    }
    match serde_json::from_str::<Value>(json) {
        Ok(value) => is_figure_value(&value),
        Err(_) => false,
    }
}

fn is_figure_value(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => is_figure_text(text),
        Value::Array(items) => items.iter().all(is_figure_value),
        Value::Object(_) => false,
    }
}

fn is_figure_text(text: &str) -> bool {
    matches!(text, "t" | "f" | "true" | "false" | "on" | "off" | "NaN")
        || matches!(text.trim_start_matches('-'), "infinity" | "Infinity")
        || text.bytes().all(|byte| byte.is_ascii_digit() || b"TZ:.+- {},".contains(&byte))
}
