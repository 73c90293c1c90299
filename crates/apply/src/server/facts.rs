//! What the precheck wants to know, asked of the server.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use pgdba_change::environment::Environment;
use pgdba_change::facts::{AutoConfFile, Facts, FileLine, Patroni, ReloadFacts, RoleSetting, Setting};
use pgdba_change::patroni::looks_managed;
use pgdba_collector::Answer;
use pgdba_pg::parameter::Source;
use pgdba_snapshot::section::Row;
use pgdba_snapshot::sections::system::System;

use super::{Server, quiet, reason_of};
use crate::error::ApplyError;
use crate::patroni::PatroniError;

/// Which facts are worth their cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The dynamic configuration of Patroni.
    pub(crate) patroni: bool,
    /// What a reload reads besides the parameters.
    pub(crate) reload: bool,
}

/// Without the guards, which change settings. Its operator is named with its schema, so no search path decides what runs. What
/// this session set for itself is shown as any other session of the role begins with it.
const SETTINGS: &str = "\
select s.name, case when x.own then s.reset_val else s.setting end as setting,
       case when x.own then s.reset_val else pg_catalog.current_setting(s.name, true) end as shown,
       s.unit, s.context, s.vartype, s.source, s.min_val, s.max_val,
       pg_catalog.array_to_json(s.enumvals) as enumvals, s.boot_val, s.sourcefile, s.sourceline, s.pending_restart
from pg_catalog.pg_settings s cross join lateral (select s.source operator(pg_catalog.=) 'session') as x(own)";

/// What the role may do, one question for all versions.
const ROLE: &str = "\
select current_user::text as role,
       (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) as is_superuser,
       pg_catalog.pg_is_in_recovery() as in_recovery,
       pg_catalog.pg_postmaster_start_time() at time zone 'UTC' as started_at,
       pg_catalog.has_function_privilege('pg_catalog.pg_reload_conf()', 'EXECUTE') as may_reload,
       pg_catalog.current_setting('allow_alter_system', true) is distinct from 'off' as allows_alter_system,
       pg_catalog.has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE')
         and pg_catalog.has_table_privilege('pg_catalog.pg_file_settings', 'SELECT') as sees_files,
       pg_catalog.has_function_privilege('pg_catalog.pg_read_binary_file(text)', 'EXECUTE') as may_read,
       pg_catalog.has_function_privilege('pg_catalog.pg_stat_file(text, boolean)', 'EXECUTE') as may_stat,
       pg_catalog.has_function_privilege('pg_catalog.pg_hba_file_rules()', 'EXECUTE')
         and pg_catalog.has_table_privilege('pg_catalog.pg_hba_file_rules', 'SELECT') as sees_hba,
       coalesce(pg_catalog.has_function_privilege(
           pg_catalog.to_regprocedure('pg_catalog.pg_ident_file_mappings()')::pg_catalog.oid, 'EXECUTE')
         and pg_catalog.has_table_privilege(
           pg_catalog.to_regclass('pg_catalog.pg_ident_file_mappings')::pg_catalog.oid, 'SELECT'), false) as sees_ident,
       pg_catalog.pg_has_role('pg_read_server_files', 'USAGE') as reads_server_files";

/// From 15 on.
const GRANTED: &str = "\
select a.parname as name from pg_catalog.pg_parameter_acl a
where pg_catalog.has_parameter_privilege(a.parname, 'ALTER SYSTEM')";

const OVERRIDES: &str = "\
select r.rolname as role, d.datname as database, pg_catalog.lower(pg_catalog.split_part(c.entry, '=', 1)) as name
from pg_catalog.pg_db_role_setting s
cross join lateral pg_catalog.unnest(s.setconfig) as c(entry)
left join pg_catalog.pg_roles r on r.oid = s.setrole
left join pg_catalog.pg_database d on d.oid = s.setdatabase
order by 1, 2, 3";

const FILE_LINES: &str = "\
select f.sourcefile as file, f.sourceline as line, pg_catalog.lower(f.name) as name, f.setting, f.applied, f.error
from pg_catalog.pg_file_settings f order by f.seqno";

/// Relative to the data folder. Bytes, since no encoding is promised.
const AUTO_CONF: &str =
    "select pg_catalog.encode(pg_catalog.pg_read_binary_file('postgresql.auto.conf'), 'hex') as bytes";

impl Server {
    /// Asks for all of it, as the session sees the server now.
    pub(crate) async fn facts(&mut self, wanted: Wanted) -> Result<Facts, ApplyError> {
        let settings = self.settings().await?;
        let role = self.ask(ROLE).await?.into_iter().next().unwrap_or_default();
        let granted = if self.opening.version.major() >= 15 { self.names(GRANTED).await? } else { BTreeSet::new() };
        let overrides: Vec<RoleSetting> = self.ask(OVERRIDES).await?.iter().map(override_of).collect();
        let is_superuser = role.is("is_superuser");
        let mut facts = Facts {
            version: self.opening.version,
            fingerprint: self.fingerprint().to_owned(),
            address: self.opening.identity.resolved_addr.clone(),
            port: self.opening.identity.resolved_port,
            started_at: role.get("started_at").and_then(|text| format!("{}Z", text.replace(' ', "T")).parse().ok()),
            role: role.text("role").unwrap_or_default(),
            is_superuser,
            in_recovery: role.is("in_recovery"),
            may_reload: role.is("may_reload"),
            allows_alter_system: role.is("allows_alter_system"),
            settings,
            granted,
            overrides,
            file_lines: None,
            auto_conf: AutoConfFile::Unreadable(
                "the role is neither a superuser nor a member of pg_read_server_files".to_owned(),
            ),
            reload: ReloadFacts::default(),
            records: Vec::new(),
            hosting: self.hosting().await?,
            environment: Environment::default(),
            patroni: Patroni::NotManaged,
        };
        facts.own_settings_aside(&self.opening.datname);
        if role.is("sees_files") {
            facts.file_lines = Some(self.ask(FILE_LINES).await?.iter().map(file_line).collect());
        }
        as_for_others(&mut facts);
        if role.is("may_read") && (is_superuser || role.is("reads_server_files")) {
            facts.auto_conf = self.auto_conf().await?;
        }
        facts.records = quiet::records(&facts, &self.settable().await?);
        if wanted.reload {
            facts.reload = self.reload_facts(&facts, &role).await?;
        }
        if wanted.patroni {
            facts.patroni = self.patroni_of(&facts).await?;
        }
        Ok(facts)
    }

