//! What a snapshot shows of each topic, whether or not a rule has anything to say about it.
//!
//! To add one: a file with `TOPIC`, and its name in the list below. A topic judges nothing: that is what rules are for.

use pgdba_snapshot::SectionSpec;

use crate::detail::Detail;
use crate::facts::Facts;
use crate::finding::TopicView;

/// A topic: which sections it shows, and how.
#[derive(Debug)]
pub struct Topic {
    /// Its name, which is also its anchor in the report.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The sections without which there is nothing to show.
    pub needs: &'static [&'static SectionSpec],
    /// Shows it.
    pub show: fn(&Facts) -> View,
}

/// What a topic shows.
#[derive(Debug, Default)]
pub struct View {
    /// The sentence that answers the topic's question.
    pub lead: String,
    /// Charts and tables, the most telling first.
    pub details: Vec<Detail>,
}

impl Topic {
    /// What this snapshot shows of it, or why nothing.
    #[must_use]
    pub fn view(&self, facts: &Facts) -> TopicView {
        let missing = self.needs.iter().find_map(|spec| facts.sections.require(spec).err()).map(|why| why.0);
        let view = if missing.is_none() { (self.show)(facts) } else { View::default() };
        TopicView {
            name: self.name.to_owned(),
            title: self.title.to_owned(),
            lead: view.lead,
            details: view.details,
            missing,
        }
    }
}

/// Declares the modules and the list of all topics in one go.
macro_rules! topics {
    ($($name:ident),+ $(,)?) => {
        $(pub mod $name;)+

        /// Every topic, in reading order.
        pub fn all() -> impl Iterator<Item = &'static Topic> {
            [$(&$name::TOPIC),+].into_iter()
        }
    };
}

topics! { queries, tables, indexes, vacuum, databases, sessions, checkpoints, settings }

/// The number of things in a list.
fn number_of<T>(list: &[T]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}

/// Largest first; what is not known comes last.
fn largest_first<T, K: PartialOrd>(items: &mut [T], key: impl Fn(&T) -> K) {
    items.sort_by(|a, b| key(b).partial_cmp(&key(a)).unwrap_or(std::cmp::Ordering::Equal));
}
