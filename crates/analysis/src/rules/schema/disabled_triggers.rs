//! Triggers that do not fire.

use crate::engine::prelude::*;
use crate::facts::triggers::DisabledTriggers;

rule! {
    /// ## What it sees
    ///
    /// User-defined triggers, and the internal triggers of foreign keys, that are disabled.
    ///
    /// ## Why it matters
    ///
    /// The triggers of a foreign key enforce it: while they are disabled, rows without a counterpart can be inserted, and are not found
    /// when the triggers are enabled again. Triggers that users define do what the application relies on.
    ///
    /// ## Threshold
    ///
    /// Warning for triggers that enforce a foreign key, notice for others.
    ///
    /// ## Remedy
    ///
    /// Enable each trigger by its name: `ENABLE TRIGGER ALL` and `ENABLE TRIGGER USER` also change triggers that fire as `REPLICA` or
    /// `ALWAYS`. Rows that were written meanwhile have not been checked: recreate the foreign key to check them.
    ///
    /// ## When to ignore this
    ///
    /// During a load that disables them on purpose.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" } ],
    ///   "pg_trigger": [ { "oid": 1, "tgrelid": 16385, "tgname": "RI_ConstraintTrigger_c_1", "tgenabled": "D",
    ///                     "tgisinternal": true, "tgconstraint": 7 } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [], "pg_trigger": [] }
    /// ```
    rule disabled_triggers {
        code: PGD1401,
        title: "Triggers are disabled",
        passed: "No trigger is disabled",
        worst: Warning,
        reads: [disabled_triggers],
        source: "PostgreSQL manual, ALTER TABLE: DISABLE TRIGGER",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a DisabledTriggers>> {
    Ok(view.disabled_triggers()?.iter().collect())
}

fn subject(disabled: &&DisabledTriggers) -> About {
    let is_key = disabled.of_key > 0;
    About::table(&disabled.table, Weight::Count(disabled.count()))
        .severity(if is_key { Severity::Warning } else { Severity::Notice })
        .figures([
            Figure::new("disabled_triggers", disabled.count()),
            Figure::new("of_foreign_keys", disabled.of_key),
            Figure::new("names", disabled.names()),
        ])
        .run(disabled.enable())
        .undo(disabled.disable())
}

fn describe(found: &Found<&DisabledTriggers>) -> Draft {
    let are_keys = found.any(|disabled| disabled.of_key > 0);
    Draft::new(format!("Enable the triggers of {}", found.named("table", "tables")))
        .because("Disabled triggers do not fire.")
        .because_if(are_keys, "Foreign keys whose triggers are disabled are not enforced.")
        .advise("Find out who disabled them, then enable them. A trigger that was REPLICA or ALWAYS before must be set to that again.")
        .advise_if(are_keys, "The triggers of foreign keys are internal: a superuser must enable them.")
        .advise_if(are_keys, "Rows written meanwhile were not checked: drop and add the foreign key to check them.")
        .impact("ALTER TABLE waits for transactions that use the table, and blocks new ones meanwhile.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn only_disabled_triggers_are_enabled() {
        let trigger = |oid: i64, name: &str, enabled: &str, is_internal: bool| {
            json!({ "oid": oid, "tgrelid": 1, "tgname": name, "tgenabled": enabled, "tgisinternal": is_internal })
        };
        let document = json!({
            "pg_class": [{ "oid": 1, "nspname": "public", "relname": "t", "relkind": "r" }],
            "pg_trigger": [trigger(2, "audit", "D", false), trigger(3, "apply", "R", false),
                           trigger(4, "RI_ConstraintTrigger_c_4", "D", true)],
        });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        let [finding] = <[_; 1]>::try_from(analysis.findings).unwrap();
        let enable = "ALTER TABLE public.t ENABLE TRIGGER audit, ENABLE TRIGGER \"RI_ConstraintTrigger_c_4\";";
        assert_eq!(finding.statements().as_deref(), Some(enable));
        assert_eq!(finding.undo().unwrap().text, enable.replace("ENABLE", "DISABLE"));
        assert!(finding.remedy.text.contains("a superuser must enable them"), "{}", finding.remedy.text);
    }
}
