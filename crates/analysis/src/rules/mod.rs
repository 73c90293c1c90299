//! The rules, one file each, in a directory per area.
//!
//! To add one: `cargo xtask new rule AREA NAME`, which writes the file and adds its name to the area's
//! `registry!`. `docs/rules/` is generated from the files.

use crate::{Area, Rule};

/// Declares the areas' modules and the list of all rules together.
macro_rules! areas {
    ($($area:ident),+ $(,)?) => {
        $(pub mod $area;)+

        /// The directory of each area, and its rules.
        pub static AREAS: &[(&str, Area, &[&Rule])] = &[$((stringify!($area), $area::AREA, $area::RULES)),+];
    };
}

areas! {
    durability,
    replication,
    security,
    settings,
    memory,
    checkpoints,
    connections,
    locks,
    vacuum,
    bloat,
    indexes,
    statements,
    statistics,
    schema,
    versions,
    plans,
}

/// Every rule, in the order of the areas.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    AREAS.iter().flat_map(|(_, _, rules)| rules.iter().copied())
}

/// Those about a server: all but those about the plan of a statement.
pub fn of_servers() -> impl Iterator<Item = &'static Rule> {
    all().filter(|rule| rule.area != Area::Plans)
}

/// Those about the plan of a statement.
pub fn of_plans() -> impl Iterator<Item = &'static Rule> {
    all().filter(|rule| rule.area == Area::Plans)
}

/// The rule with this code or name.
#[must_use]
pub fn find(word: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.is_called(word))
}
