//! The planner takes sequential pages for more expensive than random ones.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `seq_page_cost` is greater than `random_page_cost`.
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
    /// Set `seq_page_cost` to 1, the default, or to `random_page_cost` if that is less. To favor index scans, lower
    /// `random_page_cost`; if all data are cached, both can be equal.
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
    /// ```json passed
    /// { "pg_settings": [ { "name": "seq_page_cost", "setting": "0.1" }, { "name": "random_page_cost", "setting": "0.1" } ] }
    /// ```
    rule seq_page_cost_above_random {
        code: PGD1024,
        title: "seq_page_cost is greater than random_page_cost",
        passed: "seq_page_cost is not greater than random_page_cost",
        worst: Notice,
        reads: [settings],
        source: "PostgreSQL manual, random_page_cost",
    }
}

struct Costs {
    sequential: f64,
    random: f64,
}

fn check(view: &View<'_>) -> Checked<Option<Costs>> {
    let settings = view.settings()?;
    for name in ["seq_page_cost", "random_page_cost"] {
        settings.require(name)?;
    }
    let costs = settings.float("seq_page_cost").zip(settings.float("random_page_cost"));
    Ok(costs.map(|(sequential, random)| Costs { sequential, random }).filter(|costs| costs.sequential > costs.random))
}

fn subject(costs: &Costs) -> About {
    About::parameter("seq_page_cost", Weight::All).figures([
        Figure::parameter("seq_page_cost", Quantity::Number(costs.sequential)).against(Quantity::Number(costs.random)),
        Figure::parameter("random_page_cost", Quantity::Number(costs.random)),
    ])
}

fn describe(costs: &Costs) -> Draft {
    let proposed = costs.random.min(1.0).to_string();
    Draft::new(format!("Lower seq_page_cost to {proposed}: it is greater than random_page_cost"))
        .because("The planner takes random pages for cheaper than sequential ones, and prefers index scans that take longer.")
        .set("seq_page_cost", proposed, Effort::Reload)
        .advise("Compare the plans of important queries before and after.")
        .impact("Plans of some statements change with the next execution.")
}
