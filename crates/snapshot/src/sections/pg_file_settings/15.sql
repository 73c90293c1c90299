select f.sourcefile, f.sourceline, f.seqno, f.name,
       case when 'NO_SHOW_ALL' <> all (pg_catalog.pg_settings_get_flags(f.name)) then f.setting end as setting,
       f.applied, f.error
from pg_catalog.pg_file_settings f
order by f.seqno
