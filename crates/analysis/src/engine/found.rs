//! What a rule found and the policy shows, with the words that its sentences need.

use std::ops::Deref;

use pgdba_pg::display;

/// Names that a sentence lists.
const NAMED: usize = 5;

/// The items that a rule found and the policy shows; at least one.
#[derive(Debug)]
pub struct Found<T> {
    items: Vec<T>,
    /// Their display names, in the same order.
    labels: Vec<String>,
}

impl<T> Deref for Found<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> Found<T> {
    /// Items with their display names.
    pub(super) fn new(items: impl IntoIterator<Item = (T, String)>) -> Self {
        let (items, labels) = items.into_iter().unzip();
        Self { items, labels }
    }

    /// The only item, if there is only one.
    #[must_use]
    pub fn only(&self) -> Option<&T> {
        if let [only] = self.items.as_slice() { Some(only) } else { None }
    }

    /// The name of the only item, or how many there are: `public.orders`, `3 tables`.
    #[must_use]
    pub fn named(&self, singular: &str, plural: &str) -> String {
        match self.labels.as_slice() {
            [only] => only.clone(),
            _ => self.counted(singular, plural),
        }
    }

    /// The only item with its kind, or how many there are: `the index a_b_idx`, `3 indexes`.
    #[must_use]
    pub fn each(&self, kind: &str, plural: &str) -> String {
        match self.labels.as_slice() {
            [only] => format!("{kind} {only}"),
            _ => self.counted(kind, plural),
        }
    }

    /// How many there are: `1 table`, `3 tables`.
    #[must_use]
    pub fn counted(&self, singular: &str, plural: &str) -> String {
        display::counted(i64::try_from(self.items.len()).unwrap_or(i64::MAX), singular, plural)
    }

    /// The names of the first few: `a, b, c, d, e and 3 more`.
    #[must_use]
    pub fn names(&self) -> String {
        let first: Vec<&str> = self.labels.iter().take(NAMED).map(String::as_str).collect();
        match self.labels.len().saturating_sub(NAMED) {
            0 => first.join(", "),
            more => format!("{} and {more} more", first.join(", ")),
        }
    }

    /// Whether an item is so.
    pub fn any(&self, is: impl FnMut(&T) -> bool) -> bool {
        self.items.iter().any(is)
    }

    /// Whether all items are so.
    pub fn all(&self, is: impl FnMut(&T) -> bool) -> bool {
        self.items.iter().all(is)
    }

    /// The items that are so, as the object of a sentence: `it`, `all of them`, `2 of them`; none if there are none.
    pub fn part(&self, is: impl FnMut(&T) -> bool) -> Option<String> {
        let verdicts: Vec<bool> = self.items.iter().map(is).collect();
        let count = verdicts.iter().filter(|is| **is).count();
        match (count, verdicts.len()) {
            (0, _) => None,
            (_, 1) => Some("it".to_owned()),
            (count, all) if count == all => Some("all of them".to_owned()),
            (count, _) => Some(format!("{} of them", display::count(i64::try_from(count).unwrap_or(i64::MAX)))),
        }
    }

    /// The sum of a count; unknown ones do not add to it.
    pub fn sum(&self, count: impl FnMut(&T) -> Option<i64>) -> i64 {
        self.items.iter().filter_map(count).fold(0, i64::saturating_add)
    }

    /// The greatest of a number that items have; 0 if none has it.
    pub fn max(&self, number: impl FnMut(&T) -> Option<f64>) -> f64 {
        self.items.iter().filter_map(number).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_named_and_several_are_counted() {
        let found = |count: i64| Found::new((1..=count).map(|number| (number, format!("t{number}"))));
        assert_eq!((found(1).named("table", "tables"), found(1).only()), ("t1".to_owned(), Some(&1)));
        assert_eq!((found(3).named("table", "tables"), found(3).only()), ("3 tables".to_owned(), None));
        assert_eq!(
            [1, 5, 8].map(|count| found(count).names()),
            ["t1", "t1, t2, t3, t4, t5", "t1, t2, t3, t4, t5 and 3 more"]
        );
    }

    #[test]
    fn a_part_is_named_by_its_share() {
        let part = |items: &[bool]| Found::new(items.iter().map(|is| (*is, String::new()))).part(|is| *is);
        let words = [&[true][..], &[true, true], &[true, false, true], &[false]].map(part);
        assert_eq!(words.map(Option::unwrap_or_default), ["it", "all of them", "2 of them", ""]);
    }

    #[test]
    fn unknown_figures_do_not_count() {
        let found = Found::new([(Some(3), String::new()), (None, String::new()), (Some(2), String::new())]);
        assert_eq!(found.sum(|item| *item), 5);
        assert!((found.max(|item| item.map(|count| count as f64)) - 3.0).abs() < f64::EPSILON);
    }
}
