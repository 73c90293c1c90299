select f.sourcefile, f.sourceline, f.seqno, f.name,
       case when case when f.name not like '%.%' and pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE')
                      then pg_catalog.current_setting(f.name, true) is not null
                      else pg_catalog.lower(f.name) in (select pg_catalog.lower(s.name) from pg_catalog.pg_settings s) end
            then f.setting end as setting,
       f.applied, f.error
from pg_catalog.pg_file_settings f
order by f.seqno
