//! What the server itself says of a value: parameters that a session may set are set in a transaction that ends at once.

use pgdba_change::change_set::Change;
use pgdba_change::facts::kind_of;
use pgdba_change::facts::{Facts, Setting};
use pgdba_change::refusal::Refusal;
use pgdba_collector::Fault;
use pgdba_pg::parameter;
use pgdba_snapshot::guards::set_config;

use super::{Server, reason_of};
use crate::error::ApplyError;

/// SQLSTATE of a role that may not set the parameter in its session; it may be granted ALTER SYSTEM all the same.
const NO_PRIVILEGE: &str = "42501";

/// Takes effect at once: a short one would end this session in the middle of the trial.
const UNTRIED: &str = "transaction_timeout";

/// Parameters that no session may set, each with one that takes the same values and every session may set.
const STAND_INS: [(&str, &str); 1] = [("log_timezone", "TimeZone")];

impl Server {
    /// Tries every value that a session can be given. Nothing of it outlives its transaction.
    ///
    /// What was refused already is not tried.
    pub(crate) async fn try_values(&mut self, changes: &[Change], facts: &Facts) -> Result<Vec<Refusal>, ApplyError> {
        let mut refusals = Vec::new();
        for change in changes.iter().filter(|change| change.outcome.is_step()) {
            let (Some(setting), Some(wanted)) = (facts.setting(&change.name), &change.new_value) else { continue };
            if setting.name == UNTRIED {
                continue;
            }
            let may_set = setting.context == "user" || (setting.context == "superuser" && facts.is_superuser);
            let refusal = match STAND_INS.iter().find(|(name, _)| *name == setting.name) {
                Some((_, stand_in)) => self.try_value(setting, stand_in, wanted).await?,
                None if may_set => self.try_value(setting, &setting.name, wanted).await?,
                None => None,
            };
            refusals.extend(refusal);
        }
        Ok(refusals)
    }

    /// Tries a value of `setting` on the parameter `tried`.
    async fn try_value(&mut self, setting: &Setting, tried: &str, wanted: &str) -> Result<Option<Refusal>, ApplyError> {
        let name = &setting.name;
        // First what is in force: half a DateStyle is completed by that, and the guards have changed it.
        let sql = format!("select {}, {} as becomes", set_config(tried, &setting.setting), set_config(tried, wanted));
        match self.session.steady_query(&sql).await {
            Ok(rows) => {
                let becomes = rows.first().and_then(|row| row.text("becomes")).unwrap_or_default();
                // Of other types 64MB and 65536kB are the same; a text must come back as it was given, or be known to mean the same.
                let major = self.opening.version.major();
                let differs = setting.vartype == "string"
                    && !parameter::is_list_quoted(name, major)
                    && parameter::is_shown_as(name, major, &kind_of(setting, major), wanted, &becomes) == Some(false);
                Ok(differs.then(|| Refusal::reads_back_differently(name, &becomes)))
            }
            Err(Fault::Server(refused)) if refused.state == NO_PRIVILEGE => Ok(None),
            Err(Fault::Server(refused)) => {
                let words = refused.text.replace(&format!("\"{tried}\""), &format!("\"{name}\""));
                Ok(Some(Refusal::by_server(name, wanted, &words)))
            }
            Err(fault) => Err(ApplyError::Question(reason_of(fault))),
        }
    }
}
