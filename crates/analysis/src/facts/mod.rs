//! The shared facts: rates, ratios and joined tables.
//!
//! A fact is derived once, when it is first requested, and is either available or gives the reason why not. A rule never derives one
//! again, so that two rules never disagree on what a table's threshold is.
//!
//! To add one: a file, and its entry in `facts!` below: the sections without which it is missing (`needs`) and those that
//! only add to it (`uses`).

pub mod checkpoints;
pub mod cluster;
pub mod collations;
pub mod column_statistics;
pub mod constraints;
pub mod databases;
mod declare;
mod fact;
pub mod functions;
pub mod growth;
pub mod hba;
pub mod indexes;
pub mod maintenance;
pub mod partitions;
pub mod policies;
pub mod relation;
pub mod roles;
pub mod schemas;
mod sections;
pub mod sequences;
pub mod sessions;
pub mod settings;
pub mod statements;
pub mod surroundings;
pub mod tables;
pub mod time;
pub mod triggers;
mod view;

use std::rc::Rc;

use jiff::Timestamp;
use pgdba_pg::start::Host;
use pgdba_pg::{Millis, ServerVersion};
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::sections::pg_available_extensions::PgAvailableExtension;
use pgdba_snapshot::sections::pg_database::PgDatabase;
use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;
use pgdba_snapshot::sections::pg_stat_statements_info::PgStatStatementsInfo;
use pgdba_snapshot::sections::system::System;

use crate::format::{Checked, ClusterSummary, NotAssessed, SectionState};
use checkpoints::Checkpoints;
use collations::ChangedCollations;
use column_statistics::ColumnStatistics;
use constraints::Constraint;
use databases::Databases;
use declare::facts;
pub use fact::Fact;
use functions::Function;
use hba::HbaLine;
use indexes::Index;
use maintenance::{Resets, Running};
use partitions::Detaching;
use policies::Guarded;
use relation::Relations;
use roles::Role;
use schemas::Schema;
use sequences::Sequence;
use sessions::Sessions;
use settings::{Configured, Settings};
use statements::Statements;
use surroundings::Surroundings;
use tables::Tables;
use time::Window;
use triggers::DisabledTriggers;
pub use view::{Beside, View};

