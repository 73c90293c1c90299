select sourcefile, sourceline, seqno, name, setting, applied, error
from pg_catalog.pg_file_settings
order by seqno
