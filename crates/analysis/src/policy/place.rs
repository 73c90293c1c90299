//! Positions in a text as people count them.

/// Where the lines of a text begin: a position is found without reading the text again.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// The lines of `text`.
    pub(super) fn of(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Line and column of byte `at`, from 1.
    pub(super) fn place(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).and_then(|index| self.starts.get(index)).copied().unwrap_or_default();
        let before = self.text.get(start..at).or_else(|| self.text.get(start..)).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_counted_in_characters() {
        let lines = Lines::of("a\né b\n");
        let places = [(0, (1, 1)), (1, (1, 2)), (2, (2, 1)), (5, (2, 3)), (7, (3, 1)), (99, (3, 1))];
        for (at, expected) in places {
            assert_eq!(lines.place(at), expected, "byte {at}");
        }
        assert_eq!(Lines::of("").place(0), (1, 1));
    }
}
