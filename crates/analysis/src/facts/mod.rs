//! The shared facts: rates, ratios and joined tables.
//!
//! A fact is derived once, when it is first requested, and is either available or gives the reason why not. A rule never derives one
//! again, so that two rules never disagree on what a table's threshold is.
//!
//! To add one: a file, and its entry in `facts!` below: the sections without which it is missing (`needs`) and those that
//! only add to it (`uses`).

mod access;
pub mod archiver;
pub mod bloat;
pub mod checkpoints;
mod clock;
pub mod cluster;
pub mod collations;
pub mod column_statistics;
mod columns;
pub mod constraints;
pub mod counters;
mod database_numbers;
pub mod databases;
mod declare;
pub mod explained;
mod fact;
pub mod foreign_keys;
pub mod freeze;
pub mod functions;
pub mod growth;
pub mod hardware;
pub mod hba;
pub mod horizon;
pub mod indexes;
pub mod io;
pub mod locks;
pub mod logical;
pub mod maintenance;
pub mod neglect;
pub mod observed;
pub mod partitions;
pub mod policies;
pub mod public_tables;
pub mod relation;
pub mod repeated_keys;
pub mod roles;
pub mod schemas;
mod sections;
pub mod senders;
pub mod sequences;
pub mod sessions;
pub mod settings;
pub mod slots;
pub mod statements;
pub mod surroundings;
pub mod synchronous;
pub mod tables;
pub mod temporary;
pub mod thresholds;
pub mod time;
pub mod triggers;
pub mod unanalyzed;
pub mod vacuum_runs;
mod view;
pub mod wait_events;
pub mod waits;
pub mod wal;
pub mod wal_consumers;

use std::rc::Rc;

use pgdba_pg::Millis;
use pgdba_pg::start::Host;
use pgdba_snapshot::sections::pg_available_extensions::PgAvailableExtension;
use pgdba_snapshot::sections::pg_database::PgDatabase;
use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;
use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;
use pgdba_snapshot::sections::pg_stat_slru::PgStatSlru;
use pgdba_snapshot::sections::pg_stat_wal_receiver::PgStatWalReceiver;
use pgdba_snapshot::sections::system::System;
use pgdba_snapshot::sections::wait_samples::WaitSample;

use crate::format::NotAssessed;
use declare::facts;
pub use fact::Fact;
pub use view::{Beside, View};

