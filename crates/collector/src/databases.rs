//! All databases of a cluster, one connection after another.

use std::collections::BTreeMap;

use pgdba_snapshot::SectionSpec;
use pgdba_snapshot::section::Partial;

use crate::fault::Fault;
use crate::missing::Missing;
use crate::run::Run;
use crate::sample::Sample;
use crate::section::Extent;

/// Databases that nobody can connect to, such as those of which DROP DATABASE was interrupted (`datconnlimit` -2), and those that managed services keep for themselves, hold nothing to check.
const DATABASES: &str = "\
select d.datname,
       case when not pg_catalog.has_database_privilege(d.oid, 'CONNECT') then 'no CONNECT privilege' end as refused
from pg_catalog.pg_database d
where not d.datistemplate and d.datallowconn and d.datconnlimit <> -2
  and not (d.datname in ('rdsadmin', 'cloudsqladmin', 'alloydbadmin', 'azure_maintenance')
           and not pg_catalog.has_database_privilege(d.oid, 'CONNECT'))
order by d.datname";

/// A database, and why it cannot be read.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    datname: String,
    refused: Option<Missing>,
}

/// One look at several sections, by the sections' names.
pub(crate) type Samples = BTreeMap<&'static str, Sample>;

impl Run<'_> {
    /// The databases to read: the session's own, or all that accept connections and are not templates.
    pub(crate) async fn databases(&mut self) -> Result<Vec<Database>, Fault> {
        let own = Database { datname: self.datname.clone(), refused: None };
        if !self.options.all_databases {
            return Ok(vec![own]);
        }
        let rows = self.session.query(DATABASES).await?;
        let database = |row: &crate::session::Answer| {
            Some(Database { datname: row.text("datname")?, refused: row.text("refused").map(Missing::Refused) })
        };
        Ok(rows.iter().filter_map(database).collect())
    }

    /// Reads each of `specs` in each of `databases`. A section that no database gave has no columns.
    pub(crate) async fn look_everywhere(
        &mut self,
        databases: &[Database],
        specs: &[&'static SectionSpec],
        extent: Extent,
    ) -> Result<Samples, Fault> {
        let mut samples: Samples = specs.iter().map(|spec| (spec.name, Sample::new())).collect();
        for database in databases {
            let refused = match &database.refused {
                Some(reason) => Err(reason.clone()),
                None => self.move_to(&database.datname).await?,
            };
            if refused.is_ok() {
                // Where all at once cannot be asked, each is asked alone.
                let _ = self.ask(specs).await?;
            }
            for spec in specs {
                let Some(sample) = samples.get_mut(spec.name) else { continue };
                let seen = match &refused {
                    Ok(()) => self.look(spec, extent, sample).await?,
                    Err(reason) => Err(reason.clone()),
                };
                if let Err(missing) = seen {
                    let error = missing.to_string();
                    sample.partial.push(Partial { datname: database.datname.clone(), error });
                }
            }
        }
        Ok(samples)
    }
}
