//! Parameters whose value is a list of names, each quoted on its own.

use crate::quote::quote_identifier_raw;

/// Whether `ALTER SYSTEM` and `SET` quote each literal of this parameter's value as an identifier, so that each element must be
/// a literal of its own. No view says which parameters these are; an extension cannot have one.
#[must_use]
pub fn is_list_quoted(name: &str, major: i64) -> bool {
    match name.to_ascii_lowercase().as_str() {
        "local_preload_libraries"
        | "search_path"
        | "session_preload_libraries"
        | "shared_preload_libraries"
        | "temp_tablespaces" => true,
        "unix_socket_directories" => major >= 14,
        "oauth_validator_libraries" => major >= 18,
        _ => false,
    }
}

/// Whether the value is a list of which `ALTER SYSTEM` stores a single literal as it was given.
///
/// Several literals are joined by `, `; nothing is quoted.
#[must_use]
pub fn is_list(name: &str, major: i64) -> bool {
    match name.to_ascii_lowercase().as_str() {
        "createrole_self_grant" => major >= 16,
        "datestyle"
        | "listen_addresses"
        | "log_destination"
        | "restrict_nonsystem_relation_kind"
        | "synchronous_standby_names"
        | "wal_consistency_checking" => true,
        "debug_io_direct" => major >= 16,
        "log_connections" => major >= 18,
        "synchronized_standby_slots" => major >= 17,
        _ => false,
    }
}

/// Whether unquoted elements are SQL identifiers; in the other lists they are file names.
pub(super) fn holds_identifiers(name: &str) -> bool {
    name.eq_ignore_ascii_case("search_path") || name.eq_ignore_ascii_case("temp_tablespaces")
}

/// Words that became keywords after 12, with the first version that quotes them.
const LATER_KEYWORDS: [(&str, i64); 14] = [
    ("json", 17),
    ("json_array", 16),
    ("json_arrayagg", 16),
    ("json_exists", 17),
    ("json_object", 16),
    ("json_objectagg", 16),
    ("json_query", 17),
    ("json_scalar", 17),
    ("json_serialize", 17),
    ("json_table", 17),
    ("json_value", 17),
    ("merge_action", 17),
    ("normalize", 13),
    ("system_user", 16),
];

/// `element` as this version writes it into a list, in double quotes where it is no plain identifier there.
#[must_use]
pub fn quote_list_element(element: &str, major: i64) -> String {
    let is_plain_yet = LATER_KEYWORDS.iter().any(|(word, since)| *word == element && major < *since);
    if is_plain_yet { element.to_owned() } else { quote_identifier_raw(element) }
}

/// The text that the server writes for these elements.
#[must_use]
pub fn join_list<S: AsRef<str>>(elements: &[S], major: i64) -> String {
    let quoted: Vec<_> = elements.iter().map(|element| quote_list_element(element.as_ref(), major)).collect();
    quoted.join(", ")
}

/// The elements that the server reads from a list's text; `None` where it says that the list syntax is invalid.
///
/// `identifiers`: unquoted elements are folded to lower case and may hold no blank, as in `search_path`; else they are file
/// names, as in `shared_preload_libraries`, where only blanks around them go.
#[must_use]
pub fn split_list(text: &str, identifiers: bool) -> Option<Vec<String>> {
    let mut rest = trim_start(text);
    let mut elements = Vec::new();
    if rest.is_empty() {
        return Some(elements);
    }
    loop {
        let (element, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_element(quoted)?,
            None => plain_element(rest, identifiers)?,
        };
        elements.push(element);
        let after = trim_start(after);
        match after.strip_prefix(',') {
            Some(next) => rest = trim_start(next),
            None if after.is_empty() => return Some(elements),
            None => return None,
        }
    }
}

/// What stands up to the closing quote, and what follows it. Two quotes are one.
fn quoted_element(text: &str) -> Option<(String, &str)> {
    let mut element = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        element.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                element.push('"');
                rest = next;
            }
            None => return Some((element, after)),
        }
    }
}

fn plain_element(text: &str, identifiers: bool) -> Option<(String, &str)> {
    let is_end = |c: char| c == ',' || (identifiers && is_space(c));
    let (element, after) = text.split_at(text.find(is_end).unwrap_or(text.len()));
    let element = element.trim_end_matches(is_space);
    if element.is_empty() {
        return None;
    }
    Some((if identifiers { element.to_ascii_lowercase() } else { element.to_owned() }, after))
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches(is_space)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_as_the_server_splits_them() {
        let cases: [(&str, bool, Option<&[&str]>); 14] = [
            ("", true, Some(&[])),
            ("  ", false, Some(&[])),
            ("a, b", true, Some(&["a", "b"])),
            ("A,\"B\"", true, Some(&["a", "B"])),
            ("A , B.so", false, Some(&["A", "B.so"])),
            ("\"$user\", public", true, Some(&["$user", "public"])),
            ("a b", true, None),
            ("a b, c", false, Some(&["a b", "c"])),
            ("\"a,\"\"b\"", false, Some(&["a,\"b"])),
            ("a,,b", false, None),
            ("a,", true, None),
            ("\"a", true, None),
            ("\"a\"b", false, None),
            ("\"\"", true, Some(&[""])),
        ];
        for (text, identifiers, expected) in cases {
            let expected = expected.map(|all| all.iter().map(|&one| one.to_owned()).collect::<Vec<_>>());
            assert_eq!(split_list(text, identifiers), expected, "{text}");
        }
    }

    #[test]
    fn a_later_keyword_is_quoted_only_where_it_is_one() {
        assert_eq!(join_list(&["json_table", "user", "a"], 16), "json_table, \"user\", a");
        assert_eq!(join_list(&["json_table", "B.so", ""], 17), "\"json_table\", \"B.so\", \"\"");
    }

    #[test]
    fn quoting_depends_on_the_version() {
        assert!(is_list_quoted("Search_Path", 12) && !is_list_quoted("unix_socket_directories", 13));
        assert!(is_list_quoted("unix_socket_directories", 14) && !is_list("unix_socket_directories", 14));
        assert!(!is_list_quoted("oauth_validator_libraries", 17) && is_list_quoted("oauth_validator_libraries", 18));
    }
}