facts! {
    /// The server as a whole.
    system: System { needs: [system], derive: |facts| {
        facts.rows()?.into_iter().next().ok_or_else(|| NotAssessed::because("section system has no row"))
    } }
    /// The size of a block, in bytes.
    block_size: i64 { needs: [system], derive: |facts| {
        facts.system()?.block_size.ok_or_else(|| NotAssessed::because("the block size is unknown"))
    } }
    /// How long the server has been running.
    uptime: Millis { needs: [system], derive: |facts| {
        let start = facts.system()?.start_time;
        // What started after the clock was read has just started.
        let uptime = start.zip(facts.now().ok()).map(|(start, now)| time::age(now, start).unwrap_or(Millis(0.0)));
        uptime.ok_or_else(|| NotAssessed::because("the server's start time is unknown"))
    } }
    /// The configuration in force.
    settings: Rc<settings::Settings> { needs: [pg_settings], derive: |facts| {
        Ok(Rc::new(settings::Settings::from_rows(facts.reader().version(), facts.rows()?)))
    } }
    /// The configuration in force, together with the files and the values for roles and databases.
    configured: settings::Configured {
        needs: [pg_settings], uses: [pg_file_settings, pg_db_role_setting, system], derive: settings::Configured::derive
    }
    /// The parameters with the values that apply to every session without one of its own.
    server_settings: settings::Settings {
        needs: [pg_settings], uses: [pg_file_settings, pg_db_role_setting, system],
        derive: |facts| Ok(facts.configured()?.server_settings())
    }
    /// What is known of the server's state besides its settings, as far as it decides whether the server starts.
    start_host: Host { needs: [], uses: [pg_replication_slots, pg_prepared_xacts, system], derive: |facts| {
        let (slots, prepared) = (facts.rows().ok(), facts.rows().ok());
        Ok(settings::starting::host(slots, prepared.as_deref(), facts.system().ok()))
    } }
    /// Where remedies are carried out.
    surroundings: surroundings::Surroundings {
        needs: [], uses: [system, pg_settings, pg_file_settings, pg_db_role_setting],
        derive: |facts| Ok(surroundings::Surroundings::of(facts.system().ok(), facts.configured().ok()))
    }
    /// The machine that the server runs on.
    hardware: hardware::Hardware { needs: [], uses: [host, wal_directory], derive: |facts| {
        let (host, wal) = (facts.row(), facts.row());
        Ok(hardware::Hardware::of(host.as_ref(), wal.as_ref()))
    } }
    /// What needs the WAL of this server.
    wal_consumers: wal_consumers::WalConsumers {
        needs: [], uses: [pg_stat_replication, pg_replication_slots, pg_prepared_xacts],
        derive: |facts| {
            let (receivers, slots, prepared) = (facts.rows().ok(), facts.rows().ok(), facts.rows().ok());
            Ok(wal_consumers::WalConsumers::new(receivers.as_deref(), slots.as_deref(), prepared.as_deref()))
        }
    }
    /// All sessions and processes; missing if the collecting role could not see all of them.
    sessions: sessions::Sessions { needs: [pg_stat_activity, pg_settings], whole: [pg_stat_activity], uses: [system], derive: |facts| {
        let visible = facts.visible_sessions()?;
        visible.hidden.clone().map_or_else(|| Ok(visible.clone()), Err)
    } }
    /// The sessions and processes that the collecting role could see.
    visible_sessions: sessions::Sessions { needs: [pg_stat_activity, pg_settings], uses: [system], derive: |facts| {
        let read = facts.reader().rows()?;
        let moment = read.read_at;
        Ok(sessions::Sessions::new(read, facts.settings()?, moment))
    } }
    /// Who waits for whose locks.
    locks: locks::Locks {
        needs: [pg_locks, pg_stat_activity, pg_settings], uses: [pg_prepared_xacts, pg_class, pg_database, system],
        derive: |facts| locks::Locks::derive(facts.reader(), facts.visible_sessions()?, facts.relations().ok())
    }
    /// The lock table, and the locks that processes hold.
    lock_table: locks::held::HeldLocks { needs: [lock_counts, pg_settings], derive: |facts| {
        Ok(locks::held::HeldLocks::new(facts.rows()?, facts.settings().ok().map(Rc::as_ref)))
    } }
    /// The locks that processes hold; none where the section is missing.
    held_locks: locks::held::HeldLocks { needs: [], uses: [lock_counts], derive: |facts| {
        Ok(locks::held::HeldLocks::new(facts.rows().unwrap_or_default(), None))
    } }
    /// Prepared transactions, and how long ago each was prepared.
    prepared_transactions: Vec<locks::Prepared> { needs: [pg_prepared_xacts], uses: [system], derive: |facts| {
        let read = facts.reader().rows()?;
        Ok(locks::prepared(read.rows, read.read_at))
    } }
    /// What sessions did and waited for in the window of a delta.
    waits: waits::Waits { needs: [wait_samples], uses: [pg_stat_statements], derive: |facts| {
        let statements = facts.statements().ok();
        waits::Waits::derive(facts.reader(), statements)
    } }
    /// Checkpoints, from the view that counts them.
    checkpoints: checkpoints::Checkpoints { needs: [pg_stat_bgwriter, pg_stat_checkpointer], grows: true, derive: checkpoints::Checkpoints::derive }
    /// How much WAL is written, and what of it is in `pg_wal`.
    wal: wal::Wal {
        needs: [pg_wal_position], uses: [pg_stat_wal, wal_directory, host, system], grows: true, derive: wal::Wal::derive
    }
    /// Replication slots.
    slots: Vec<slots::Slot> {
        needs: [pg_replication_slots], uses: [pg_wal_position, pg_stat_wal, wal_directory, host, system],
        derive: |facts| {
            let (wal, now) = (facts.wal().ok(), facts.now().ok());
            Ok(facts.rows()?.into_iter().map(|row| slots::Slot::new(row, wal, now)).collect())
        }
    }
    /// Standbys and subscribers that are connected.
    senders: senders::Senders {
        needs: [pg_stat_replication], uses: [pg_wal_position, pg_stat_wal, wal_directory, host, system],
        derive: |facts| {
            let read = facts.reader().rows()?;
            Ok(senders::Senders::new(read.rows, read.limited, facts.wal().ok()))
        }
    }
    /// The process that receives WAL on a standby.
    receivers: Vec<PgStatWalReceiver> { needs: [pg_stat_wal_receiver], derive: |facts| facts.rows() }
    /// WAL archiving.
    archiver: archiver::Archiver {
        needs: [pg_stat_archiver, pg_settings, system], uses: [pg_wal_position, pg_stat_wal, wal_directory, host],
        derive: archiver::Archiver::derive
    }
    /// Which processes write pages.
    writes: io::Writes { needs: [pg_stat_bgwriter, pg_stat_io], uses: [system], grows: true, derive: io::Writes::derive }
    /// The SLRU caches (13).
    slrus: Vec<io::Slru> { needs: [pg_stat_slru], derive: |facts| {
        let now = facts.now().ok();
        let slru = |row: PgStatSlru| io::Slru { window: time::Window::until(now, row.stats_reset), row };
        Ok(facts.rows()?.into_iter().map(slru).collect())
    } }
    /// The published tables without a replica identity.
    unidentified: Vec<logical::Published> {
        needs: [pg_publication, pg_class, pg_index, pg_stat_user_tables, pg_settings],
        uses: [pg_namespace, pg_stat_user_indexes, system], grows: true,
        derive: |facts| {
            let (publications, schemas) = (facts.rows()?, facts.rows().unwrap_or_default());
            let (tables, relations) = (facts.tables()?, facts.relations()?);
            Ok(logical::without_identity((&publications, &schemas), tables, relations, facts.indexes()?))
        }
    }
    /// Subscriptions of logical replication.
    subscriptions: Vec<logical::Subscription> {
        needs: [pg_subscription], uses: [pg_stat_activity, pg_settings], derive: logical::subscriptions
    }
    /// The size of the tables, indexes and other relations of the databases that were read.
    data_size: relation::Size { needs: [pg_class], uses: [system], derive: |facts| Ok(facts.relations()?.total()) }
    /// Whether those are all databases that have data.
    is_all_data: bool { needs: [], uses: [pg_class, pg_database, system], derive: |facts| Ok(relation::are_all(facts)) }
    /// Counters of each database; the one without a name counts the shared objects.
    databases: databases::Databases {
        needs: [pg_stat_database], uses: [pg_stat_bgwriter, pg_stat_archiver], grows: true,
        derive: |facts| databases::Databases::new(facts.reader())
    }
    /// The relations' names and sizes.
    relations: relation::Relations { needs: [pg_class], uses: [system], derive: |facts| {
        Ok(relation::Relations::new(facts.rows()?, facts.block_size().ok().copied()))
    } }
    /// User tables.
    tables: tables::Tables {
        needs: [pg_class, pg_stat_user_tables, pg_settings], uses: [system], grows: true,
        derive: |facts| {
            let stats = facts.reader().rows()?.grown();
            Ok(tables::Tables::join(facts.relations()?, stats, facts.settings()?, facts.reader().version()))
        }
    }
    /// The tables on which VACUUM is running.
    vacuums: maintenance::Running { needs: [], uses: [pg_stat_progress_vacuum, pg_database], derive: |facts| {
        Ok(maintenance::Running::vacuums(facts.reader()))
    } }
    /// The tables on which ANALYZE is running.
    analyzes: maintenance::Running { needs: [], uses: [pg_stat_progress_analyze, pg_database], derive: |facts| {
        Ok(maintenance::Running::analyzes(facts.reader()))
    } }
    /// Since when the counters of tables count.
    counters: counters::Counters {
        needs: [pg_class, pg_stat_user_tables, pg_settings], uses: [pg_stat_database, system],
        derive: |facts| {
            let databases = facts.rows().unwrap_or_default();
            Ok(counters::Counters::new(facts.now().ok(), databases, facts.tables()?))
        }
    }
    /// VACUUM commands that are running.
    vacuum_runs: Vec<vacuum_runs::VacuumRun> {
        needs: [pg_stat_progress_vacuum], uses: [pg_database, pg_stat_activity, pg_locks, pg_class, system],
        derive: vacuum_runs::derive
    }
    /// The ages of databases, and the limits for them.
    freeze: freeze::Freeze { needs: [pg_database, pg_settings], derive: |facts| {
        Ok(freeze::Freeze::new(facts.rows()?, facts.settings()?, facts.reader().version()))
    } }
    /// Transaction IDs that the server has assigned.
    transaction_ids: freeze::TransactionIds { needs: [], uses: [pg_wal_position], grows: true, derive: |facts| {
        Ok(freeze::TransactionIds::new(facts.reader().rows().ok(), facts.now().ok()))
    } }
    /// Temporary tables with their TOAST tables.
    temporary_tables: Vec<temporary::TemporaryTable> { needs: [pg_class], uses: [system], derive: |facts| {
        Ok(temporary::tables(facts.relations()?))
    } }
    /// Sessions that hold the xmin horizon; missing if the collecting role could not see all of them.
    session_holders: Vec<horizon::Holder> {
        needs: [pg_stat_activity], whole: [pg_stat_activity], uses: [pg_stat_progress_vacuum],
        derive: |facts| {
            let read = facts.reader().rows::<PgStatActivity>()?;
            let vacuums = facts.rows().unwrap_or_default();
            read.limited.map_or_else(|| Ok(horizon::sessions(&read.rows, &vacuums)), Err)
        }
    }
    /// Prepared transactions, which hold the xmin horizon.
    prepared_holders: Vec<horizon::Holder> { needs: [pg_prepared_xacts], derive: |facts| Ok(horizon::prepared(facts.rows()?)) }
    /// Replication slots that hold the xmin horizon.
    slot_holders: Vec<horizon::Holder> { needs: [pg_replication_slots], derive: |facts| Ok(horizon::slots(facts.rows()?)) }
    /// Standbys that hold the xmin horizon without a slot; missing if the collecting role could not see all of them.
    standby_holders: Vec<horizon::Holder> {
        needs: [pg_stat_replication], whole: [pg_stat_replication], uses: [pg_replication_slots],
        derive: |facts| {
            let read = facts.reader().rows()?;
            let slots = facts.rows().unwrap_or_default();
            read.limited.map_or_else(|| Ok(horizon::standbys(read.rows, &slots)), Err)
        }
    }
    /// Everything that holds the xmin horizon and could be seen.
    horizon: horizon::Horizon {
        needs: [],
        uses: [pg_stat_activity, pg_stat_progress_vacuum, pg_prepared_xacts, pg_replication_slots, pg_stat_replication],
        derive: horizon::Horizon::derive
    }
    /// Of which tables the planner has statistics; nothing is known of any where the section is missing.
    column_statistics: column_statistics::ColumnStatistics { needs: [], uses: [pg_stats], derive: column_statistics::derive }
    /// User indexes.
    indexes: Vec<indexes::Index> {
        needs: [pg_class, pg_index], uses: [pg_stat_user_indexes, system],
        derive: |facts| indexes::join(facts.relations()?, facts.reader())
    }
    /// Invalid indexes that nobody is building, rebuilding or dropping.
    invalid_indexes: Vec<indexes::Index> {
        needs: [pg_class, pg_index, system], uses: [pg_stat_user_indexes],
        derive: |facts| indexes::invalid(facts.indexes()?, facts.system()?.is_in_recovery == Some(true))
    }
    /// The lines of `pg_hba.conf`, as it is on disk.
    hba: Vec<hba::HbaLine> { needs: [pg_hba_file_rules], uses: [pg_settings], derive: |facts| {
        let settings = facts.settings().ok();
        Ok(hba::lines(facts.rows()?, settings.and_then(|settings| settings.text("listen_addresses"))))
    } }
    /// Roles, with how their passwords are stored where the collecting role can see that.
    roles: Vec<roles::Role> { needs: [pg_roles], derive: |facts| Ok(facts.rows()?.into_iter().map(|row| roles::Role { row }).collect()) }
    /// User-defined schemas, and public.
    schemas: Vec<schemas::Schema> { needs: [pg_namespace], derive: schemas::derive }
    /// SECURITY DEFINER functions and procedures.
    functions: Vec<functions::Function> { needs: [pg_class, pg_proc], derive: |facts| {
        let relations = facts.relations()?;
        Ok(facts.rows()?.into_iter().map(|row| functions::Function::new(row, relations)).collect())
    } }
    /// Tables with row security policies.
    guarded_tables: Vec<policies::Guarded> { needs: [pg_class, pg_policy], derive: |facts| {
        Ok(policies::by_table(facts.rows()?, facts.relations()?))
    } }
    /// The tables with disabled triggers.
    disabled_triggers: Vec<triggers::DisabledTriggers> { needs: [pg_class, pg_trigger], derive: |facts| {
        Ok(triggers::by_table(facts.rows()?, facts.relations()?))
    } }
    /// The tables that every role can read or change.
    public_tables: Vec<public_tables::PublicTable> { needs: [pg_class, pg_namespace], uses: [system], derive: public_tables::derive }
    /// Sequences.
    sequences: Vec<sequences::Sequence> { needs: [pg_class, pg_sequence, pg_attribute], uses: [system], derive: |facts| {
        Ok(sequences::join(facts.rows()?, facts.columns()?, facts.relations()?))
    } }
    /// The columns of tables and of expression indexes.
    columns: columns::Columns { needs: [pg_class, pg_attribute], uses: [system], derive: |facts| {
        columns::Columns::read(facts.reader(), facts.relations()?)
    } }
    /// Constraints.
    constraints: Vec<constraints::Constraint> { needs: [pg_class, pg_constraint], derive: |facts| {
        constraints::join(facts.reader(), facts.relations()?)
    } }
    /// Foreign keys that check the same as another.
    repeated_foreign_keys: Vec<repeated_keys::RepeatedKey> {
        needs: [pg_class, pg_constraint], uses: [pg_attribute, system], derive: repeated_keys::derive
    }
    /// Foreign keys that are enforced, with the indexes that help to check them.
    foreign_keys: Vec<foreign_keys::ForeignKey> {
        needs: [pg_class, pg_constraint, pg_index, pg_attribute, pg_stat_user_tables, pg_settings],
        uses: [pg_stat_user_indexes, pg_index_expressions, pg_stats, system], grows: true, derive: foreign_keys::derive
    }
    /// Partitions that are detached halfway.
    detaching: Vec<partitions::Detaching> { needs: [pg_class], derive: |facts| Ok(partitions::detaching(facts.relations()?)) }
    /// The databases of the cluster, as the catalog has them.
    database_catalog: Vec<PgDatabase> { needs: [pg_database], derive: |facts| facts.rows() }
    /// Databases whose collations have changed.
    changed_collations: Vec<collations::ChangedCollations> {
        needs: [pg_database, pg_collation], uses: [pg_class, pg_attribute, pg_index, pg_stat_user_indexes, system], derive: collations::changed_by_database
    }
    /// Installed extensions, with the version that the server offers.
    extensions: Vec<PgAvailableExtension> { needs: [pg_available_extensions], derive: |facts| facts.rows() }
    /// Values that are set for roles and databases.
    role_settings: Vec<PgDbRoleSetting> { needs: [pg_db_role_setting], derive: |facts| facts.rows() }
    /// The bloat of tables and indexes, estimated.
    bloat: bloat::Bloat {
        needs: [pg_class, pg_attribute, pg_type, pg_stat_user_tables, pg_settings],
        uses: [system, pg_stats, pg_index, pg_stat_user_indexes, pg_index_expressions, pg_opclass, pg_collation],
        derive: |facts| bloat::Bloat::derive(facts)
    }
    /// Statements and their share of the whole.
    statements: statements::Statements {
        needs: [pg_stat_statements], uses: [pg_stat_statements_info, pg_roles], grows: true,
        derive: statements::Statements::derive
    }
    /// Whether the server records statements, and what it records of them.
    tracking: statements::Tracking { needs: [], uses: [pg_settings], derive: |facts| {
        Ok(statements::Tracking::new(facts.reader().snapshot(), facts.settings().ok().map(|settings| &**settings)))
    } }
    /// The tables that recorded queries read wholly to find few rows; none where statements are not recorded.
    wholly_read: statements::WhollyRead {
        needs: [],
        uses: [pg_stat_statements, pg_stat_statements_info, pg_roles, pg_class, pg_stat_user_tables, pg_settings, system],
        grows: true,
        derive: statements::WhollyRead::derive
    }
    /// What sessions waited for in the window of a delta, by statement.
    query_waits: Vec<WaitSample> { needs: [wait_samples], derive: |facts| facts.rows() }
}
