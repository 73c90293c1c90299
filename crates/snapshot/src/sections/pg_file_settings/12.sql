select f.sourcefile, f.sourceline, f.seqno, f.name,
       case when pg_catalog.lower(f.name) in (select pg_catalog.lower(s.name) from pg_catalog.pg_settings s)
            then f.setting end as setting,
       f.applied, f.error
from pg_catalog.pg_file_settings f
order by f.seqno