facts! {
    /// The server as a whole.
    system: System { needs: [system], derive: |facts| {
        let rows = facts.reader().rows()?.rows;
        rows.into_iter().next().ok_or_else(|| NotAssessed::because("section system has no row"))
    } }
    /// The size of a block, in bytes.
    block_size: i64 { needs: [system], derive: |facts| {
        facts.system()?.block_size.ok_or_else(|| NotAssessed::because("the block size is unknown"))
    } }
    /// How long the server has been running.
    uptime: Millis { needs: [system], derive: |facts| {
        let start = facts.system()?.start_time;
        let uptime = start.zip(facts.now().ok()).and_then(|(start, now)| time::age(now, start));
        uptime.ok_or_else(|| NotAssessed::because("the server's start time is unknown"))
    } }
    /// The configuration in force.
    settings: Rc<Settings> { needs: [pg_settings], derive: |facts| {
        Ok(Rc::new(Settings::from_rows(facts.reader().version(), facts.reader().rows()?.rows)))
    } }
    /// The configuration in force, together with the files and the values for roles and databases.
    configured: Configured {
        needs: [pg_settings], uses: [pg_file_settings, pg_db_role_setting, system],
        derive: |facts| {
            let files = facts.reader().rows().map(|read| read.rows);
            let is_redacted = facts.reader().snapshot().redacted;
            let overrides = facts.reader().rows().map_or_else(|_| Vec::new(), |read| read.rows);
            Ok(Configured::new(Rc::clone(facts.settings()?), files, overrides, facts.system().ok(), is_redacted))
        }
    }
    /// What is known of the server's state besides its settings, as far as it decides whether the server starts.
    start_host: Host { needs: [], uses: [pg_replication_slots, pg_prepared_xacts, system], derive: |facts| {
        let slots = facts.reader().rows().ok().map(|read| read.rows);
        let prepared = facts.reader().rows().ok().map(|read| read.rows);
        Ok(settings::starting::host(slots, prepared.as_deref(), facts.system().ok()))
    } }
    /// Where remedies are carried out.
    surroundings: Surroundings {
        needs: [], uses: [system, pg_settings, pg_file_settings, pg_db_role_setting],
        derive: |facts| Ok(Surroundings::of(facts.system().ok(), facts.configured().ok()))
    }
    /// All sessions and processes; missing if the collecting role could not see all of them.
    sessions: Sessions { needs: [pg_stat_activity, pg_settings], whole: [pg_stat_activity], derive: |facts| {
        let visible = facts.visible_sessions()?;
        visible.hidden.clone().map_or_else(|| Ok(visible.clone()), Err)
    } }
    /// The sessions and processes that the collecting role could see.
    visible_sessions: Sessions { needs: [pg_stat_activity, pg_settings], derive: |facts| {
        Ok(Sessions::new(facts.reader().rows()?, facts.settings()?))
    } }
    /// Checkpoints, from the view that counts them.
    checkpoints: Checkpoints { needs: [pg_stat_bgwriter, pg_stat_checkpointer], grows: true, derive: Checkpoints::derive }
    /// Counters of each database; the one without a name counts the shared objects.
    databases: Databases { needs: [pg_stat_database], grows: true, derive: |facts| Ok(Databases::new(facts.reader().rows()?)) }
    /// The relations' names and sizes.
    relations: Relations { needs: [pg_class], uses: [system], derive: |facts| {
        Ok(Relations::new(facts.reader().rows()?.rows, facts.block_size().ok().copied()))
    } }
    /// User tables.
    tables: Tables {
        needs: [pg_class, pg_stat_user_tables, pg_settings], uses: [system], grows: true,
        derive: |facts| {
            let stats = facts.reader().rows()?.grown();
            Ok(Tables::join(facts.relations()?, stats, facts.settings()?, facts.reader().version()))
        }
    }
    /// The tables on which VACUUM is running.
    vacuums: Running { needs: [], uses: [pg_stat_progress_vacuum, pg_database], derive: |facts| {
        Ok(Running::vacuums(facts.reader()))
    } }
    /// The tables on which ANALYZE is running.
    analyzes: Running { needs: [], uses: [pg_stat_progress_analyze, pg_database], derive: |facts| {
        Ok(Running::analyzes(facts.reader()))
    } }
    /// When the counters of tables were reset.
    resets: Resets { needs: [], uses: [pg_stat_database, pg_stat_bgwriter, pg_stat_archiver, system], derive: |facts| {
        Ok(Resets::of(facts.reader()))
    } }
    /// Of which tables the planner has statistics; nothing is known of any where the section is missing.
    column_statistics: ColumnStatistics { needs: [], uses: [pg_stats], derive: |facts| {
        Ok(facts.reader().rows().map_or_else(|_| ColumnStatistics::unknown(), ColumnStatistics::new))
    } }
    /// User indexes.
    indexes: Vec<Index> {
        needs: [pg_class, pg_index], uses: [pg_stat_user_indexes, system],
        derive: |facts| {
            let scans = facts.reader().rows().map_or_else(|_| Vec::new(), |read| read.rows);
            Ok(indexes::join(facts.relations()?, facts.reader().rows()?.rows, &scans))
        }
    }
    /// Invalid indexes that nobody is building, rebuilding or dropping.
    invalid_indexes: Vec<Index> {
        needs: [pg_class, pg_index, system], uses: [pg_stat_user_indexes],
        derive: |facts| indexes::invalid(facts.indexes()?, facts.system()?.is_in_recovery == Some(true))
    }
    /// The lines of `pg_hba.conf`, as it is on disk.
    hba: Vec<HbaLine> { needs: [pg_hba_file_rules], derive: |facts| {
        Ok(facts.reader().rows()?.rows.into_iter().map(|row| HbaLine { row }).collect())
    } }
    /// Roles, with how their passwords are stored where the collecting role can see that.
    roles: Vec<Role> { needs: [pg_roles], derive: |facts| {
        Ok(facts.reader().rows()?.rows.into_iter().map(|row| Role { row }).collect())
    } }
    /// User-defined schemas, and public.
    schemas: Vec<Schema> { needs: [pg_namespace], derive: |facts| {
        Ok(facts.reader().rows()?.rows.into_iter().map(|row| Schema { row }).collect())
    } }
    /// SECURITY DEFINER functions and procedures.
    functions: Vec<Function> { needs: [pg_class, pg_proc], derive: |facts| {
        let relations = facts.relations()?;
        Ok(facts.reader().rows()?.rows.into_iter().map(|row| Function::new(row, relations)).collect())
    } }
    /// Tables with row security policies.
    guarded_tables: Vec<Guarded> { needs: [pg_class, pg_policy], derive: |facts| {
        Ok(policies::by_table(facts.reader().rows()?.rows, facts.relations()?))
    } }
    /// The tables with disabled triggers.
    disabled_triggers: Vec<DisabledTriggers> { needs: [pg_class, pg_trigger], derive: |facts| {
        Ok(triggers::by_table(facts.reader().rows()?.rows, facts.relations()?))
    } }
    /// Sequences.
    sequences: Vec<Sequence> { needs: [pg_class, pg_sequence], derive: |facts| {
        Ok(sequences::join(facts.reader().rows()?.rows, facts.relations()?))
    } }
    /// Constraints.
    constraints: Vec<Constraint> { needs: [pg_class, pg_constraint], derive: |facts| {
        Ok(constraints::join(facts.reader().rows()?.rows, facts.relations()?))
    } }
    /// Partitions that are detached halfway.
    detaching: Vec<Detaching> { needs: [pg_class], derive: |facts| Ok(partitions::detaching(facts.relations()?)) }
    /// The databases of the cluster, as the catalog has them.
    database_catalog: Vec<PgDatabase> { needs: [pg_database], derive: |facts| Ok(facts.reader().rows()?.rows) }
    /// Databases whose collations have changed.
    changed_collations: Vec<ChangedCollations> { needs: [pg_database, pg_collation], derive: |facts| {
        Ok(collations::changed_by_database(facts.database_catalog()?, &facts.reader().rows()?.rows))
    } }
    /// Installed extensions, with the version that the server offers.
    extensions: Vec<PgAvailableExtension> { needs: [pg_available_extensions], derive: |facts| {
        Ok(facts.reader().rows()?.rows)
    } }
    /// Values that are set for roles and databases.
    role_settings: Vec<PgDbRoleSetting> { needs: [pg_db_role_setting], derive: |facts| Ok(facts.reader().rows()?.rows) }
    /// Statements and their share of the whole.
    statements: Statements {
        needs: [pg_stat_statements], uses: [pg_stat_statements_info, pg_roles], grows: true,
        derive: |facts| {
            let info = facts.reader().rows::<PgStatStatementsInfo>().ok();
            let since = info.and_then(|info| info.rows.first()?.stats_reset);
            let roles = facts.reader().rows().map_or_else(|_| Vec::new(), |read| read.rows);
            Ok(Statements::new(facts.reader().rows()?, roles, Window::until(facts.now().ok(), since)))
        }
    }
}

