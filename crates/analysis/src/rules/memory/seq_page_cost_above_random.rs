//! The planner takes sequential pages for more expensive than random ones.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `seq_page_cost` is greater than `random_page_cost` for the whole server or, by ALTER ROLE ALL, for all roles.
    ///
    /// ## Why it matters
    ///
    /// On no storage is it cheaper to read a random page than the next one. The planner then prefers index scans even for
    /// statements that read most of a table, which reads more pages and takes longer.
    ///
    /// ## Threshold
    ///
    /// None: that it is greater is always reported.
    ///
    /// ## Remedy
    ///
    /// If `seq_page_cost` is greater than 1, its default, set it to 1. Otherwise `random_page_cost` is too low: raise it to
    /// `seq_page_cost`. To favor index scans, lower `random_page_cost`; if all data are cached, both can be equal.
    ///
    /// ## When to ignore this
    ///
    /// If it is set for an experiment.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "seq_page_cost", "setting": "100" }, { "name": "random_page_cost", "setting": "4" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "seq_page_cost", "setting": "1" }, { "name": "random_page_cost", "setting": "0" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "seq_page_cost", "setting": "0.1" }, { "name": "random_page_cost", "setting": "0.1" } ] }
    /// ```
    ///
    /// Only the database of the collecting session has the value:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "seq_page_cost", "setting": "100", "boot_val": "1", "source": "database" },
    ///                    { "name": "random_page_cost", "setting": "4" } ],
    ///   "pg_file_settings": [] }
    /// ```
    rule seq_page_cost_above_random {
        code: PGD1024,
        title: "seq_page_cost is greater than random_page_cost",
        passed: "seq_page_cost is not greater than random_page_cost",
        worst: Notice,
        reads: [server_settings],
        source: "PostgreSQL manual, random_page_cost",
    }
}

/// The default of `seq_page_cost`.
const DEFAULT: f64 = 1.0;

struct Costs {
    sequential: f64,
    random: f64,
}

fn check(view: &View<'_>) -> Checked<Option<Costs>> {
    let settings = view.server_settings()?;
    for name in ["seq_page_cost", "random_page_cost"] {
        settings.require(name)?;
    }
    let costs = settings.float("seq_page_cost").zip(settings.float("random_page_cost"));
    Ok(costs.map(|(sequential, random)| Costs { sequential, random }).filter(|costs| costs.sequential > costs.random))
}

impl Costs {
    /// The parameter that is to be changed, with its value and the proposed one: what is not above its default is not lowered.
    fn change(&self) -> (&'static str, f64, f64) {
        if self.sequential > DEFAULT {
            ("seq_page_cost", self.sequential, DEFAULT)
        } else {
            ("random_page_cost", self.random, self.sequential)
        }
    }
}

fn subject(costs: &Costs) -> About {
    About::parameter(costs.change().0, Weight::All).figures([
        Figure::parameter("seq_page_cost", Quantity::Number(costs.sequential)).against(Quantity::Number(costs.random)),
        Figure::parameter("random_page_cost", Quantity::Number(costs.random)),
    ])
}

fn describe(costs: &Costs) -> Draft {
    let (parameter, current, proposed) = costs.change();
    let verb = if proposed < current { "Lower" } else { "Raise" };
    Draft::new(format!("{verb} {parameter} from {current} to {proposed}: a random page costs less than a sequential one"))
        .because("The planner takes random pages for cheaper than sequential ones, and prefers index scans that take longer.")
        .set(parameter, proposed.to_string(), Effort::Reload)
        .advise_if(parameter == "seq_page_cost" && proposed > costs.random, format!("Then raise random_page_cost, which is {}, to {proposed} too.", costs.random))
        .advise("Compare the plans of important queries before and after.")
        .impact("Plans of some statements change with the next execution.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn the_parameter_that_is_wrong_is_changed() {
        for (sequential, random, parameter, value) in [
            ("1", "0", "random_page_cost", "1"),
            ("0.1", "0.05", "random_page_cost", "0.1"),
            ("100", "4", "seq_page_cost", "1"),
            ("2", "0.5", "seq_page_cost", "1"),
        ] {
            let document = json!({ "pg_settings": [{ "name": "seq_page_cost", "setting": sequential },
                                                   { "name": "random_page_cost", "setting": random }] });
            let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
            let finding = findings.into_iter().find(|finding| finding.code == "PGD1024").unwrap();
            let sets = finding.remedy.sets.unwrap();
            assert_eq!((sets.parameter.as_str(), sets.value.as_str()), (parameter, value), "{}", finding.summary);
        }
    }
}
