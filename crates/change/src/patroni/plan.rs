//! A change of the dynamic configuration, as it is planned and as a journal keeps it.

use std::fmt;

use pgdba_pg::mask::setting;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Dcs, Former, Leader, Wanted, as_postgresql_reads, former, patch, restore};

/// A change of the dynamic configuration and what is needed to undo it. It must be saved before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DcsPlan {
    /// The new values.
    pub changes: Vec<DcsChange>,
    /// The former values.
    pub former: Former,
    /// The leader at the time of the change.
    pub leader: Option<Leader>,
}

/// One parameter of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DcsChange {
    /// Its name.
    pub name: String,
    /// The new value in the dynamic configuration; null to remove it.
    pub value: Option<String>,
    /// Whether it requires a restart (`pg_settings.context` is `postmaster`).
    pub needs_restart: bool,
}

/// Which of its two configurations a plan is to bring about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The new values.
    Forward,
    /// The former values.
    Back,
}

/// A parameter that somebody else has set, and what it holds now. Printed as a clause, with a secret in it masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// The parameter.
    pub name: String,
    /// Its value as PostgreSQL reads it; none where the dynamic configuration holds none.
    pub now: Option<String>,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.now {
            Some(value) => write!(f, "\"{}\" is now {}", self.name, setting::mask(&self.name, value)),
            None => write!(f, "\"{}\" is now not set", self.name),
        }
    }
}

impl DcsPlan {
    /// A plan for these changes of what the dynamic configuration holds.
    #[must_use]
    pub fn new(dcs: &Dcs, changes: &[DcsChange], leader: Option<Leader>) -> Self {
        let names: Vec<String> = changes.iter().map(|change| change.name.clone()).collect();
        Self { changes: changes.to_vec(), former: former(dcs, &names), leader }
    }

    /// The body of `PATCH /config`, for a configuration in which nothing of [`Self::changed`] is; none where there is nothing to
    /// send.
    #[must_use]
    pub fn patch(&self, dcs: &Dcs) -> Option<Value> {
        let changes: Vec<_> = self.changes.iter().map(|change| (change.name.clone(), change.value.clone())).collect();
        patch(dcs, &changes)
    }

    /// The body of `PATCH /config` that takes it back, without the parameters of `except`; none where there is nothing to send.
    #[must_use]
    pub fn restore(&self, dcs: &Dcs, except: &[Foreign]) -> Option<Value> {
        let is_excepted = |name: &str| except.iter().any(|foreign| foreign.name.eq_ignore_ascii_case(name));
        let mut former = self.former.clone();
        former.values.retain(|value| !is_excepted(&value.name));
        restore(&former, dcs)
    }

    /// The parameters that are no longer as the plan found them.
    #[must_use]
    pub fn changed(&self, dcs: &Dcs) -> Vec<Foreign> {
        let names: Vec<String> = self.changes.iter().map(|change| change.name.clone()).collect();
        let changed = self.former.changed(&former(dcs, &names));
        changed.into_iter().map(|name| Foreign { now: dcs.parameter(&name), name }).collect()
    }

    /// The parameters that are neither as the plan found them nor as it wants them: others have changed them since. Before the
    /// change, in the midst of it and after it there are none, so a change that was cut off can be taken back too.
    #[must_use]
    pub fn foreign(&self, dcs: &Dcs) -> Vec<Foreign> {
        self.neither(dcs, |now, change| *now == change.value || *now == self.former_value(&change.name))
    }

    /// The parameters that are not as `way` stores them: others have changed them since it did.
    #[must_use]
    pub fn lost(&self, way: Way, dcs: &Dcs) -> Vec<Foreign> {
        self.neither(dcs, |now, change| match way {
            Way::Forward => *now == change.value,
            Way::Back => *now == self.former_value(&change.name),
        })
    }

    /// What the plan found of a parameter, as PostgreSQL reads it.
    #[must_use]
    pub fn former_value(&self, name: &str) -> Option<String> {
        let found = self.former.values.iter().find(|former| former.name.eq_ignore_ascii_case(name));
        found.and_then(|found| found.value.as_ref()).and_then(as_postgresql_reads)
    }

    fn neither(&self, dcs: &Dcs, is_known: impl Fn(&Option<String>, &DcsChange) -> bool) -> Vec<Foreign> {
        let now = |change: &DcsChange| Foreign { name: change.name.clone(), now: dcs.parameter(&change.name) };
        let foreign = self.changes.iter().map(|change| (now(change), change));
        foreign.filter(|(foreign, change)| !is_known(&foreign.now, change)).map(|(foreign, _)| foreign).collect()
    }

