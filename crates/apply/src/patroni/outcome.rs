//! What became of a change whose outcome is not known.

use std::thread;
use std::time::{Duration, Instant};

use pgdba_change::patroni::{Dcs, DcsPlan, Members, Way};

use super::{Patroni, PatroniError};

/// Time between two reads.
const BETWEEN_READS: Duration = Duration::from_millis(500);

impl Patroni {
    /// How long the dynamic configuration must be seen without a change until one that was sent will not be stored any more:
    /// Patroni tries for `retry_timeout`, and one round of its loop is added.
    fn quiet(dcs: &Dcs) -> Duration {
        Duration::from_secs(dcs.retry_timeout().saturating_add(dcs.loop_wait()).min(600))
    }

    /// How long it is tried to find out.
    pub(super) fn limit(&self, dcs: &Dcs) -> Duration {
        (Self::quiet(dcs) + self.timeout()) * 2
    }

    /// Reads the dynamic configuration anew. Where an outcome is pending it is tried for six times the limit of one request, and another member that shows
    /// the change as stored will do.
    pub(super) fn read_dcs(
        &self,
        known: &Members,
        plan: &DcsPlan,
        way: Way,
        pending: Option<&str>,
    ) -> Result<(Members, Dcs), PatroniError> {
        let first = self.fresh();
        if pending.is_none() {
            return first;
        }
        let mut last = first;
        let until = Instant::now() + self.timeout() * 6;
        while let Err(error) = last {
            if let Some(stored) = self.stored_elsewhere(known, plan, way) {
                return Ok(stored);
            }
            if Instant::now() >= until {
                return Err(self.unknown(&error));
            }
            thread::sleep(BETWEEN_READS);
            last = self.fresh();
        }
        last
    }

    /// What another member has read, where that shows the change as stored.
    fn stored_elsewhere(&self, known: &Members, plan: &DcsPlan, way: Way) -> Option<(Members, Dcs)> {
        let others = known.members.iter().filter_map(|member| self.of_member(member.api_url.as_deref()?).ok());
        let mut reads = others.filter(|other| !self.is_at(other.url())).filter_map(|other| other.fresh().ok());
        reads.find(|(_, dcs)| plan.lost(way, dcs).is_empty())
    }

    /// Whether the parameters of the plan stay as they are in `dcs` for so long that a change that was sent before to the Patroni
    /// at `sent_to` is not stored any more; false where one of them changes.
    ///
    /// # Errors
    /// [`PatroniError::OutcomeUnknown`] where that cannot be seen: the DCS does not answer, or that Patroni neither answers nor is
    /// known to be down, and could still store the change once it goes on.
    pub(super) fn is_steady(
        &self,
        plan: &DcsPlan,
        members: &Members,
        dcs: &Dcs,
        sent_to: &str,
    ) -> Result<bool, PatroniError> {
        let values = |dcs: &Dcs| plan.changes.iter().map(|change| dcs.parameter(&change.name)).collect::<Vec<_>>();
        let until = Instant::now() + self.limit(dcs);
        let mut since = Instant::now();
        loop {
            match self.fresh().and_then(|read| self.is_alive_or_down(sent_to).map(|()| read)) {
                Ok((_, now)) if values(&now) != values(dcs) => return Ok(false),
                Ok(_) if since.elapsed() > Self::quiet(dcs) => return Ok(true),
                Ok(_) => {}
                Err(error) if Instant::now() >= until => return Err(self.unknown(&error)),
                Err(_) => match self.stored_elsewhere(members, plan, Way::Forward) {
                    Some((_, now)) if values(&now) != values(dcs) => return Ok(false),
                    _ => since = Instant::now(),
                },
            }
            thread::sleep(BETWEEN_READS);
        }
    }

    /// Fails where the Patroni at that address accepts connections but does not answer.
    fn is_alive_or_down(&self, url: &str) -> Result<(), PatroniError> {
        if self.is_at(url) {
            return Ok(());
        }
        match self.of_member(url).and_then(|other| other.node()) {
            Ok(_) | Err(PatroniError::Unreachable { .. } | PatroniError::Status { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// That it cannot be found out now, and why.
    pub(super) fn unknown(&self, error: &PatroniError) -> PatroniError {
        match error {
            PatroniError::OutcomeUnknown { url, reason } => {
                PatroniError::OutcomeUnknown { url: url.clone(), reason: reason.clone() }
            }
            error => PatroniError::OutcomeUnknown { url: self.url().to_owned(), reason: error.to_string() },
        }
    }
}
