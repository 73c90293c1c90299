select name,
       case when source = 'session' then reset_val else setting end as setting,
       unit, context, vartype,
       nullif(source, 'session') as source,
       min_val, max_val, enumvals, boot_val, reset_val, sourcefile, sourceline, pending_restart
from pg_catalog.pg_settings
order by name
