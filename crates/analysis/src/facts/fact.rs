//! What a fact is.

use pgdba_snapshot::SectionSpec;

use super::growth::RESETS;

/// A fact's declaration: everything about it that is data.
#[derive(Debug)]
pub struct Fact {
    /// Its name, which is that of its function.
    pub name: &'static str,
    /// The sections without which it is missing. One that the server's version does not have is not needed.
    pub needs: &'static [&'static SectionSpec],
    /// The sections of `needs` in which no row may be hidden from the collecting role.
    pub whole: &'static [&'static SectionSpec],
    /// The sections that only add to it.
    pub uses: &'static [&'static SectionSpec],
    /// Whether it tells what counters grew by in a delta, so that it uses what [tells of resets](super::growth::RESETS) too.
    pub grows: bool,
}

impl Fact {
    /// All sections that it reads.
    pub fn sections(&self) -> impl Iterator<Item = &'static SectionSpec> {
        let resets = RESETS.into_iter().filter(|_| self.grows);
        self.needs.iter().chain(self.uses).copied().chain(resets)
    }

    /// The names of all sections that some facts read.
    pub fn section_names<'f>(facts: impl IntoIterator<Item = &'f &'static Self>) -> Vec<&'static str> {
        let specs = facts.into_iter().flat_map(|fact| fact.sections());
        let mut names: Vec<&str> = specs.map(|spec| spec.name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
