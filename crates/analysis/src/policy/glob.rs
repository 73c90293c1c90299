//! Patterns for names.

/// A pattern for a name as stored by the server, without quotes: `*` stands for any characters, `?` for one, and `\` takes
/// the next character literally. Case matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Any,
    One,
    Exactly(char),
}

impl Pattern {
    /// The pattern that `text` writes.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut chars = text.chars();
        let mut parts = Vec::new();
        while let Some(char) = chars.next() {
            parts.push(match char {
                '*' => Part::Any,
                '?' => Part::One,
                '\\' => Part::Exactly(chars.next().unwrap_or('\\')),
                other => Part::Exactly(other),
            });
        }
        Self(parts)
    }

    /// Whether it matches the whole of `name`. Takes time in proportion to both lengths at most.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut part, mut at) = (0, 0);
        // The position of the last `*` and how much of the name it matched: the only place to backtrack to.
        let mut star: Option<(usize, usize)> = None;
        while let Some(char) = name.get(at) {
            let fits = match self.0.get(part) {
                Some(Part::Any) => {
                    star = Some((part, at));
                    part += 1;
                    continue;
                }
                Some(Part::One) => true,
                Some(Part::Exactly(wanted)) => wanted == char,
                None => false,
            };
            match (fits, star) {
                (true, _) => (part, at) = (part + 1, at + 1),
                (false, Some((of_star, taken))) => {
                    star = Some((of_star, taken + 1));
                    (part, at) = (of_star + 1, taken + 1);
                }
                (false, None) => return false,
            }
        }
        self.0.iter().skip(part).all(|part| *part == Part::Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_the_whole_name() {
        for (pattern, name, expected) in [
            ("orders", "orders", true),
            ("orders", "orders_old", false),
            ("orders", "Orders", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("?", "", false),
            ("staging_*", "staging_", true),
            ("staging_*", "old_staging_1", false),
            ("*_old", "a_old_old", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("t?", "tü", true),
            ("t?", "t", false),
            (r"a\*b", "a*b", true),
            (r"a\*b", "aXb", false),
            (r"a\", r"a\", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = Pattern::new(&"*a".repeat(500));
        assert!(!pattern.matches(&"a".repeat(400)));
        assert!(pattern.matches(&"ba".repeat(600)));
    }
}
