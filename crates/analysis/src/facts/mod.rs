//! The shared facts: rates, ratios and joined tables.
//!
//! A fact is derived once, when it is first requested, and is either available or gives the reason why not. A rule never derives one
//! again, so that two rules never disagree on what a table's threshold is.
//!
//! To add one: a file, and its entry in `facts!` below: the sections without which it is missing (`needs`) and those that
//! only add to it (`uses`).

pub mod checkpoints;
pub mod cluster;
pub mod column_statistics;
pub mod databases;
mod declare;
mod fact;
pub mod growth;
pub mod hardware;
pub mod indexes;
pub mod maintenance;
pub mod relation;
mod sections;
pub mod sessions;
pub mod settings;
pub mod statements;
pub mod surroundings;
pub mod tables;
pub mod time;
mod view;
pub mod wal_consumers;

use std::rc::Rc;

use jiff::Timestamp;
use pgdba_pg::{Millis, ServerVersion};
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::sections::pg_stat_statements_info::PgStatStatementsInfo;
use pgdba_snapshot::sections::system::System;

use crate::format::{Checked, ClusterSummary, NotAssessed, SectionState};
use checkpoints::Checkpoints;
use column_statistics::ColumnStatistics;
use databases::Databases;
use declare::facts;
pub use fact::Fact;
use hardware::Hardware;
use indexes::Index;
use maintenance::{Resets, Running};
use relation::Relations;
use sessions::Sessions;
use settings::{Configured, Settings};
use statements::Statements;
use surroundings::Surroundings;
use tables::Tables;
use time::Window;
pub use view::{Beside, View};
use wal_consumers::WalConsumers;

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
            let files = facts.reader().rows().ok().map(|read| read.rows);
            let overrides = facts.reader().rows().map_or_else(|_| Vec::new(), |read| read.rows);
            Ok(Configured::new(Rc::clone(facts.settings()?), files, overrides, facts.system().ok()))
        }
    }
    /// Where remedies are carried out.
    surroundings: Surroundings {
        needs: [], uses: [system, pg_settings, pg_file_settings, pg_db_role_setting],
        derive: |facts| Ok(Surroundings::of(facts.system().ok(), facts.configured().ok()))
    }
    /// The machine that the server runs on.
    hardware: Hardware { needs: [], uses: [host, wal_directory], derive: |facts| {
        let host = facts.reader().rows().ok().and_then(|read| read.rows.into_iter().next());
        let wal = facts.reader().rows().ok().and_then(|read| read.rows.into_iter().next());
        Ok(Hardware::of(host.as_ref(), wal.as_ref()))
    } }
    /// What needs the WAL of this server.
    wal_consumers: WalConsumers {
        needs: [], uses: [pg_stat_replication, pg_replication_slots, pg_prepared_xacts],
        derive: |facts| {
            let receivers = facts.reader().rows().ok().map(|read| read.rows);
            let slots = facts.reader().rows().ok().map(|read| read.rows);
            let prepared = facts.reader().rows().ok().map(|read| read.rows);
            Ok(WalConsumers::new(receivers.as_deref(), slots.as_deref(), prepared.as_deref()))
        }
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
