//! The remedy of rules about sessions that hold locks or transactions.

use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use super::about::About;
use super::draft::Draft;
use crate::facts::locks::Party;
use crate::facts::locks::party::{Release, signal};
use crate::facts::sessions;
use crate::format::{Figure, Weight};

/// Sessions for which statements are shown.
const SHOWN: usize = 20;

/// Sessions for which there is advice of their own.
const ADVISED: usize = 3;

/// What a canceled statement causes: with a savepoint, the transaction can continue.
const CANCELED: &str = "The client gets an error for its statement, and its transaction is normally rolled back.";

impl About {
    /// A session, with whose it is and what it runs.
    #[must_use]
    pub fn session(process: &PgStatActivity, weight: impl Into<Weight>) -> Self {
        Self::new(sessions::subject(process), weight).figures([
            Figure::new("role", process.usename.clone()),
            Figure::new("application", process.application_name.clone()),
            Figure::new("statement", process.query.clone()),
        ])
    }

    /// Someone who holds or awaits locks, with whose transaction it is.
    #[must_use]
    pub fn party(party: &Party, weight: impl Into<Weight>) -> Self {
        Self::new(party.subject(), weight).figures([
            Figure::new("role", party.role()),
            Figure::new("application", party.application()),
            Figure::new("state", party.state()),
            Figure::new("statement", party.query()),
            Figure::new("transaction_age", party.transaction_age).labelled("transaction open for"),
        ])
    }
}

impl Draft {
    /// Releases the locks of these: advice and statements for each. The statements do not write, so that they run on a
    /// standby too.
    #[must_use]
    pub fn release<'a>(self, parties: impl Iterator<Item = &'a Party> + Clone) -> Self {
        let is_single = parties.clone().nth(1).is_none();
        let draft = parties.clone().take(ADVISED).fold(self, |draft, party| match is_single {
            true => draft.advise(party.release().advice()),
            false => draft.advise(format!("About {}: {}", party.words(), party.release().advice())),
        });
        let is_any = |releases: &[Release]| parties.clone().any(|party| releases.contains(&party.release()));
        let rolls_back = is_any(&[Release::Terminate, Release::Disconnect]);
        let cancels = is_any(&[Release::Cancel]);
        let disconnects = is_any(&[Release::Unlock]);
        let statements: Vec<String> = parties.filter_map(Party::statements).take(SHOWN).collect();
        let draft = if statements.is_empty() { draft } else { draft.query(statements.join("\n")) };
        match (rolls_back, cancels, disconnects) {
            (true, ..) => draft.impact("The transaction is rolled back, and the client gets an error."),
            (false, true, _) => draft.impact(CANCELED),
            (false, false, true) => draft.impact("The client loses its connection."),
            (false, false, false) => draft,
        }
    }

    /// Terminates these sessions.
    #[must_use]
    pub fn terminate<'a>(self, sessions: impl Iterator<Item = &'a PgStatActivity>) -> Self {
        self.signal("pg_terminate_backend", sessions)
            .impact("The session's transaction is rolled back, and the client loses its connection.")
    }

    /// Cancels the statements of these sessions.
    #[must_use]
    pub fn cancel<'a>(self, sessions: impl Iterator<Item = &'a PgStatActivity>) -> Self {
        self.signal("pg_cancel_backend", sessions).impact(CANCELED)
    }

    fn signal<'a>(self, function: &str, sessions: impl Iterator<Item = &'a PgStatActivity>) -> Self {
        let statements: Vec<String> = sessions.filter_map(|session| signal(session, function)).take(SHOWN).collect();
        if statements.is_empty() { self } else { self.query(statements.join("\n")) }
    }
}
