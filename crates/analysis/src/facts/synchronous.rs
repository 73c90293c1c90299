//! What `synchronous_standby_names` asks for.

/// The standbys that commits wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synchronous {
    /// How many must confirm a commit.
    pub number: i64,
    /// The names that can; `*` is any.
    pub names: Vec<String>,
}

impl Synchronous {
    /// What the parameter's value asks for: `a, b`, `2 (a, b)`, `FIRST 2 (a, b)`, `ANY 2 (a, b)`. None if it is empty or
    /// cannot be read.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if value.is_empty() {
            return None;
        }
        let Some((method, list)) = value.strip_suffix(')').and_then(|value| value.split_once('(')) else {
            return Some(Self { number: 1, names: names(value) });
        };
        let number = method.split_whitespace().last()?.parse().ok()?;
        Some(Self { number, names: names(list) })
    }
}

fn names(list: &str) -> Vec<String> {
    list.split(',').map(|name| name.trim().trim_matches('"').to_owned()).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_list_is_read() {
        let of = |text: &str| Synchronous::parse(text).map(|wanted| (wanted.number, wanted.names.join(" ")));
        assert_eq!(of(" "), None);
        for (text, number, names) in [
            ("*", 1, "*"),
            ("a, \"b c\"", 1, "a b c"),
            ("2 (a, b, c)", 2, "a b c"),
            ("FIRST 1 (a)", 1, "a"),
            ("any 2(a,b)", 2, "a b"),
        ] {
            assert_eq!(of(text), Some((number, names.to_owned())), "{text}");
        }
    }
}
