select pg_catalog.version() as version, pg_catalog.current_setting('server_version_num') as server_version_num,
       pg_catalog.pg_postmaster_start_time() as start_time, pg_catalog.pg_conf_load_time() as conf_load_time,
       pg_catalog.clock_timestamp() as server_time, pg_catalog.pg_is_in_recovery() as is_in_recovery,
       pg_catalog.current_database() as current_database, current_user,
       pg_catalog.current_setting('is_superuser') = 'on' as is_superuser,
       pg_catalog.current_setting('block_size') as block_size,
       pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size')) as wal_segment_size,
       pg_catalog.current_setting('server_encoding') as server_encoding,
       pg_catalog.current_setting('cluster_name') as cluster_name, s.time_zone,
       case when pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE')
            then pg_catalog.current_setting('data_directory') end as data_directory,
       case when pg_catalog.current_setting('is_superuser') = 'on' or b.is_plain then null
            when pg_catalog.to_regproc('pg_catalog.aurora_version') is not null then 'Amazon Aurora'
            when b.is_rds and pg_catalog.to_regrole('rds_superuser') is not null then 'Amazon RDS'
            when pg_catalog.to_regrole('alloydbsuperuser') is not null then 'AlloyDB'
            when pg_catalog.to_regrole('cloudsqlsuperuser') is not null then 'Google Cloud SQL'
            when pg_catalog.to_regrole('azure_pg_admin') is not null then 'Azure Database'
            when pg_catalog.to_regrole('supabase_admin') is not null then 'Supabase'
            when pg_catalog.to_regrole('neon_superuser') is not null then 'Neon' end as hosting
from (select pg_catalog.max(s.reset_val) as time_zone from pg_catalog.pg_settings s where s.name = 'TimeZone') s,
     (select coalesce(pg_catalog.bool_or(r.rolname = 'postgres' and r.rolsuper), false) as is_plain,
             coalesce(pg_catalog.bool_or(r.rolname = 'rdsadmin'), false) as is_rds
      from pg_catalog.pg_roles r where r.oid = 10) b