    async fn settings(&mut self) -> Result<BTreeMap<String, Setting>, ApplyError> {
        let rows = self.command(SETTINGS).await.map_err(|fault| ApplyError::Question(reason_of(fault)))?;
        Ok(rows.iter().map(setting).map(|setting| (setting.name.to_ascii_lowercase(), setting)).collect())
    }

    /// The file, of a role that may read it.
    async fn auto_conf(&mut self) -> Result<AutoConfFile, ApplyError> {
        match self.session.steady_query(AUTO_CONF).await {
            Ok(rows) => {
                let bytes = rows.first().and_then(|row| row.get("bytes")).and_then(bytes_of_hex);
                Ok(bytes.map_or_else(
                    || AutoConfFile::Failed("the server sent no content".to_owned()),
                    |bytes| AutoConfFile::of(&bytes),
                ))
            }
            Err(fault) => {
                fault.reason().map(AutoConfFile::Failed).map_err(|fault| ApplyError::Question(reason_of(fault)))
            }
        }
    }

    /// The parameters of [`quiet`] that the role may set for its session; asked once, and from 15 on.
    async fn settable(&mut self) -> Result<BTreeSet<String>, ApplyError> {
        if self.settable.is_none() {
            let is_granted = self.opening.version.major() >= 15;
            self.settable = Some(if is_granted { self.names(&quiet::settable()).await? } else { BTreeSet::new() });
        }
        Ok(self.settable.clone().unwrap_or_default())
    }

    pub(super) async fn names(&mut self, sql: &str) -> Result<BTreeSet<String>, ApplyError> {
        Ok(self.ask(sql).await?.iter().filter_map(|row| row.text("name")).collect())
    }

    async fn hosting(&mut self) -> Result<Option<String>, ApplyError> {
        let sql = System::SPEC.sql_for(self.opening.version.major(), false).unwrap_or_default();
        Ok(self.ask(sql).await?.first().and_then(|row| row.text("hosting")))
    }

    /// What Patroni says, where the server is its own or somebody said where it answers.
    async fn patroni_of(&mut self, facts: &Facts) -> Result<Patroni, ApplyError> {
        let looks = looks_managed(&facts.command_line());
        let Some(patroni) = &self.patroni else {
            return Ok(if looks { Patroni::Unseen } else { Patroni::NotManaged });
        };
        let identifier = self.opening.identity.system_identifier.clone();
        let patroni = patroni.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let node = patroni.check(identifier.as_deref().filter(|text| !text.is_empty()))?;
            Ok::<_, PatroniError>((patroni.fresh()?.1, node.patroni_version()))
        });
        let (dcs, version) = asked.await.map_err(|error| ApplyError::Question(error.to_string()))??;
        Ok(Patroni::Managed { dcs: Box::new(dcs), version })
    }
}

fn setting(row: &Answer) -> Setting {
    let text = |column| row.text(column).unwrap_or_default();
    Setting {
        name: text("name"),
        setting: text("setting"),
        shown: row.text("shown").unwrap_or_else(|| text("setting")),
        unit: row.text("unit"),
        context: text("context"),
        vartype: text("vartype"),
        source: Source::parse(&text("source")),
        min_val: row.text("min_val"),
        max_val: row.text("max_val"),
        enumvals: row.get("enumvals").and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default(),
        boot_val: row.text("boot_val"),
        sourcefile: row.text("sourcefile"),
        sourceline: row.get("sourceline").and_then(|text| text.parse().ok()),
        pending_restart: row.is("pending_restart"),
    }
}

/// This session names itself; what one has that does not is in the files.
fn as_for_others(facts: &mut Facts) {
    let is_it = |line: &&FileLine| line.applied && line.name.as_deref() == Some("application_name");
    let lines = facts.file_lines.as_deref().unwrap_or_default();
    let value = lines.iter().rev().find(is_it).and_then(|line| line.setting.clone()).unwrap_or_default();
    if let Some(setting) = facts.settings.get_mut("application_name") {
        *setting = Setting { setting: value.clone(), shown: value, source: Some(Source::Client), ..setting.clone() };
        (setting.sourcefile, setting.sourceline) = (None, None);
    }
}

fn override_of(row: &Answer) -> RoleSetting {
    RoleSetting { role: row.text("role"), database: row.text("database"), name: row.text("name").unwrap_or_default() }
}

pub(super) fn file_line(row: &Answer) -> FileLine {
    FileLine {
        file: row.text("file").unwrap_or_default(),
        line: row.get("line").and_then(|text| text.parse().ok()).unwrap_or_default(),
        name: row.text("name"),
        setting: row.text("setting"),
        applied: row.is("applied"),
        error: row.text("error"),
    }
}

/// The bytes that the server wrote with `encode(…, 'hex')`; none where the text is something else.
pub(super) fn bytes_of_hex(hex: &str) -> Option<Vec<u8>> {
    HEXLOWER.decode(hex.as_bytes()).ok()
}
