select w.wal_files, w.wal_bytes, w.oldest_modification, a.archive_ready_files, a.oldest_archive_ready
from (select pg_catalog.count(*) as wal_files, pg_catalog.sum(f.size) as wal_bytes,
             pg_catalog.min(f.modification) as oldest_modification
      from pg_catalog.pg_ls_waldir() f
      where f.name ~ '^[0-9A-F]{24}$') w
cross join (select pg_catalog.count(*) as archive_ready_files, pg_catalog.min(f.modification) as oldest_archive_ready
            from pg_catalog.pg_ls_archive_statusdir() f
            where f.name like '%.ready') a
