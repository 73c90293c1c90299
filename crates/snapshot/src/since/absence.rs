//! Why the growth of a row between two samples is unknown.

use std::fmt;

/// Why the growth of a row between two samples is unknown. [`fmt::Display`] gives a clause for a message, about one row or
/// several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Absence {
    /// The server started after the earlier sample was taken.
    Restarted,
    /// Both the background writer's and the archiver's counters begin anew: the server discards all statistics when it
    /// recovers from a crash.
    Discarded,
    /// The counters were reset: the time since which they count is another.
    Reset,
    /// This counter is lower than in the earlier sample, which only a reset explains.
    Fell(&'static str),
    /// The row is not in the earlier sample.
    New,
    /// The row is not in the earlier sample, which holds only part of the server's rows.
    NotKept,
    /// The earlier sample has no row of the row's database: the database is new or could not be read then.
    NotRead,
    /// The row is not in the later sample.
    Gone,
    /// The row's identifier is hidden from the role that collected, or several rows have the same.
    Unidentified,
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Restarted => "the server restarted between the samples",
            Self::Discarded => "the server discarded all statistics between the samples, as after a crash",
            Self::Reset => "the counters were reset between the samples",
            Self::Fell(counter) => {
                return write!(f, "{counter} decreased between the samples, so the counters were reset");
            }
            Self::New => "not in the earlier sample",
            Self::NotKept => "not among the rows that the earlier sample includes",
            Self::NotRead => "the earlier sample does not include the database",
            Self::Gone => "not in the later sample",
            Self::Unidentified => "the identifier is missing, hidden or ambiguous, so the samples cannot be matched",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_suit_one_row_and_several() {
        use Absence::{Discarded, Fell, Gone, New, NotKept, NotRead, Reset, Restarted, Unidentified};
        for absence in [Restarted, Discarded, Reset, Fell("calls"), New, NotKept, NotRead, Gone, Unidentified] {
            let words = absence.to_string();
            let pronoun = words.split([' ', ',']).find(|word| ["it", "its", "they", "their"].contains(word));
            assert_eq!(pronoun, None, "No rate for 15 statements: {words}");
        }
    }
}
