//! A larger `work_mem` for the role that runs a query.

use std::collections::BTreeMap;

use pgdba_pg::Bytes;
use pgdba_pg::quote::{quote_identifier, quote_literal};
use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;

use crate::facts::settings::Configured;
use crate::facts::statements::Statement;

const NAME: &str = "work_mem";

/// The least value that is proposed, where memory is not short.
const LEAST: Bytes = Bytes::megabytes(64);

/// The greatest value that is proposed.
const MOST: Bytes = Bytes::megabytes(1024);

/// One session's share of the memory: this part of it at most is proposed.
const PART: i64 = 16;

/// A sort or hash needs more room in memory than its rows take in temporary files.
const IN_MEMORY: i64 = 2;

/// Whose `work_mem` is changed: a role, or a role in a database.
type Target<'a> = (&'a str, Option<&'a str>);

/// What a larger `work_mem` would do for a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice<'a> {
    /// What spills might fit into this value.
    Raise {
        /// Whose value it is.
        target: Target<'a>,
        /// What it should be.
        to: Bytes,
        /// The value that the same has now, where it has one.
        former: Option<&'a str>,
    },
    /// New sessions have room for what spilled: it may have been counted with a former value, or needs far more.
    Enough,
    /// They have as much as is ever proposed, or the spill needs more.
    AtBound,
    /// The value that sessions have is not known.
    Unknown,
}

/// The settings that decide.
#[derive(Debug, Clone, Copy)]
pub struct WorkMem<'a> {
    configured: &'a Configured,
    /// The greatest value to propose.
    most: Bytes,
}

impl<'a> WorkMem<'a> {
    /// Those of a snapshot.
    #[must_use]
    pub fn of(configured: &'a Configured, memory: Option<Bytes>) -> Self {
        let most = memory.map_or(MOST, |memory| power_of_two_below(Bytes(memory.0 / PART)).min(MOST));
        Self { configured, most }
    }

    /// The value with which sessions that run a statement start; none if that is not known.
    #[must_use]
    pub fn present(&self, statement: &Statement) -> Option<Bytes> {
        let (role, database) = (statement.role.as_deref()?, statement.row.datname.as_deref()?);
        self.configured.known_overrides(NAME)?;
        match self.configured.override_of(NAME, role, database) {
            Some(row) => self.size(row),
            None => self.configured.bytes_for_server(NAME),
        }
    }

    /// What to do about a statement that writes this much to temporary files per call.
    #[must_use]
    pub fn advice(&self, statement: &'a Statement, spill: Bytes) -> Advice<'a> {
        let names = statement.role.as_deref().zip(statement.row.datname.as_deref());
        let (Some((role, database)), Some(present)) = (names, self.present(statement)) else { return Advice::Unknown };
        let needed = power_of_two_above(Bytes(spill.0.saturating_mul(IN_MEMORY)).max(LEAST));
        let to = needed.min(self.most);
        if present >= self.most || present >= to {
            return if present >= needed { Advice::Enough } else { Advice::AtBound };
        }
        let (target, former) = self.target(role, database, to);
        Advice::Raise { target, to, former }
    }

    /// Where the value is set: for the role in this database if it has one of its own there, or if one for the role would lower that
    /// of another database.
    fn target(&self, role: &'a str, database: &'a str, to: Bytes) -> (Target<'a>, Option<&'a str>) {
        let in_force = self.configured.override_of(NAME, role, database).filter(|row| row.rolname.is_some());
        match in_force {
            Some(row) if row.datname.is_some() => ((role, Some(database)), row.setting.as_deref()),
            Some(row) => ((role, None), row.setting.as_deref()),
            None => {
                let is_greater =
                    |row: &PgDbRoleSetting| row.rolname.is_none() && self.size(row).is_none_or(|size| size > to);
                let lowers = self.configured.overrides(NAME).any(is_greater);
                ((role, lowers.then_some(database)), None)
            }
        }
    }

    fn size(&self, row: &PgDbRoleSetting) -> Option<Bytes> {
        self.configured.size(NAME, row.setting.as_deref()?)
    }
}

/// The greatest power of two that is not above a size.
fn power_of_two_below(size: Bytes) -> Bytes {
    Bytes(size.0.checked_ilog2().map_or(0, |bits| 1 << bits))
}

/// The least power of two that is not below a size.
fn power_of_two_above(size: Bytes) -> Bytes {
    let below = power_of_two_below(size);
    if below == size { size } else { Bytes(below.0.saturating_mul(2)) }
}

/// The statements that set and that restore what is proposed; of several values for one role the greatest.
#[must_use]
pub fn statements<'a>(advice: impl Iterator<Item = &'a Advice<'a>>) -> (String, String) {
    let mut targets = BTreeMap::<Target<'_>, (Bytes, Option<&str>)>::new();
    for each in advice {
        if let Advice::Raise { target, to, former } = each {
            let greatest = targets.entry(*target).or_insert((*to, *former));
            greatest.0 = greatest.0.max(*to);
        }
    }
    let alter = |(role, database): &Target<'_>| {
        let database = database.map(|database| format!(" IN DATABASE {}", quote_identifier(database)));
        format!("ALTER ROLE {}{}", quote_identifier(role), database.unwrap_or_default())
    };
    let set = targets.iter().map(|(target, (to, _))| {
        format!("{} SET {NAME} = '{}';  -- affects new sessions only", alter(target), to.to_parameter())
    });
    let restore = targets.iter().map(|(target, (_, former))| match former {
        Some(former) => format!("{} SET {NAME} = {};", alter(target), quote_literal(former)),
        None => format!("{} RESET {NAME};", alter(target)),
    });
    (set.collect::<Vec<_>>().join("\n"), restore.collect::<Vec<_>>().join("\n"))
}
