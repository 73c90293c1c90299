//! `synchronous_standby_names`: which standbys a commit waits for.

use std::collections::BTreeSet;

use pgdba_pg::parameter::split_list;

/// The standbys that a commit waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Synchronous {
    /// How many of them.
    pub(super) number: usize,
    /// Their names, in lower case; `*` stands for every standby.
    pub(super) names: Vec<String>,
}

impl Synchronous {
    /// Reads the parameter's value; none where no commit waits, and where the syntax is another.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (number, list) = match text.split_once('(') {
            Some((before, rest)) => {
                let method = before.trim().to_ascii_uppercase();
                let number = method.trim_start_matches("FIRST").trim_start_matches("ANY").trim();
                (number.parse().ok()?, rest.trim_end().strip_suffix(')')?)
            }
            None => (1, text),
        };
        let names: Vec<String> = split_list(list, false)?.into_iter().map(|name| name.to_ascii_lowercase()).collect();
        (number > 0 && !names.is_empty()).then_some(Self { number, names })
    }

    /// How many of these standbys count.
    pub(super) fn connected(&self, standbys: &BTreeSet<String>) -> usize {
        let counts = |standby: &&String| self.names.iter().any(|name| name == "*" || name == *standby);
        standbys.iter().filter(counts).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read() {
        let of = |text| Synchronous::read(text).map(|found| (found.number, found.names.join(" ")));
        assert_eq!(of("a, \"B\""), Some((1, "a b".to_owned())));
        assert_eq!(of("2 (a, b, c)"), Some((2, "a b c".to_owned())));
        assert_eq!(of("FIRST 1 (a)"), Some((1, "a".to_owned())));
        assert_eq!(of("any 3 (*)"), Some((3, "*".to_owned())));
        assert_eq!((of(""), of("any (a)"), of("2 (a")), (None, None, None));
    }

    #[test]
    fn names_match_without_regard_to_case_and_a_star_matches_all() {
        let standbys = ["s1", "s2"].map(str::to_owned).into();
        let connected = |text| Synchronous::read(text).unwrap().connected(&standbys);
        assert_eq!((connected("S1, s3"), connected("s3"), connected("2 (*)")), (1, 0, 2));
    }
}
