//! A change of the dynamic configuration, as it is planned and as a journal keeps it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Dcs, Former, Leader, Wanted, as_postgresql_reads, former, patch, restore};

/// A change of the dynamic configuration and what is needed to take it back. It is to be kept before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DcsPlan {
    /// What shall be.
    pub changes: Vec<DcsChange>,
    /// What was there.
    pub former: Former,
    /// Who led.
    pub leader: Option<Leader>,
}

/// One parameter of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DcsChange {
    /// Its name.
    pub name: String,
    /// What shall stand in the dynamic configuration; none where nothing shall.
    pub value: Option<String>,
    /// Whether PostgreSQL takes it at a restart only (`pg_settings.context` is `postmaster`).
    pub needs_restart: bool,
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

    /// The body of `PATCH /config` that takes it back; none where there is nothing to send.
    #[must_use]
    pub fn restore(&self, dcs: &Dcs) -> Option<Value> {
        restore(&self.former, dcs)
    }

    /// The parameters that are no longer as the plan found them.
    #[must_use]
    pub fn changed(&self, dcs: &Dcs) -> Vec<String> {
        let names: Vec<String> = self.changes.iter().map(|change| change.name.clone()).collect();
        self.former.changed(&former(dcs, &names))
    }

    /// The parameters that are neither as the plan found them nor as it wants them: others have changed them since. Before the
    /// change, in the midst of it and after it there are none, so a change that was cut off can be taken back too.
    #[must_use]
    pub fn touched_by_others(&self, dcs: &Dcs) -> Vec<String> {
        let former = |name: &str| {
            let found = self.former.values.iter().find(|former| former.name.eq_ignore_ascii_case(name));
            found.and_then(|found| found.value.as_ref()).and_then(as_postgresql_reads)
        };
        let touched = self.changes.iter().filter(|change| {
            let now = dcs.parameter(&change.name);
            now != change.value && now != former(&change.name)
        });
        touched.map(|change| change.name.clone()).collect()
    }

    /// What every member shall show after the change.
    #[must_use]
    pub fn wanted(&self) -> Vec<Wanted> {
        let wanted = |change: &DcsChange| Wanted {
            name: change.name.clone(),
            value: change.value.clone().map(Value::String),
            needs_restart: change.needs_restart,
        };
        self.changes.iter().map(wanted).collect()
    }

    /// What every member shall show after it was taken back.
    #[must_use]
    pub fn wanted_back(&self) -> Vec<Wanted> {
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
            assert!(plan.touched_by_others(&dcs(fine.clone())).is_empty(), "{fine}");
        }
        assert_eq!(plan.touched_by_others(&dcs(json!({"work_mem": "12MB"}))), ["work_mem"]);
        assert_eq!(plan.touched_by_others(&dcs(json!({"jit": true, "work_mem": "11MB"}))), ["jit"]);
        assert!(plan.changed(&before).is_empty());
        assert_eq!(plan.changed(&dcs(json!({"work_mem": 6144}))), ["jit"]);
    }

    #[test]
    fn each_way_wants_its_own_values() {
        let before = Dcs(json!({"postgresql": {"parameters": {"Work_Mem": 6144}}}));
        let plan = plan(&before);
        let values = |wanted: Vec<Wanted>| wanted.into_iter().map(|wanted| wanted.value).collect::<Vec<_>>();
        assert_eq!(values(plan.wanted()), [Some(json!("11MB")), None]);
        assert_eq!(values(plan.wanted_back()), [Some(json!(6144)), None]);
        assert_eq!(plan.patch(&before), Some(json!({"postgresql": {"parameters": {"Work_Mem": "11MB"}}})));
    }
}
