//! What a reload reads besides the parameters: client authentication and TLS files, edited since the server last loaded them.

use pgdba_change::facts::{Facts, FileLine, ReloadFacts};
use pgdba_collector::Answer;

use super::Server;
use crate::error::ApplyError;

/// Each file with whether it was edited since. Relative names are below the data directory, as in the server.
const EDITED: &str = "\
select f.path, (pg_catalog.pg_stat_file(f.path, true)).modification > pg_catalog.pg_conf_load_time() as edited
from (select s.setting as path from pg_catalog.pg_settings s
      where s.name in ('hba_file', 'ident_file')
         or (pg_catalog.current_setting('ssl') = 'on'
             and s.name in ('ssl_cert_file', 'ssl_key_file', 'ssl_ca_file', 'ssl_crl_file'))) f
where f.path <> '' order by 1";

/// Whether one of the configuration files was edited since.
const CONFIGURATION_EDITED: &str = "\
select coalesce(bool_or((pg_catalog.pg_stat_file(f.path, true)).modification > pg_catalog.pg_conf_load_time()), false) as edited
from (select 'postgresql.auto.conf' as path
      union select s.sourcefile from pg_catalog.pg_file_settings s where s.sourcefile is not null) f";

/// What is wrong in pg_hba.conf, with the file's name where the version has it.
const HBA_ERRORS: &str = "\
select pg_catalog.current_setting('hba_file') as file, h.line_number as line, null as name, null as setting,
       false as applied, h.error
from pg_catalog.pg_hba_file_rules h where h.error is not null order by h.line_number";

/// The same of pg_ident.conf, from 15 on.
const IDENT_ERRORS: &str = "\
select pg_catalog.current_setting('ident_file') as file, i.line_number as line, null as name, null as setting,
       false as applied, i.error
from pg_catalog.pg_ident_file_mappings i where i.error is not null order by i.line_number";

impl Server {
    /// Asks for what the role may see; `role` says what that is.
    pub(super) async fn reload_facts(&mut self, facts: &Facts, role: &Answer) -> Result<ReloadFacts, ApplyError> {
        let mut found = ReloadFacts::default();
        if role.is("may_stat") && (facts.is_superuser || role.is("reads_server_files")) {
            let rows = self.ask(EDITED).await?;
            found.edited = rows.iter().filter(|row| row.is("edited")).filter_map(|row| row.text("path")).collect();
            if role.is("sees_files") {
                let rows = self.ask(CONFIGURATION_EDITED).await?;
                found.is_configuration_edited = rows.first().is_some_and(|row| row.is("edited"));
            }
            found.is_complete = true;
        }
        if role.is("sees_hba") {
            found.errors.extend(self.errors(HBA_ERRORS).await?);
        }
        if role.is("sees_ident") {
            found.errors.extend(self.errors(IDENT_ERRORS).await?);
        }
        Ok(found)
    }

    async fn errors(&mut self, sql: &str) -> Result<Vec<FileLine>, ApplyError> {
        Ok(self.ask(sql).await?.iter().map(super::facts::file_line).collect())
    }
}
