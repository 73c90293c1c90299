//! What an autovacuum worker shows as its statement: the server's own words stay, the names in it go.

use pgdba_pg::mask::autovacuum::{Activity, parts};

use super::key::Key;
use super::kind::Kind;
use super::name::name_of;
use super::vocabulary::RELATIONS;

/// `text` with tokens in place of the names, if it is an autovacuum worker's.
pub(super) fn redact(key: &mut Key, text: &str) -> Option<String> {
    let Activity { beginning, relation, end } = parts(text)?;
    let relation = match qualified(key, relation) {
        // What a mask has put in the place of a name that may hide something.
        _ if relation == "?" => relation.to_owned(),
        Some(("pg_catalog" | "information_schema", name)) if RELATIONS.contains(name) => relation.to_owned(),
        Some((schema, name)) => {
            format!("{}.{}", name_of(key, Kind::Schema, schema), name_of(key, Kind::Table, name))
        }
        None => key.token(Kind::Name, relation),
    };
    Some(format!("{beginning}{relation}{end}"))
}

/// The schema and the name of a relation. Both may contain dots, and nobody quotes them: those that the key knows are preferred.
fn qualified<'t>(key: &Key, relation: &'t str) -> Option<(&'t str, &'t str)> {
    let pairs = || {
        let dots = relation.match_indices('.').filter_map(|(at, _)| relation.split_at_checked(at));
        dots.filter_map(|(schema, name)| Some((schema, name.strip_prefix('.')?)))
    };
    let is_known = |(schema, name): &(&str, &str)| key.knows(schema) && key.knows(name);
    pairs().find(is_known).or_else(|| pairs().next()).filter(|(schema, name)| !schema.is_empty() && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::key::SECRET_BYTES;
    use crate::redact::text;

    #[test]
    fn the_servers_words_stay_and_names_go() {
        let mut key = Key::new(&[7; SECRET_BYTES]);
        for name in ["shop", "to", "prevent", "wraparound", "a.b"] {
            key.token(Kind::Table, name);
        }
        for (text, redacted) in [
            (
                "autovacuum: VACUUM shop.prevent (to prevent wraparound)",
                "autovacuum: VACUUM t1.t3 (to prevent wraparound)",
            ),
            ("autovacuum: VACUUM ANALYZE public.Orders", "autovacuum: VACUUM ANALYZE public.t6"),
            ("autovacuum: ANALYZE pg_catalog.pg_class", "autovacuum: ANALYZE pg_catalog.pg_class"),
            ("autovacuum: VACUUM pg_toast.pg_toast_16384", "autovacuum: VACUUM pg_toast.pg_toast_16384"),
            ("autovacuum: VACUUM shop.a.b", "autovacuum: VACUUM t1.t5"),
            ("autovacuum: VACUUM shop.größe-2", "autovacuum: VACUUM t1.t7"),
            ("autovacuum: BRIN summarize shop.log 17", "autovacuum: BRIN summarize t1.t8 17"),
            ("autovacuum: VACUUM ? (to prevent wraparound)", "autovacuum: VACUUM ? (to prevent wraparound)"),
            ("autovacuum: VACUUM wraparound", "autovacuum: VACUUM t4"),
        ] {
            assert_eq!(redact(&mut key, text).as_deref(), Some(redacted), "{text}");
            assert_eq!(text::restore(&key, Some(text::Language::Sql), redacted), text);
        }
        // Not the server's words, so names.
        let other = text::redact(&mut key, text::Language::Sql, "select prevent, wraparound from summarize");
        assert_eq!(other, "select t3, t4 from name1");
    }
}
