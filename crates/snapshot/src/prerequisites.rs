//! Things that sections depend on and that a server may lack.

/// One row a prerequisite: its name, its version where installed, the schema of its objects, and the error if it
/// cannot be used. Run once, before the first section.
///
/// `pg_stat_statements` counts as there only if its view belongs to the extension: a view of that name that somebody
/// else made would run its owner's functions as the reader.
pub const SQL: &str = "
select 'pg_stat_statements' as name,
       e.extversion as version,
       n.nspname as schema,
       case when e.oid is null
              then 'the extension is not installed in database ' || pg_catalog.quote_ident(pg_catalog.current_database())
            when not pg_catalog.has_schema_privilege(n.oid, 'USAGE')
              then 'no USAGE privilege on schema ' || pg_catalog.quote_ident(n.nspname)
            when not exists (
              select from pg_catalog.pg_depend d
              where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.deptype = 'e' and d.refobjid = e.oid
                and d.objid = pg_catalog.to_regprocedure(
                      pg_catalog.quote_ident(n.nspname) || '.pg_stat_statements(boolean)')::pg_catalog.oid
                and pg_catalog.has_function_privilege(d.objid, 'EXECUTE'))
              then 'no EXECUTE privilege on function pg_stat_statements'
            when pg_catalog.current_setting('pg_stat_statements.max', true) is null
              then 'the library is not in shared_preload_libraries'
       end as error
from (select 1 as one) as always
left join pg_catalog.pg_extension e on e.extname = 'pg_stat_statements'
left join pg_catalog.pg_namespace n on n.oid = e.extnamespace
";

/// `1.10` as 110, the number that chooses a statement of an extension's section; `None` where it is no such version.
#[must_use]
pub fn extension_version(text: &str) -> Option<i64> {
    let (major, minor) = text.split_once('.')?;
    let (major, minor): (i64, i64) = (major.parse().ok()?, minor.parse().ok()?);
    (minor < 100).then_some(major * 100 + minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extension_versions_compare_as_numbers() {
        assert_eq!(extension_version("1.9"), Some(109));
        assert_eq!(extension_version("1.10"), Some(110));
        assert_eq!(extension_version("unpackaged"), None);
    }
}
