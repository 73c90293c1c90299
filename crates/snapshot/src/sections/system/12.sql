select pg_catalog.version() as version, pg_catalog.current_setting('server_version_num') as server_version_num,
       pg_catalog.pg_postmaster_start_time() as start_time, pg_catalog.pg_conf_load_time() as conf_load_time,
       pg_catalog.clock_timestamp() as server_time, pg_catalog.pg_is_in_recovery() as is_in_recovery,
       pg_catalog.current_database() as current_database, current_user,
       (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) as is_superuser,
       pg_catalog.current_setting('block_size') as block_size,
       pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size')) as wal_segment_size,
       pg_catalog.current_setting('server_encoding') as server_encoding,
       pg_catalog.current_setting('cluster_name') as cluster_name, s.time_zone, s.data_directory,
       case when pg_catalog.to_regproc('pg_catalog.aurora_version') is not null then 'Amazon Aurora'
            when h.roles @> array['rds_superuser'] then 'Amazon RDS'
            when h.roles @> array['alloydbsuperuser'] then 'AlloyDB'
            when h.roles @> array['cloudsqlsuperuser'] then 'Google Cloud SQL'
            when h.roles @> array['azure_pg_admin'] then 'Azure Database'
            when h.roles @> array['supabase_admin'] then 'Supabase'
            when h.roles @> array['neon_superuser'] then 'Neon' end as hosting
from (select array(select r.rolname::pg_catalog.text from pg_catalog.pg_roles r) as roles) h
cross join (select pg_catalog.max(s.reset_val) filter (where s.name = 'TimeZone') as time_zone,
                   pg_catalog.max(s.setting) filter (where s.name = 'data_directory') as data_directory
            from pg_catalog.pg_settings s) s