    /// What every member shall show after `way`.
    #[must_use]
    pub fn wanted(&self, way: Way) -> Vec<Wanted> {
        match way {
            Way::Forward => self.wanted_forward(),
            Way::Back => self.wanted_back(),
        }
    }

    fn wanted_forward(&self) -> Vec<Wanted> {
        let wanted = |change: &DcsChange| Wanted {
            name: change.name.clone(),
            value: change.value.clone().map(Value::String),
            needs_restart: change.needs_restart,
        };
        self.changes.iter().map(wanted).collect()
    }

    fn wanted_back(&self) -> Vec<Wanted> {
        let wanted = |change: &DcsChange| {
            let former = self.former.values.iter().find(|former| former.name.eq_ignore_ascii_case(&change.name));
            let value = former.and_then(|former| former.value.clone());
            Wanted { name: change.name.clone(), value, needs_restart: change.needs_restart }
        };
        self.changes.iter().map(wanted).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(before: &Dcs) -> DcsPlan {
        let change = |name: &str, value: Option<&str>| DcsChange {
            name: name.to_owned(),
            value: value.map(str::to_owned),
            needs_restart: false,
        };
        DcsPlan::new(before, &[change("work_mem", Some("11MB")), change("jit", None)], None)
    }

    #[test]
    fn others_are_known_by_a_value_that_is_neither_the_old_nor_the_new_one() {
        let dcs = |parameters: Value| Dcs(json!({"postgresql": {"parameters": parameters}}));
        let before = dcs(json!({"Work_Mem": 6144, "jit": false}));
        let plan = plan(&before);
        for fine in [
            json!({"Work_Mem": 6144, "jit": false}),
            json!({"work_mem": "11MB"}),
            json!({"work_mem": "11MB", "jit": "off"}),
        ] {
            assert!(plan.foreign(&dcs(fine.clone())).is_empty(), "{fine}");
        }
        let told = |foreign: Vec<Foreign>| foreign.iter().map(Foreign::to_string).collect::<Vec<_>>();
        assert_eq!(told(plan.foreign(&dcs(json!({"work_mem": "12MB"})))), ["\"work_mem\" is now 12MB"]);
        assert_eq!(told(plan.foreign(&dcs(json!({"jit": true, "work_mem": "11MB"})))), ["\"jit\" is now on"]);
        assert!(plan.changed(&before).is_empty());
        assert_eq!(told(plan.changed(&dcs(json!({"work_mem": 6144})))), ["\"jit\" is now not set"]);
    }

    #[test]
    fn what_a_way_stored_is_lost_once_somebody_else_changes_it() {
        let dcs = |parameters: Value| Dcs(json!({"postgresql": {"parameters": parameters}}));
        let plan = plan(&dcs(json!({"work_mem": 6144, "jit": false})));
        let lost =
            |way, parameters| plan.lost(way, &dcs(parameters)).into_iter().map(|lost| lost.name).collect::<Vec<_>>();
        assert!(lost(Way::Forward, json!({"work_mem": "11MB"})).is_empty());
        assert_eq!(lost(Way::Forward, json!({"work_mem": 6144, "jit": false})), ["work_mem", "jit"]);
        assert!(lost(Way::Back, json!({"work_mem": "6144", "jit": "off"})).is_empty());
        assert_eq!(lost(Way::Back, json!({"work_mem": "11MB", "jit": "off"})), ["work_mem"]);
    }

    #[test]
    fn the_way_back_leaves_what_others_set() {
        let dcs = |parameters: Value| Dcs(json!({"postgresql": {"parameters": parameters}}));
        let plan = plan(&dcs(json!({"work_mem": 6144, "jit": false})));
        let now = dcs(json!({"work_mem": "12MB"}));
        let body = plan.restore(&now, &plan.foreign(&now));
        assert_eq!(body, Some(json!({"postgresql": {"parameters": {"jit": false}}})));
    }

    #[test]
    fn each_way_wants_its_own_values() {
        let before = Dcs(json!({"postgresql": {"parameters": {"Work_Mem": 6144}}}));
        let plan = plan(&before);
        let values = |wanted: Vec<Wanted>| wanted.into_iter().map(|wanted| wanted.value).collect::<Vec<_>>();
        assert_eq!(values(plan.wanted(Way::Forward)), [Some(json!("11MB")), None]);
        assert_eq!(values(plan.wanted(Way::Back)), [Some(json!(6144)), None]);
        assert_eq!(plan.patch(&before), Some(json!({"postgresql": {"parameters": {"Work_Mem": "11MB"}}})));
    }
}
