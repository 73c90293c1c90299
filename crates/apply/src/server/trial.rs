//! What the server itself says of a value: parameters that a session may set are set in a transaction that ends at once.

use pgdba_change::facts::Facts;
use pgdba_change::precheck::Precheck;
use pgdba_change::refusal::Refusal;
use pgdba_collector::Fault;
use pgdba_pg::parameter;
use pgdba_pg::quote::quote_literal;

use super::{Server, told};
use crate::error::ApplyError;

/// SQLSTATE of a role that may not set the parameter in its session; it may be granted ALTER SYSTEM all the same.
const NO_PRIVILEGE: &str = "42501";

impl Server {
    /// Tries every value that a session can be given. Nothing of it outlives its transaction.
    pub(crate) async fn try_values(&mut self, found: &Precheck, facts: &Facts) -> Result<Vec<Refusal>, ApplyError> {
        let mut refusals = Vec::new();
        for change in found.changes.iter().filter(|change| change.outcome.is_step()) {
            let (Some(setting), Some(wanted)) = (facts.setting(&change.name), &change.new_value) else { continue };
            let may_set = setting.context == "user" || (setting.context == "superuser" && facts.is_superuser);
            if may_set {
                refusals.extend(self.try_value(&setting.name, &setting.vartype, wanted).await?);
            }
        }
        Ok(refusals)
    }

    async fn try_value(&mut self, name: &str, vartype: &str, wanted: &str) -> Result<Option<Refusal>, ApplyError> {
        let sql = format!(
            "select pg_catalog.set_config({}, {}, true) as becomes",
            quote_literal(name),
            quote_literal(wanted)
        );
        match self.session.steady_query(&sql).await {
            Ok(rows) => {
                let becomes = rows.first().and_then(|row| row.text("becomes")).unwrap_or_default();
                // Of other types 64MB and 65536kB are the same; a text must come back letter by letter.
                let differs = vartype == "string"
                    && becomes != wanted
                    && !parameter::is_list_quoted(name, self.opening.version.major());
                Ok(differs.then(|| Refusal::ReadsBackDifferently { name: name.to_owned(), becomes }))
            }
            Err(Fault::Server(refused)) if refused.state == NO_PRIVILEGE => Ok(None),
            Err(Fault::Server(refused)) => {
                let reason = refused.text;
                Ok(Some(Refusal::RefusedByServer { name: name.to_owned(), reason }))
            }
            Err(fault) => Err(ApplyError::Question(told(fault))),
        }
    }
}
