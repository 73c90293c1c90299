//! The windows of a snapshot's statements: the counters at each sample, and what they grew by in between.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::section::Section;
use pgdba_snapshot::sections::pg_stat_statements::PgStatStatement;
use pgdba_snapshot::since::Absence;

use super::counts::Counts;
use crate::facts::statements::{Statement, Statements};

/// By what the server tells entries apart.
pub(super) type Key<'a> = (Option<i64>, Option<i64>, &'a str, Option<bool>);

/// The key of a row; none if its query ID is hidden.
pub(super) fn key(row: &PgStatStatement) -> Option<Key<'_>> {
    Some((row.userid, row.dbid, row.queryid.as_deref()?, row.toplevel))
}

/// A statement with its counters at each sample of a window.
#[derive(Debug)]
pub(super) struct Recorded<'a> {
    pub(super) statement: &'a Statement,
    /// The counters at each sample; none where a sample lacks the statement.
    points: Vec<Option<Counts>>,
}

/// The statements of a delta.
#[derive(Debug)]
pub(super) struct Recording<'a> {
    /// Those whose growth is known.
    pub(super) recorded: Vec<Recorded<'a>>,
    /// How many have no growth, by reason.
    pub(super) absences: BTreeMap<Absence, u64>,
    /// Milliseconds that top-level statements without an identifier took together: utility statements, and those that are hidden
    /// from the collecting role. Which one took how much is not known.
    unidentified: f64,
    /// The length of the window in seconds.
    pub(super) seconds: f64,
    /// The seconds between each sample and the next.
    pub(super) steps: Vec<f64>,
}

impl<'a> Recording<'a> {
    /// The window of a delta; none if the snapshot is not one, or its statements have no sample of the beginning.
    pub(super) fn of(snapshot: &DiagSnapshot, statements: &'a Statements) -> Option<Self> {
        let sampled = statements.sampled.as_ref()?;
        let section = snapshot.section::<PgStatStatement>();
        let samples = Samples::of(&section)?;
        let mut recording = Self {
            recorded: Vec::new(),
            absences: BTreeMap::new(),
            unidentified: unidentified(&section),
            seconds: sampled.length.seconds(),
            steps: samples.times.windows(2).map(seconds).collect(),
        };
        for statement in &statements.all {
            match samples.points(statement) {
                Ok(points) => recording.recorded.push(Recorded { statement, points }),
                Err(absence) => *recording.absences.entry(absence).or_default() += 1,
            }
        }
        Some(recording)
    }

    /// Milliseconds of execution of all top-level statements in the window, whether they can be compared or not: the time of a nested one is in its caller's too.
    pub(super) fn whole_time(&self) -> f64 {
        let times = self.recorded.iter().filter(|recorded| recorded.statement.row.toplevel != Some(false));
        times.filter_map(|recorded| Some(recorded.whole()?.time)).sum::<f64>() + self.unidentified
    }

    /// The seconds of the shortest step, if there are at least `most` steps.
    pub(super) fn shortest_of(&self, most: usize) -> Option<f64> {
        let shortest = self.steps.iter().copied().min_by(f64::total_cmp)?;
        (self.steps.len() >= most).then_some(shortest)
    }
}

impl Recorded<'_> {
    /// What it counted in the window.
    pub(super) fn whole(&self) -> Option<Counts> {
        let (first, last) = (self.points.first()?.as_ref()?, self.points.last()?.as_ref()?);
        last.since(first)
    }

    /// Its key, if it is known not to have run in the window.
    pub(super) fn idle(&self) -> Option<Key<'_>> {
        key(&self.statement.row).filter(|_| self.whole().is_some_and(|whole| whole.calls == 0.0))
    }

    /// Whether it ran in the window.
    pub(super) fn has_run(&self) -> bool {
        self.whole().is_some_and(|whole| whole.calls > 0.0)
    }
}

/// Milliseconds by which the time of all rows without an identifier grew; 0 if it fell, since then it was reset.
fn unidentified(section: &Section<PgStatStatement>) -> f64 {
    let time = |rows: &[PgStatStatement]| -> f64 {
        let own = rows.iter().filter(|row| key(row).is_none() && row.toplevel != Some(false));
        own.filter_map(|row| row.total_exec_time).filter(|time| time.is_finite()).sum()
    };
    let earlier = section.earlier.as_ref().map_or(0.0, |sample| time(&sample.rows));
    (time(&section.rows) - earlier).max(0.0)
}