impl<'a> Facts<'a> {
    /// The facts of `snapshot`. Nothing is derived yet.
    #[must_use]
    pub fn of(snapshot: &'a DiagSnapshot) -> Self {
        Self::new(sections::Reader::new(snapshot))
    }

    /// When the snapshot was collected: the "now" of an analysis.
    ///
    /// # Errors
    /// The snapshot does not contain it.
    pub fn now(&self) -> Checked<Timestamp> {
        let now = self.reader().snapshot().collected_at;
        now.ok_or_else(|| NotAssessed::because("the time of collection is missing in the snapshot"))
    }

    /// The server's version.
    ///
    /// # Errors
    /// The snapshot does not contain it.
    pub fn version(&self) -> Checked<ServerVersion> {
        let version = self.reader().version();
        version.ok_or_else(|| NotAssessed::because("the server version is missing in the snapshot"))
    }

    /// The cluster of the snapshot.
    #[must_use]
    pub fn cluster(&self) -> ClusterSummary {
        cluster::summary(self.reader().snapshot(), self.system().ok(), self.reader().version())
    }

    /// Whether `facts` are about every database: a rule that found nothing in the others has not passed.
    ///
    /// # Errors
    /// A section that one of them needs could not be read in some databases.
    pub fn require_databases(&self, facts: &[&Fact]) -> Checked<()> {
        self.reader().require_databases(facts.iter().flat_map(|fact| fact.needs.iter().copied()))
    }

    /// Every section that the server's version has, in the order of collection.
    #[must_use]
    pub fn sections(&self) -> Vec<SectionState> {
        self.reader().states()
    }

    /// How the section `name` was read; none where the server's version does not have it.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<SectionState> {
        self.reader().state_of(name)
    }

    /// Problems of the document and of the sections that were read, one sentence each.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        self.reader().problems()
    }
}