/// Seconds between two samples; samples without a time are a moment apart.
fn seconds(pair: &[Option<Timestamp>]) -> f64 {
    match pair {
        [Some(earlier), Some(later)] => later.duration_since(*earlier).as_secs_f64().max(0.0),
        _ => 0.0,
    }
}

/// The rows of each sample by key.
struct Samples<'s> {
    times: Vec<Option<Timestamp>>,
    /// Of the samples before the last.
    rows: Vec<BTreeMap<Key<'s>, &'s PgStatStatement>>,
    /// Whether each of them contains only part of the server's rows.
    is_cut: Vec<bool>,
}

impl<'s> Samples<'s> {
    fn of(section: &'s Section<PgStatStatement>) -> Option<Self> {
        let samples: Vec<_> = section.earlier.iter().chain(&section.between).collect();
        let by_key = |rows: &'s [PgStatStatement]| rows.iter().filter_map(|row| Some((key(row)?, row))).collect();
        section.earlier.as_ref()?;
        let times = samples.iter().map(|sample| sample.collected_at).chain([section.collected_at]);
        Some(Self {
            times: times.collect(),
            rows: samples.iter().map(|sample| by_key(&sample.rows)).collect(),
            is_cut: samples.iter().map(|sample| sample.is_cut()).collect(),
        })
    }

    /// The counters of a statement at each sample.
    fn points(&self, statement: &Statement) -> Result<Vec<Option<Counts>>, Absence> {
        let is_new = match &statement.growth.0 {
            Some(Ok(_)) => false,
            Some(Err(Absence::New)) => true,
            Some(Err(absence)) => return Err(*absence),
            None => return Err(Absence::Unidentified),
        };
        let row = &statement.row;
        let wanted = key(row).ok_or(Absence::Unidentified)?;
        let last = Counts::of(row).ok_or(Absence::Unidentified)?;
        let point = |(rows, is_cut): (&BTreeMap<Key<'_>, &PgStatStatement>, &bool)| match rows.get(&wanted) {
            Some(row) => Counts::of(row),
            // An entry that began in the window had counted nothing before.
            None => (is_new && !is_cut).then(Counts::default),
        };
        let points: Vec<_> = self.rows.iter().zip(&self.is_cut).map(point).chain([Some(last)]).collect();
        let known: Vec<&Counts> = points.iter().flatten().collect();
        let fell = known.windows(2).any(|pair| matches!(pair, [then, now] if now.since(then).is_none()));
        if fell { Err(Absence::Fell("a counter")) } else { Ok(points) }
    }
}

/// What one statement, or several with the same form, counted in a window.
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// In all.
    pub(super) whole: Counts,
    points: Vec<Option<Counts>>,
    /// Its length in seconds.
    pub(super) seconds: f64,
}

impl Window {
    /// The counters of `group` together; none of an empty group.
    pub(super) fn pooled(group: &[&Recorded<'_>], seconds: f64) -> Option<Self> {
        let (first, others) = group.split_first()?;
        let mut points = first.points.clone();
        for other in others {
            let pair = points.iter().zip(&other.points);
            points = pair.map(|(sum, point)| Some(sum.as_ref()?.plus(point.as_ref()?))).collect();
        }
        let whole = points.last()?.as_ref()?.since(points.first()?.as_ref()?)?;
        Some(Self { whole, points, seconds })
    }

    /// The parts between the samples that have it, without those in which it did not run.
    pub(super) fn parts(&self) -> Vec<Counts> {
        let known: Vec<&Counts> = self.points.iter().flatten().collect();
        let parts = known.windows(2).filter_map(|pair| match pair {
            [then, now] => now.since(then),
            _ => None,
        });
        parts.filter(|part| part.calls > 0.0).collect()
    }

    /// The part between each sample and the next; none where one of them lacks it, or it did not run.
    pub(super) fn steps(&self) -> Vec<Option<Counts>> {
        let part = |pair: &[Option<Counts>]| match pair {
            [Some(then), Some(now)] => now.since(then).filter(|part| part.calls > 0.0),
            _ => None,
        };
        self.points.windows(2).map(part).collect()
    }
}
