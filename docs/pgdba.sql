-- pgdba.sql 0.1.0: collects what a PostgreSQL server reports about itself into one JSON document.
--
-- Run it with psql 11 or newer against PostgreSQL 12 or newer:
--
--     psql -X -f pgdba.sql "host=db1 user=monitor dbname=shop" > snapshot.json
--
-- -X is required. Without it psql first runs your ~/.psqlrc, whose output can end up in the document. If > in your shell
-- writes UTF-16 (PowerShell 5), use "-o snapshot.json" instead of "> snapshot.json". psql reports errors on standard
-- error. If the connection is lost, the document is truncated, psql exits with 2, and pgdba refuses the document.
--
-- What it does: it reads one section after another, each in a short READ ONLY transaction with time limits and settings
-- that end with the transaction. It writes nothing, resets nothing, waits at most 0.1 s for a lock, and runs nothing on
-- your machine or the server's. Privileges are checked first, so missing ones leave no errors in the server log. If a
-- section cannot be read, the document contains the reason. Each statement contains the comment /* pgdba */, which is
-- also in the server log; by this comment the script leaves its own statements out of the document. If a superuser runs
-- it, pg_stat_statements does not track most of them.
--
-- What it never reads: rows of your tables, values and histogram bounds in statistics, bodies of functions and views,
-- comments, passwords, options of foreign servers and user mappings. Each section states what it masks, and how.
-- Review the document before it leaves the site: it is plain text.
--
-- Who can run it: any role. A member of pg_monitor sees more, a superuser sees everything.
-- It reads the cluster and the connected database; run it once for each further database.

-- How to read it: all sections below have the same structure. The transaction starts with the guards. A query (into
-- pgdba_available, pgdba_reason) determines whether this role can read the section, and what is hidden from it. Then
-- the query for this server version runs. Each row becomes one JSON array: r.oid::pg_catalog.int8 is written as a
-- number, ::pg_catalog.text as a string. If the query fails, the document contains the server's message, and the script
-- continues.

\set QUIET on
\set ECHO none
\set ECHO_HIDDEN off
\set ON_ERROR_STOP off
\set ON_ERROR_ROLLBACK off
\set AUTOCOMMIT on
\set SINGLELINE off
\set SINGLESTEP off
\unset FETCH_COUNT
\timing off
\pset format unaligned
\pset tuples_only on
\pset expanded off
\pset pager off
\pset null ''
\pset numericlocale off
\pset recordsep '\n'

\if :{?VERSION}
\else
\set ON_ERROR_STOP on
\pset this_script_needs_psql_11_or_newer
\endif

-- ---------------------------------------------------------------------------------------------------------------------
-- The guards
--
-- These settings precede every query, and end with its transaction. The search path prevents user functions and tables
-- from being used instead of the server's own. The time limits bound the load. The other settings make the output
-- independent of the settings of the role and the database.
-- ---------------------------------------------------------------------------------------------------------------------
\set pgdba_guards 'select /* pgdba */ pg_catalog.set_config(''search_path'', ''pg_catalog, pg_temp'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''client_min_messages'', ''error'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''lock_timeout'', ''100ms'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''idle_in_transaction_session_timeout'', ''10s'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''client_encoding'', ''UTF8'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''DateStyle'', ''ISO, YMD'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''IntervalStyle'', ''iso_8601'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''TimeZone'', ''UTC'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''bytea_output'', ''hex'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''extra_float_digits'', ''1'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''standard_conforming_strings'', ''on'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''quote_all_identifiers'', ''off'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''row_security'', ''off'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''work_mem'', ''32MB'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''jit'', ''off'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''max_parallel_workers_per_gather'', ''0'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''statement_timeout'', ''30s'', true)'

-- First words of statements, which reveal nothing, and the texts that the server shows instead of a hidden statement.
\set pgdba_verbs '(?i)^[[:space:]]*(abort|alter|alter_replication_slot|analyze|base_backup|begin|call|checkpoint|close|cluster|comment|commit|copy|create|create_replication_slot|deallocate|declare|delete|discard|do|drop|drop_replication_slot|end|execute|explain|fetch|grant|identify_system|import|insert|listen|load|lock|merge|move|notify|prepare|read_replication_slot|reassign|refresh|reindex|release|reset|revoke|rollback|savepoint|select|set|show|start_replication|table|timeline_history|truncate|update|upload_manifest|vacuum|values|with)[[:>:]]'
\set pgdba_no_statement ''''', ''<insufficient privilege>'', ''<command string not enabled>'', ''<backend information not available>'''

-- Parameters whose values are hidden, except whether they are set: they contain commands and connection strings.
\set pgdba_secret_settings '''archive_cleanup_command'', ''archive_command'', ''recovery_end_command'', ''restore_command'', ''ssl_passphrase_command'', ''primary_conninfo'''

-- What a log_line_prefix can contain: its escapes, and words that label them.
\set pgdba_prefix_words '%-?[0-9]*[[:alpha:]%]|[[:<:]](app|client|db|host|line|pid|qid|query_id|session|user|vxid|xid)[[:>:]]'

-- The server's clock, in milliseconds.
\set pgdba_now 'pg_catalog.to_json(pg_catalog.replace(pg_catalog.replace(pg_catalog.date_trunc(''milliseconds'', pg_catalog.clock_timestamp())::pg_catalog.text, '' '', ''T''), ''+00'', ''Z''))'

-- Why a section cannot be read, if this role lacks SELECT on a system catalog or view.
\set pgdba_refused '(select ''no SELECT privilege on pg_catalog.'' || pg_catalog.min(c.relname::pg_catalog.text)'
\set pgdba_refused :pgdba_refused ' from pg_catalog.pg_class c where c.relnamespace = ''pg_catalog''::pg_catalog.regnamespace'
\set pgdba_refused :pgdba_refused ' and c.relname = any (pg_catalog.string_to_array(:''pgdba_reads'', '' '')::pg_catalog.name[])'
\set pgdba_refused :pgdba_refused ' and not pg_catalog.has_any_column_privilege(c.oid, ''SELECT''))'

-- The reason of a section that failed: the server's message.
\set pgdba_explain 'select /* pgdba */ pg_catalog.to_json(pg_catalog.concat(:''LAST_ERROR_MESSAGE'', '' (SQLSTATE '', '
\set pgdba_explain :pgdba_explain ':''LAST_ERROR_SQLSTATE'', '')'')) as reason, ''false'' as available'

-- ---------------------------------------------------------------------------------------------------------------------
-- The server
--
-- Why:      its version selects the queries; its identifier, address and port identify the cluster.
-- Reads:    pg_database, pg_proc; settings; the identifier in the control file, if the role has the privilege.
-- ---------------------------------------------------------------------------------------------------------------------
\set pgdba_from_12 false
\set pgdba_collected_at null
\set pgdba_identity '{}'
\set pgdba_prereqs '[]'
\set pgdba_system_identifier ''
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
select /* pgdba */ pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 120000 as from_12,
       pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 130000 as from_13,
       pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 140000 as from_14,
       pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 150000 as from_15,
       pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 160000 as from_16,
       pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 170000 as from_17,
       pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 180000 as from_18,
       pg_catalog.current_setting('server_encoding') = 'SQL_ASCII' as is_sql_ascii,
       exists (select from pg_catalog.pg_database d where pg_catalog.pg_encoding_to_char(d.encoding)
                 <> pg_catalog.current_setting('server_encoding')) as is_mixed,
       pg_catalog.current_setting('pg_stat_statements.track', true) is not null
         and pg_catalog.current_setting('is_superuser') = 'on' as may_be_uncounted,
       ('off' = any (array[pg_catalog.current_setting('enable_bitmapscan'),
         pg_catalog.current_setting('enable_hashagg'),
         pg_catalog.current_setting('enable_hashjoin'),
         pg_catalog.current_setting('enable_indexonlyscan'),
         pg_catalog.current_setting('enable_indexscan'),
         pg_catalog.current_setting('enable_material'),
         pg_catalog.current_setting('enable_mergejoin'),
         pg_catalog.current_setting('enable_nestloop'),
         pg_catalog.current_setting('enable_seqscan'),
         pg_catalog.current_setting('enable_sort')])
         or pg_catalog.current_setting('random_page_cost')::pg_catalog.float8 > 20 * pg_catalog.current_setting('seq_page_cost')::pg_catalog.float8) as is_hampered,
       pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 130000
         and exists (select from pg_catalog.pg_proc p
                     where p.oid = pg_catalog.to_regprocedure('pg_catalog.pg_control_system()')
                       and pg_catalog.has_function_privilege(p.oid, 'EXECUTE')) as may_read_control
\gset pgdba_
commit /* pgdba */;

\if :pgdba_from_12
\else
\set ON_ERROR_STOP on
\pset the_server_is_older_than_PostgreSQL_12_or_refused_to_answer
\endif

\if :pgdba_from_15
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''stats_fetch_consistency'', ''none'', true)'
\endif
\if :pgdba_from_17
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''transaction_timeout'', ''40s'', true)'
\endif
-- Bytes of a database without an encoding are passed through; the reader of the document replaces invalid ones.
\if :pgdba_is_sql_ascii
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''client_encoding'', ''SQL_ASCII'', true)'
\endif
-- Planner methods that are disabled by settings of the role or the database are enabled for the queries.
\if :pgdba_is_hampered
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''enable_bitmapscan'', ''on'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''enable_hashagg'', ''on'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''enable_hashjoin'', ''on'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''enable_indexonlyscan'', ''on'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''enable_indexscan'', ''on'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''enable_material'', ''on'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''enable_mergejoin'', ''on'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''enable_nestloop'', ''on'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''enable_seqscan'', ''on'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''enable_sort'', ''on'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''seq_page_cost'', ''1'', true)'
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''random_page_cost'', ''4'', true)'
\endif
\if :pgdba_may_be_uncounted
\set pgdba_guards :pgdba_guards ', pg_catalog.set_config(''pg_stat_statements.track'', ''none'', true)'
\endif

\if :pgdba_may_read_control
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
select /* pgdba */ system_identifier::pg_catalog.text from pg_catalog.pg_control_system() \gset pgdba_
commit /* pgdba */;
\endif

begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
select /* pgdba */ :pgdba_now as collected_at,
       pg_catalog.json_build_object(
         'system_identifier', :'pgdba_system_identifier'::pg_catalog.text,
         'resolved_addr', pg_catalog.host(pg_catalog.inet_server_addr()),
         'resolved_port', pg_catalog.inet_server_port(),
         'config_host', :'HOST'::pg_catalog.text,
         'config_port', :'PORT'::pg_catalog.int4,
         'dat_id', (select d.oid::pg_catalog.int8 from pg_catalog.pg_database d
                    where d.datname = pg_catalog.current_database()),
         'server_version_num', pg_catalog.current_setting('server_version_num')::pg_catalog.int4) as identity
\gset pgdba_
commit /* pgdba */;

-- ---------------------------------------------------------------------------------------------------------------------
-- Extensions that sections depend on
--
-- Why: sections that require an extension are read only if it is installed and its functions belong to it.
-- ---------------------------------------------------------------------------------------------------------------------
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
select /* pgdba */ pg_catalog.json_agg(pg_catalog.json_build_object('name', p.name, 'available', p.error is null,
         'version', p.version, 'error', p.error)) as prereqs
from (
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
) as p
\gset pgdba_
commit /* pgdba */;
\set pgdba_pg_stat_statements_error 'could not determine whether the extension pg_stat_statements is installed'
\set pgdba_pg_stat_statements_version ''
\set pgdba_pg_stat_statements_number 0
\set pgdba_pg_stat_statements_schema ''
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
select /* pgdba */ coalesce(x.error, case when x.number is null
                              then pg_catalog.concat('unrecognized version "', x.version, '" of the extension') end, '') as error,
       coalesce(x.version, '') as version, coalesce(x.number, 0) as number, coalesce(x.schema, '') as schema,
       coalesce(x.number >= 107, false) as from_107,
       coalesce(x.number >= 108, false) as from_108,
       coalesce(x.number >= 109, false) as from_109,
       coalesce(x.number >= 110, false) as from_110,
       coalesce(x.number >= 111, false) as from_111,
       coalesce(x.number >= 112, false) as from_112
from (select p.*, case when p.version ~ '^[0-9]+[.][0-9]{1,2}$'
                       then pg_catalog.split_part(p.version, '.', 1)::pg_catalog.int4 * 100
                            + pg_catalog.split_part(p.version, '.', 2)::pg_catalog.int4 end as number
      from (
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
      ) as p where p.name = 'pg_stat_statements') as x
\gset pgdba_pg_stat_statements_
commit /* pgdba */;

\qecho '{"format":"pgdba.diag_snapshot","format_version":1,'
\qecho '"producer":{"name":"pgdba.sql","version":"0.1.0","via":"psql"},"collected_at":' :pgdba_collected_at ','
\qecho '"identity":' :pgdba_identity ','
\qecho '"prereqs":' :pgdba_prereqs ',"sampling":{"mode":"single","interval_seconds":null,"statements":1000},"sections":{'
\set pgdba_comma ''

-- ---------------------------------------------------------------------------------------------------------------------
-- system
--
-- The server: version, start time, role in replication, and the collector's connection.
--
-- Why:      Version, uptime and role determine which advice applies.
-- Reads:    pg_roles, pg_settings
-- Calls:    bool_or, clock_timestamp, current_database, current_setting, max, pg_conf_load_time, pg_has_role,
--           pg_is_in_recovery, pg_postmaster_start_time, pg_size_bytes, to_regproc, to_regrole, version
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"system":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_roles pg_settings'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["version","server_version_num","start_time","conf_load_time","server_time"'
\qecho ',"is_in_recovery","current_database","current_user","is_superuser","block_size"'
\qecho ',"wal_segment_size","server_encoding","cluster_name","time_zone","data_directory","hosting"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.version::pg_catalog.text, r.server_version_num::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.start_time::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.conf_load_time::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.server_time::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.is_in_recovery, r.current_database::pg_catalog.text, r.current_user::pg_catalog.text, r.is_superuser,
           r.block_size::pg_catalog.int8, r.wal_segment_size::pg_catalog.int8, r.server_encoding::pg_catalog.text,
           r.cluster_name::pg_catalog.text, r.time_zone::pg_catalog.text, r.data_directory::pg_catalog.text,
           r.hosting::pg_catalog.text
       )::pg_catalog.text
from (
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
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\if :pgdba_from_13

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_control_system
--
-- The control file: the identifier that `initdb` gave the cluster.
--
-- Why:      Identifies the cluster and its standbys.
-- Reads:    nothing
-- Calls:    pg_control_system
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_control_system":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads ''
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select coalesce((
select case when not pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
            then 'no EXECUTE privilege on function pg_control_system' end
       ),
         :pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["pg_control_version","catalog_version_no","system_identifier"'
\qecho ',"pg_control_last_modified"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pg_control_version::pg_catalog.int8, r.catalog_version_no::pg_catalog.int8,
           r.system_identifier::pg_catalog.text,
           pg_catalog.replace(pg_catalog.replace(r.pg_control_last_modified::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select pg_control_version, catalog_version_no, system_identifier, pg_control_last_modified
from pg_catalog.pg_control_system()
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\endif

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_settings
--
-- The configuration in force, with the source of each value.
-- Values that might contain a secret are masked: connection strings, commands, parameters of unknown extensions.
--
-- Why:      Most advice compares settings with counters.
-- Reads:    pg_settings
-- Calls:    nothing
-- Scope:    the whole cluster
-- Masks:    setting, boot_val, reset_val: hidden, except whether it is set, for connection strings, commands,
--           parameters with a dot in their name, values that contain a URL, and a log_line_prefix that contains
--           unrecognized words
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_settings":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_settings'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       (case when not pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE') then
           'membership in pg_read_all_settings is required to see all parameters, and the file and line of each value' end)::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["name","setting","unit","context","vartype","source","min_val","max_val","enumvals"'
\qecho ',"boot_val","reset_val","sourcefile","sourceline","pending_restart"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.name::pg_catalog.text,
           case when r.setting is null or r.setting in ('', '(disabled)') then r.setting
                when pg_catalog.lower(r.name) in (:pgdba_secret_settings)
                  or r.name like '%.%' or r.setting like '%://%'
                  or pg_catalog.lower(r.name) = 'log_line_prefix'
                    and pg_catalog.regexp_replace(r.setting, :'pgdba_prefix_words', ' ', 'gi')
                    ~ '[[:alnum:]_][[:alnum:]_]|[^[:ascii:]]' then '***'
                else r.setting end,
           r.unit::pg_catalog.text, r.context::pg_catalog.text, r.vartype::pg_catalog.text, r.source::pg_catalog.text,
           r.min_val::pg_catalog.text, r.max_val::pg_catalog.text, r.enumvals::pg_catalog.text[],
           case when r.boot_val is null or r.boot_val in ('', '(disabled)') then r.boot_val
                when pg_catalog.lower(r.name) in (:pgdba_secret_settings)
                  or r.name like '%.%' or r.boot_val like '%://%'
                  or pg_catalog.lower(r.name) = 'log_line_prefix'
                    and pg_catalog.regexp_replace(r.boot_val, :'pgdba_prefix_words', ' ', 'gi')
                    ~ '[[:alnum:]_][[:alnum:]_]|[^[:ascii:]]' then '***'
                else r.boot_val end,
           case when r.reset_val is null or r.reset_val in ('', '(disabled)') then r.reset_val
                when pg_catalog.lower(r.name) in (:pgdba_secret_settings)
                  or r.name like '%.%' or r.reset_val like '%://%'
                  or pg_catalog.lower(r.name) = 'log_line_prefix'
                    and pg_catalog.regexp_replace(r.reset_val, :'pgdba_prefix_words', ' ', 'gi')
                    ~ '[[:alnum:]_][[:alnum:]_]|[^[:ascii:]]' then '***'
                else r.reset_val end,
           r.sourcefile::pg_catalog.text, r.sourceline::pg_catalog.int8, r.pending_restart
       )::pg_catalog.text
from (
select name,
       case when source = 'session' then reset_val else setting end as setting,
       unit, context, vartype,
       nullif(source, 'session') as source,
       min_val, max_val, enumvals, boot_val, reset_val, sourcefile, sourceline, pending_restart
from pg_catalog.pg_settings
order by name
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_file_settings
--
-- The current content of the configuration files, including errors, whether or not it has been loaded.
-- Superusers only. Values are masked as in `pg_settings`.
--
-- Why:      Finds invalid and unloaded lines before the next restart does.
-- Reads:    pg_file_settings, pg_settings
-- Calls:    current_setting, lower, pg_has_role, pg_settings_get_flags
-- Scope:    the whole cluster
-- Masks:    setting: hidden, except whether it is set, for connection strings, commands, parameters with a dot in their
--           name, values that contain a URL, and a log_line_prefix that contains unrecognized words
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_file_settings":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_file_settings pg_settings'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select coalesce((
select case when not (pg_catalog.has_table_privilege('pg_catalog.pg_file_settings', 'SELECT')
                      and pg_catalog.has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE'))
            then 'no SELECT privilege on view pg_file_settings' end
       ),
         :pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_15
\qecho '"columns":["sourcefile","sourceline","seqno","name","setting","applied","error"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.sourcefile::pg_catalog.text, r.sourceline::pg_catalog.int8, r.seqno::pg_catalog.int8,
           r.name::pg_catalog.text,
           case when r.setting is null or r.setting in ('', '(disabled)') then r.setting
                when pg_catalog.lower(r.name) in (:pgdba_secret_settings)
                  or r.name like '%.%' or r.setting like '%://%'
                  or pg_catalog.lower(r.name) = 'log_line_prefix'
                    and pg_catalog.regexp_replace(r.setting, :'pgdba_prefix_words', ' ', 'gi')
                    ~ '[[:alnum:]_][[:alnum:]_]|[^[:ascii:]]' then '***'
                else r.setting end,
           r.applied, r.error::pg_catalog.text
       )::pg_catalog.text
from (
select f.sourcefile, f.sourceline, f.seqno, f.name,
       case when 'NO_SHOW_ALL' <> all (pg_catalog.pg_settings_get_flags(f.name)) then f.setting end as setting,
       f.applied, f.error
from pg_catalog.pg_file_settings f
order by f.seqno
) as r;
\elif :pgdba_from_12
\qecho '"columns":["sourcefile","sourceline","seqno","name","setting","applied","error"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.sourcefile::pg_catalog.text, r.sourceline::pg_catalog.int8, r.seqno::pg_catalog.int8,
           r.name::pg_catalog.text,
           case when r.setting is null or r.setting in ('', '(disabled)') then r.setting
                when pg_catalog.lower(r.name) in (:pgdba_secret_settings)
                  or r.name like '%.%' or r.setting like '%://%'
                  or pg_catalog.lower(r.name) = 'log_line_prefix'
                    and pg_catalog.regexp_replace(r.setting, :'pgdba_prefix_words', ' ', 'gi')
                    ~ '[[:alnum:]_][[:alnum:]_]|[^[:ascii:]]' then '***'
                else r.setting end,
           r.applied, r.error::pg_catalog.text
       )::pg_catalog.text
from (
select f.sourcefile, f.sourceline, f.seqno, f.name,
       case when case when f.name not like '%.%' and pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE')
                      then pg_catalog.current_setting(f.name, true) is not null
                      else pg_catalog.lower(f.name) in (select pg_catalog.lower(s.name) from pg_catalog.pg_settings s) end
            then f.setting end as setting,
       f.applied, f.error
from pg_catalog.pg_file_settings f
order by f.seqno
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_db_role_setting
--
-- Parameters set for a role, a database, or a role in a database: one row per parameter.
-- Values are masked as in `pg_settings`; those of parameters that the server does not know are masked completely.
--
-- Why:      Settings of roles and databases override the configuration files.
-- Reads:    pg_database, pg_db_role_setting, pg_settings
-- Calls:    lower, pg_get_userbyid, pg_settings_get_flags, split_part, strpos, substr, unnest
-- Scope:    the whole cluster
-- Masks:    setting: hidden, except whether it is set, for connection strings, commands, parameters with a dot in their
--           name, values that contain a URL, and a log_line_prefix that contains unrecognized words
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_db_role_setting":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_database pg_db_role_setting pg_settings'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_15
\qecho '"columns":["datname","rolname","name","setting"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.datname::pg_catalog.text, r.rolname::pg_catalog.text, r.name::pg_catalog.text,
           case when r.setting is null or r.setting in ('', '(disabled)') then r.setting
                when pg_catalog.lower(r.name) in (:pgdba_secret_settings)
                  or r.name like '%.%' or r.setting like '%://%'
                  or pg_catalog.lower(r.name) = 'log_line_prefix'
                    and pg_catalog.regexp_replace(r.setting, :'pgdba_prefix_words', ' ', 'gi')
                    ~ '[[:alnum:]_][[:alnum:]_]|[^[:ascii:]]' then '***'
                else r.setting end
       )::pg_catalog.text
from (
select d.datname, case when c.setrole <> 0 then pg_catalog.pg_get_userbyid(c.setrole) end as rolname,
       c.name, case when c.name not like '%.%' or 'NO_SHOW_ALL' <> all (pg_catalog.pg_settings_get_flags(c.name)) then c.setting else '***' end as setting
from (select s.setdatabase, s.setrole, pg_catalog.split_part(u.line, '=', 1) as name,
             pg_catalog.substr(u.line, pg_catalog.strpos(u.line, '=') + 1) as setting
      from pg_catalog.pg_db_role_setting s
      cross join lateral pg_catalog.unnest(s.setconfig) as u (line)) c
left join pg_catalog.pg_database d on d.oid = c.setdatabase
order by c.setdatabase, c.setrole, c.name
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","rolname","name","setting"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.datname::pg_catalog.text, r.rolname::pg_catalog.text, r.name::pg_catalog.text,
           case when r.setting is null or r.setting in ('', '(disabled)') then r.setting
                when pg_catalog.lower(r.name) in (:pgdba_secret_settings)
                  or r.name like '%.%' or r.setting like '%://%'
                  or pg_catalog.lower(r.name) = 'log_line_prefix'
                    and pg_catalog.regexp_replace(r.setting, :'pgdba_prefix_words', ' ', 'gi')
                    ~ '[[:alnum:]_][[:alnum:]_]|[^[:ascii:]]' then '***'
                else r.setting end
       )::pg_catalog.text
from (
select d.datname, case when c.setrole <> 0 then pg_catalog.pg_get_userbyid(c.setrole) end as rolname,
       c.name, case when c.name not like '%.%' or pg_catalog.lower(c.name) in (select pg_catalog.lower(s.name) from pg_catalog.pg_settings s) then c.setting else '***' end as setting
from (select s.setdatabase, s.setrole, pg_catalog.split_part(u.line, '=', 1) as name,
             pg_catalog.substr(u.line, pg_catalog.strpos(u.line, '=') + 1) as setting
      from pg_catalog.pg_db_role_setting s
      cross join lateral pg_catalog.unnest(s.setconfig) as u (line)) c
left join pg_catalog.pg_database d on d.oid = c.setdatabase
order by c.setdatabase, c.setrole, c.name
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_hba_file_rules
--
-- The lines of `pg_hba.conf` on disk, which might be newer than the loaded ones. Of options, only the names.
-- Superusers only.
--
-- Why:      Finds rules that allow anyone to connect, or that send passwords unencrypted.
-- Reads:    pg_hba_file_rules
-- Calls:    split_part, unnest
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_hba_file_rules":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_hba_file_rules'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select coalesce((
select case when not (pg_catalog.has_table_privilege('pg_catalog.pg_hba_file_rules', 'SELECT')
                      and pg_catalog.has_function_privilege('pg_catalog.pg_hba_file_rules()', 'EXECUTE'))
            then 'no SELECT privilege on view pg_hba_file_rules' end
       ),
         :pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_16
\qecho '"columns":["rule_number","file_name","line_number","connection_type","database","user_name"'
\qecho ',"address","netmask","auth_method","option_names","has_error"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.rule_number::pg_catalog.int8, r.file_name::pg_catalog.text, r.line_number::pg_catalog.int8,
           r.connection_type::pg_catalog.text, r.database::pg_catalog.text[], r.user_name::pg_catalog.text[],
           r.address::pg_catalog.text, r.netmask::pg_catalog.text, r.auth_method::pg_catalog.text,
           r.option_names::pg_catalog.text[], r.has_error
       )::pg_catalog.text
from (
select rule_number, file_name, line_number, type as connection_type, database, user_name, address, netmask,
       auth_method, array(select pg_catalog.split_part(o, '=', 1) from pg_catalog.unnest(options) o) as option_names,
       error is not null as has_error
from pg_catalog.pg_hba_file_rules
order by file_name, line_number
) as r;
\elif :pgdba_from_12
\qecho '"columns":["line_number","connection_type","database","user_name","address","netmask"'
\qecho ',"auth_method","option_names","has_error"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.line_number::pg_catalog.int8, r.connection_type::pg_catalog.text, r.database::pg_catalog.text[],
           r.user_name::pg_catalog.text[], r.address::pg_catalog.text, r.netmask::pg_catalog.text,
           r.auth_method::pg_catalog.text, r.option_names::pg_catalog.text[], r.has_error
       )::pg_catalog.text
from (
select line_number, type as connection_type, database, user_name, address, netmask, auth_method,
       array(select pg_catalog.split_part(o, '=', 1) from pg_catalog.unnest(options) o) as option_names,
       error is not null as has_error
from pg_catalog.pg_hba_file_rules
order by line_number
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_roles
--
-- Roles, except the predefined ones: attributes and memberships. Never a password, only its type, for roles that can
-- read `pg_authid`.
--
-- Why:      Finds roles with more privileges than necessary, and MD5 passwords.
-- Reads:    pg_auth_members, pg_authid, pg_roles
-- Calls:    left
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_roles":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_auth_members pg_roles'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (case when not pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') then :pgdba_refused end)::pg_catalog.text as reason,
       (case when not pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') then
           'superuser is required to see the type of each role''s password' end)::pg_catalog.text as hidden,
       pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_privileged
\qecho '"columns":["oid","rolname","rolsuper","rolinherit","rolcreaterole","rolcreatedb","rolcanlogin"'
\qecho ',"rolreplication","rolbypassrls","rolconnlimit","rolvaliduntil","member_of","password_kind"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.oid::pg_catalog.int8, r.rolname::pg_catalog.text, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb,
           r.rolcanlogin, r.rolreplication, r.rolbypassrls, r.rolconnlimit::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.rolvaliduntil::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.member_of::pg_catalog.text[], r.password_kind::pg_catalog.text
       )::pg_catalog.text
from (
select r.oid, r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication,
       r.rolbypassrls, r.rolconnlimit, r.rolvaliduntil,
       array(select distinct g.rolname from pg_catalog.pg_auth_members m
             join pg_catalog.pg_authid g on g.oid = m.roleid
             where m.member = r.oid order by g.rolname)::pg_catalog.text[] as member_of,
       case when r.rolpassword is null then 'none'
            when pg_catalog.left(r.rolpassword, 3) = 'md5' then 'md5'
            when pg_catalog.left(r.rolpassword, 3) = 'SCR' then 'scram-sha-256'
            else 'other' end as password_kind
from pg_catalog.pg_authid r
where r.oid = 10 or r.oid >= 16384
order by r.oid
) as r;
\else
\qecho '"columns":["oid","rolname","rolsuper","rolinherit","rolcreaterole","rolcreatedb","rolcanlogin"'
\qecho ',"rolreplication","rolbypassrls","rolconnlimit","rolvaliduntil","member_of","password_kind"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.oid::pg_catalog.int8, r.rolname::pg_catalog.text, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb,
           r.rolcanlogin, r.rolreplication, r.rolbypassrls, r.rolconnlimit::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.rolvaliduntil::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.member_of::pg_catalog.text[], r.password_kind::pg_catalog.text
       )::pg_catalog.text
from (
select r.oid, r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication,
       r.rolbypassrls, r.rolconnlimit, r.rolvaliduntil,
       array(select distinct g.rolname from pg_catalog.pg_auth_members m
             join pg_catalog.pg_roles g on g.oid = m.roleid
             where m.member = r.oid order by g.rolname)::pg_catalog.text[] as member_of,
       null::pg_catalog.text as password_kind
from pg_catalog.pg_roles r
where r.oid = 10 or r.oid >= 16384
order by r.oid
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_database
--
-- Every database: encoding, collation, ages, connection limit.
--
-- Why:      Transaction ID age, encoding and collation are per database.
-- Reads:    pg_database
-- Calls:    age, mxid_age, pg_database_collation_actual_version, pg_encoding_to_char, pg_get_userbyid
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_database":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_database'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_17
\qecho '"columns":["oid","datname","owner","encoding","datlocprovider","datcollate","datctype"'
\qecho ',"datlocale","datcollversion","actual_version","datistemplate","datallowconn","datconnlimit"'
\qecho ',"datfrozenxid_age","datminmxid_age"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.oid::pg_catalog.int8, r.datname::pg_catalog.text, r.owner::pg_catalog.text, r.encoding::pg_catalog.text,
           r.datlocprovider::pg_catalog.text, r.datcollate::pg_catalog.text, r.datctype::pg_catalog.text,
           r.datlocale::pg_catalog.text, r.datcollversion::pg_catalog.text, r.actual_version::pg_catalog.text,
           r.datistemplate, r.datallowconn, r.datconnlimit::pg_catalog.int8, r.datfrozenxid_age::pg_catalog.int8,
           r.datminmxid_age::pg_catalog.int8
       )::pg_catalog.text
from (
select d.oid, d.datname, pg_catalog.pg_get_userbyid(d.datdba) as owner,
       pg_catalog.pg_encoding_to_char(d.encoding) as encoding, d.datlocprovider,
       d.datcollate, d.datctype, d.datlocale, d.datcollversion,
       pg_catalog.pg_database_collation_actual_version(d.oid) as actual_version, d.datistemplate, d.datallowconn,
       d.datconnlimit, pg_catalog.age(d.datfrozenxid) as datfrozenxid_age,
       pg_catalog.mxid_age(d.datminmxid) as datminmxid_age
from pg_catalog.pg_database d
order by d.oid
) as r;
\elif :pgdba_from_15
\qecho '"columns":["oid","datname","owner","encoding","datlocprovider","datcollate","datctype"'
\qecho ',"datlocale","datcollversion","actual_version","datistemplate","datallowconn","datconnlimit"'
\qecho ',"datfrozenxid_age","datminmxid_age"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.oid::pg_catalog.int8, r.datname::pg_catalog.text, r.owner::pg_catalog.text, r.encoding::pg_catalog.text,
           r.datlocprovider::pg_catalog.text, r.datcollate::pg_catalog.text, r.datctype::pg_catalog.text,
           r.datlocale::pg_catalog.text, r.datcollversion::pg_catalog.text, r.actual_version::pg_catalog.text,
           r.datistemplate, r.datallowconn, r.datconnlimit::pg_catalog.int8, r.datfrozenxid_age::pg_catalog.int8,
           r.datminmxid_age::pg_catalog.int8
       )::pg_catalog.text
from (
select d.oid, d.datname, pg_catalog.pg_get_userbyid(d.datdba) as owner,
       pg_catalog.pg_encoding_to_char(d.encoding) as encoding, d.datlocprovider,
       d.datcollate, d.datctype, d.daticulocale as datlocale, d.datcollversion,
       pg_catalog.pg_database_collation_actual_version(d.oid) as actual_version, d.datistemplate, d.datallowconn,
       d.datconnlimit, pg_catalog.age(d.datfrozenxid) as datfrozenxid_age,
       pg_catalog.mxid_age(d.datminmxid) as datminmxid_age
from pg_catalog.pg_database d
order by d.oid
) as r;
\elif :pgdba_from_12
\qecho '"columns":["oid","datname","owner","encoding","datcollate","datctype","datistemplate"'
\qecho ',"datallowconn","datconnlimit","datfrozenxid_age","datminmxid_age"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.oid::pg_catalog.int8, r.datname::pg_catalog.text, r.owner::pg_catalog.text, r.encoding::pg_catalog.text,
           r.datcollate::pg_catalog.text, r.datctype::pg_catalog.text, r.datistemplate, r.datallowconn,
           r.datconnlimit::pg_catalog.int8, r.datfrozenxid_age::pg_catalog.int8, r.datminmxid_age::pg_catalog.int8
       )::pg_catalog.text
from (
select d.oid, d.datname, pg_catalog.pg_get_userbyid(d.datdba) as owner,
       pg_catalog.pg_encoding_to_char(d.encoding) as encoding, d.datcollate,
       d.datctype, d.datistemplate, d.datallowconn, d.datconnlimit,
       pg_catalog.age(d.datfrozenxid) as datfrozenxid_age, pg_catalog.mxid_age(d.datminmxid) as datminmxid_age
from pg_catalog.pg_database d
order by d.oid
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_tablespace
--
-- Tablespaces and their planner costs.
--
-- Why:      A tablespace can be on other storage, with its own planner costs.
-- Reads:    pg_tablespace
-- Calls:    pg_get_userbyid
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_tablespace":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_tablespace'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["oid","spcname","owner","spcoptions"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.oid::pg_catalog.int8, r.spcname::pg_catalog.text, r.owner::pg_catalog.text, r.spcoptions::pg_catalog.text[]
       )::pg_catalog.text
from (
select t.oid, t.spcname, pg_catalog.pg_get_userbyid(t.spcowner) as owner, t.spcoptions
from pg_catalog.pg_tablespace t
order by t.oid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_activity
--
-- What every process of the server was doing at the time of collection. The collector's session is left out.
-- Query texts do not contain literals or comments.
--
-- Why:      Finds sessions that are idle in a transaction, and shows how many connection slots are in use.
-- Reads:    pg_database
-- Calls:    age, current_setting, host, octet_length, pg_backend_pid, pg_get_userbyid, pg_size_bytes,
--           pg_stat_get_activity
-- Scope:    the whole cluster
-- Masks:    application_name: hidden if it contains a URL
-- Masks:    query_id: null for utility statements, and if the text is hidden or contains several statements
-- Masks:    query: only the first word is kept, and the texts of autovacuum
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_activity":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_database'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       (case when not pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') then
           'membership in pg_read_all_stats is required to see the sessions and statements of other roles' end)::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_14
\qecho '"columns":["pid","leader_pid","datid","datname","usesysid","usename","application_name"'
\qecho ',"client_addr","backend_start","xact_start","query_start","state_change","wait_event_type"'
\qecho ',"wait_event","state","backend_xid_age","backend_xmin_age","query_id","backend_type","query"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.leader_pid::pg_catalog.int8, r.datid::pg_catalog.int8, r.datname::pg_catalog.text,
           r.usesysid::pg_catalog.int8, r.usename::pg_catalog.text,
           case when r.application_name like '%://%' then '***' else r.application_name end,
           r.client_addr::pg_catalog.text,
           pg_catalog.replace(pg_catalog.replace(r.backend_start::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.xact_start::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.query_start::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.state_change::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.wait_event_type::pg_catalog.text, r.wait_event::pg_catalog.text, r.state::pg_catalog.text,
           r.backend_xid_age::pg_catalog.int8, r.backend_xmin_age::pg_catalog.int8,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.query_id::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           r.backend_type::pg_catalog.text,
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~ '^autovacuum: (VACUUM|ANALYZE|VACUUM ANALYZE|BRIN summarize) [[:alnum:]_.$-]+( [0-9]+)?( [(]to prevent wraparound[)])?$' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t)
       )::pg_catalog.text
from (
select pid, leader_pid, datid, d.datname, usesysid, pg_catalog.pg_get_userbyid(usesysid) as usename,
       application_name, pg_catalog.host(client_addr) as client_addr,
       backend_start, xact_start, query_start, state_change, wait_event_type, wait_event, state,
       pg_catalog.age(backend_xid) as backend_xid_age,
       pg_catalog.age(backend_xmin) as backend_xmin_age,
       case when pg_catalog.octet_length(query)
                   < pg_catalog.pg_size_bytes(pg_catalog.current_setting('track_activity_query_size')) - 4
            then query_id end as query_id,
       backend_type, query
from pg_catalog.pg_stat_get_activity(null) s
left join pg_catalog.pg_database d on d.oid = s.datid
where pid <> pg_catalog.pg_backend_pid()
order by pid
) as r;
\elif :pgdba_from_13
\qecho '"columns":["pid","leader_pid","datid","datname","usesysid","usename","application_name"'
\qecho ',"client_addr","backend_start","xact_start","query_start","state_change","wait_event_type"'
\qecho ',"wait_event","state","backend_xid_age","backend_xmin_age","backend_type","query"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.leader_pid::pg_catalog.int8, r.datid::pg_catalog.int8, r.datname::pg_catalog.text,
           r.usesysid::pg_catalog.int8, r.usename::pg_catalog.text,
           case when r.application_name like '%://%' then '***' else r.application_name end,
           r.client_addr::pg_catalog.text,
           pg_catalog.replace(pg_catalog.replace(r.backend_start::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.xact_start::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.query_start::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.state_change::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.wait_event_type::pg_catalog.text, r.wait_event::pg_catalog.text, r.state::pg_catalog.text,
           r.backend_xid_age::pg_catalog.int8, r.backend_xmin_age::pg_catalog.int8, r.backend_type::pg_catalog.text,
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~ '^autovacuum: (VACUUM|ANALYZE|VACUUM ANALYZE|BRIN summarize) [[:alnum:]_.$-]+( [0-9]+)?( [(]to prevent wraparound[)])?$' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t)
       )::pg_catalog.text
from (
select pid, leader_pid, datid, d.datname, usesysid, pg_catalog.pg_get_userbyid(usesysid) as usename,
       application_name, pg_catalog.host(client_addr) as client_addr,
       backend_start, xact_start, query_start, state_change, wait_event_type, wait_event, state,
       pg_catalog.age(backend_xid) as backend_xid_age,
       pg_catalog.age(backend_xmin) as backend_xmin_age,
       backend_type, query
from pg_catalog.pg_stat_get_activity(null) s
left join pg_catalog.pg_database d on d.oid = s.datid
where pid <> pg_catalog.pg_backend_pid()
order by pid
) as r;
\elif :pgdba_from_12
\qecho '"columns":["pid","datid","datname","usesysid","usename","application_name","client_addr"'
\qecho ',"backend_start","xact_start","query_start","state_change","wait_event_type","wait_event"'
\qecho ',"state","backend_xid_age","backend_xmin_age","backend_type","query"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.datid::pg_catalog.int8, r.datname::pg_catalog.text, r.usesysid::pg_catalog.int8,
           r.usename::pg_catalog.text, case when r.application_name like '%://%' then '***' else r.application_name end,
           r.client_addr::pg_catalog.text,
           pg_catalog.replace(pg_catalog.replace(r.backend_start::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.xact_start::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.query_start::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.state_change::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.wait_event_type::pg_catalog.text, r.wait_event::pg_catalog.text, r.state::pg_catalog.text,
           r.backend_xid_age::pg_catalog.int8, r.backend_xmin_age::pg_catalog.int8, r.backend_type::pg_catalog.text,
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~ '^autovacuum: (VACUUM|ANALYZE|VACUUM ANALYZE|BRIN summarize) [[:alnum:]_.$-]+( [0-9]+)?( [(]to prevent wraparound[)])?$' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t)
       )::pg_catalog.text
from (
select pid, datid, d.datname, usesysid, pg_catalog.pg_get_userbyid(usesysid) as usename,
       application_name, pg_catalog.host(client_addr) as client_addr,
       backend_start, xact_start, query_start, state_change, wait_event_type, wait_event, state,
       pg_catalog.age(backend_xid) as backend_xid_age,
       pg_catalog.age(backend_xmin) as backend_xmin_age,
       backend_type, query
from pg_catalog.pg_stat_get_activity(null) s
left join pg_catalog.pg_database d on d.oid = s.datid
where pid <> pg_catalog.pg_backend_pid()
order by pid
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_locks
--
-- Sessions that wait for a lock, the sessions that block them, all locks on the objects they wait for, and the tuple
-- locks they hold: a session that waits for a row waits for the transaction that changed it, and its tuple lock
-- identifies the row. Also the transaction ids of prepared transactions, which identify their other locks.
-- A delta also reads it every second, at most sixty times.
--
-- Why:      Finds blocking sessions.
-- Reads:    pg_locks
-- Calls:    concat_ws, pg_backend_pid, pg_blocking_pids
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_locks":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_locks'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_14
\qecho '"columns":["pid","locktype","database","relation","catalog","page","tuple","virtualxid"'
\qecho ',"transactionid","classid","objid","objsubid","virtualtransaction","mode","granted","fastpath"'
\qecho ',"waitstart","blocked_by"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.locktype::pg_catalog.text, r.database::pg_catalog.int8,
           r.relation::pg_catalog.int8, r.catalog::pg_catalog.text, r.page::pg_catalog.int8, r.tuple::pg_catalog.int8,
           r.virtualxid::pg_catalog.text, r.transactionid::pg_catalog.text, r.classid::pg_catalog.int8,
           r.objid::pg_catalog.int8, r.objsubid::pg_catalog.int8, r.virtualtransaction::pg_catalog.text,
           r.mode::pg_catalog.text, r.granted, r.fastpath,
           pg_catalog.replace(pg_catalog.replace(r.waitstart::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.blocked_by::pg_catalog.int8[]
       )::pg_catalog.text
from (
with keyed as materialized (
  select l.*, pg_catalog.concat_ws('/', l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid,
                                  l.transactionid, l.classid, l.objid, l.objsubid) as object
  from pg_catalog.pg_locks l
  where l.pid is distinct from pg_catalog.pg_backend_pid()
), waiting as materialized (
  select d.pid, pg_catalog.pg_blocking_pids(d.pid) as blocked_by
  from (select distinct q.pid from keyed q where not q.granted) d
)
select l.pid, l.locktype, l.database, l.relation,
       case when l.relation < 16384 then l.relation::pg_catalog.regclass::pg_catalog.text end as catalog,
       l.page, l.tuple, l.virtualxid, l.transactionid, l.classid, l.objid, l.objsubid, l.virtualtransaction, l.mode, l.granted, l.fastpath, l.waitstart,
       case when not l.granted then w.blocked_by end as blocked_by
from keyed l
left join waiting w on w.pid = l.pid
where l.object in (select q.object from keyed q where not q.granted)
   or l.locktype = 'tuple' and w.pid is not null
   or l.locktype = 'transactionid' and l.pid is null
order by l.pid, l.granted, l.object, l.mode
) as r;
\elif :pgdba_from_12
\qecho '"columns":["pid","locktype","database","relation","catalog","page","tuple","virtualxid"'
\qecho ',"transactionid","classid","objid","objsubid","virtualtransaction","mode","granted","fastpath"'
\qecho ',"blocked_by"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.locktype::pg_catalog.text, r.database::pg_catalog.int8,
           r.relation::pg_catalog.int8, r.catalog::pg_catalog.text, r.page::pg_catalog.int8, r.tuple::pg_catalog.int8,
           r.virtualxid::pg_catalog.text, r.transactionid::pg_catalog.text, r.classid::pg_catalog.int8,
           r.objid::pg_catalog.int8, r.objsubid::pg_catalog.int8, r.virtualtransaction::pg_catalog.text,
           r.mode::pg_catalog.text, r.granted, r.fastpath, r.blocked_by::pg_catalog.int8[]
       )::pg_catalog.text
from (
with keyed as materialized (
  select l.*, pg_catalog.concat_ws('/', l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid,
                                  l.transactionid, l.classid, l.objid, l.objsubid) as object
  from pg_catalog.pg_locks l
  where l.pid is distinct from pg_catalog.pg_backend_pid()
), waiting as materialized (
  select d.pid, pg_catalog.pg_blocking_pids(d.pid) as blocked_by
  from (select distinct q.pid from keyed q where not q.granted) d
)
select l.pid, l.locktype, l.database, l.relation,
       case when l.relation < 16384 then l.relation::pg_catalog.regclass::pg_catalog.text end as catalog,
       l.page, l.tuple, l.virtualxid, l.transactionid, l.classid, l.objid, l.objsubid, l.virtualtransaction, l.mode, l.granted, l.fastpath, case when not l.granted then w.blocked_by end as blocked_by
from keyed l
left join waiting w on w.pid = l.pid
where l.object in (select q.object from keyed q where not q.granted)
   or l.locktype = 'tuple' and w.pid is not null
   or l.locktype = 'transactionid' and l.pid is null
order by l.pid, l.granted, l.object, l.mode
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- lock_counts
--
-- Locks that processes hold or await, counted by kind and mode: `pg_locks` itself is kept only of what someone waits
-- for.
-- Locks of processes on their own virtual transaction id and predicate locks of serializable transactions are left out.
--
-- Why:      Shows sessions that hold many or strong locks, and how full the lock table is.
-- Reads:    pg_locks
-- Calls:    concat_ws, count, pg_backend_pid
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"lock_counts":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_locks'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["pid","locktype","mode","granted","fastpath","locks","locked_objects"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.locktype::pg_catalog.text, r.mode::pg_catalog.text, r.granted, r.fastpath,
           r.locks::pg_catalog.int8, r.locked_objects::pg_catalog.int8
       )::pg_catalog.text
from (
with l as materialized (
  select k.pid, k.locktype, k.mode, k.granted, k.fastpath,
         pg_catalog.concat_ws('/', k.locktype, k.database, k.relation, k.page, k.tuple, k.transactionid, k.classid, k.objid,
                             k.objsubid) as object
  from pg_catalog.pg_locks k
  where k.pid is distinct from pg_catalog.pg_backend_pid()
    and k.locktype <> 'virtualxid'
    and k.mode <> 'SIReadLock'
), t as materialized (
  select pg_catalog.count(*) as locked_objects
  from (select distinct s.object from l s where not s.fastpath) d
)
select l.pid, l.locktype, l.mode, l.granted, l.fastpath, pg_catalog.count(*) as locks, t.locked_objects
from l
cross join t
group by l.pid, l.locktype, l.mode, l.granted, l.fastpath, t.locked_objects
order by l.pid, l.locktype, l.mode, l.granted, l.fastpath
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_prepared_xacts
--
-- Transactions prepared for two-phase commit. They hold locks and the xmin horizon without a session.
--
-- Why:      Forgotten prepared transactions prevent VACUUM from removing dead rows.
-- Reads:    pg_database
-- Calls:    age, pg_get_userbyid, pg_prepared_xact
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_prepared_xacts":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_database'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["transactionid","transaction_age","prepared","owner","database"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.transactionid::pg_catalog.text, r.transaction_age::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.prepared::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.owner::pg_catalog.text, r.database::pg_catalog.text
       )::pg_catalog.text
from (
select p.transaction::pg_catalog.text as transactionid, pg_catalog.age(p.transaction) as transaction_age,
       p.prepared, pg_catalog.pg_get_userbyid(p.ownerid) as owner, d.datname as database
from pg_catalog.pg_prepared_xact() p
left join pg_catalog.pg_database d on d.oid = p.dbid
order by p.prepared, p.transaction::pg_catalog.text
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_ssl
--
-- Which connections are encrypted, and how. The collector's connection is left out. Certificates are not included.
--
-- Why:      Finds unencrypted connections.
-- Reads:    pg_stat_ssl
-- Calls:    pg_backend_pid
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_ssl":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_ssl'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       (case when not pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') then
           'membership in pg_read_all_stats is required to see the sessions and statements of other roles' end)::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["pid","ssl","version","cipher","bits"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.ssl, r.version::pg_catalog.text, r.cipher::pg_catalog.text, r.bits::pg_catalog.int8
       )::pg_catalog.text
from (
select pid, ssl, version, cipher, bits
from pg_catalog.pg_stat_ssl
where pid <> pg_catalog.pg_backend_pid()
order by pid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_progress_vacuum
--
-- Each running VACUUM, manual or by autovacuum; VACUUM FULL is in `pg_stat_progress_cluster`.
--
-- Why:      Shows the progress of VACUUM, and how often it has scanned the indexes.
-- Reads:    pg_stat_progress_vacuum
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_progress_vacuum":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_progress_vacuum'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       (case when not pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') then
           'membership in pg_read_all_stats is required to see the sessions and statements of other roles' end)::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_18
\qecho '"columns":["pid","datid","relid","phase","heap_blks_total","heap_blks_scanned"'
\qecho ',"heap_blks_vacuumed","index_vacuum_count","max_dead_tuple_bytes","dead_tuple_bytes"'
\qecho ',"num_dead_item_ids","indexes_total","indexes_processed","delay_time"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.datid::pg_catalog.int8, r.relid::pg_catalog.int8, r.phase::pg_catalog.text,
           r.heap_blks_total::pg_catalog.int8, r.heap_blks_scanned::pg_catalog.int8,
           r.heap_blks_vacuumed::pg_catalog.int8, r.index_vacuum_count::pg_catalog.int8,
           r.max_dead_tuple_bytes::pg_catalog.int8, r.dead_tuple_bytes::pg_catalog.int8,
           r.num_dead_item_ids::pg_catalog.int8, r.indexes_total::pg_catalog.int8, r.indexes_processed::pg_catalog.int8,
           r.delay_time
       )::pg_catalog.text
from (
select pid, datid, relid, phase, heap_blks_total, heap_blks_scanned, heap_blks_vacuumed, index_vacuum_count,
       max_dead_tuple_bytes, dead_tuple_bytes, num_dead_item_ids, indexes_total, indexes_processed, delay_time
from pg_catalog.pg_stat_progress_vacuum
order by pid
) as r;
\elif :pgdba_from_17
\qecho '"columns":["pid","datid","relid","phase","heap_blks_total","heap_blks_scanned"'
\qecho ',"heap_blks_vacuumed","index_vacuum_count","max_dead_tuple_bytes","dead_tuple_bytes"'
\qecho ',"num_dead_item_ids","indexes_total","indexes_processed"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.datid::pg_catalog.int8, r.relid::pg_catalog.int8, r.phase::pg_catalog.text,
           r.heap_blks_total::pg_catalog.int8, r.heap_blks_scanned::pg_catalog.int8,
           r.heap_blks_vacuumed::pg_catalog.int8, r.index_vacuum_count::pg_catalog.int8,
           r.max_dead_tuple_bytes::pg_catalog.int8, r.dead_tuple_bytes::pg_catalog.int8,
           r.num_dead_item_ids::pg_catalog.int8, r.indexes_total::pg_catalog.int8, r.indexes_processed::pg_catalog.int8
       )::pg_catalog.text
from (
select pid, datid, relid, phase, heap_blks_total, heap_blks_scanned, heap_blks_vacuumed, index_vacuum_count,
       max_dead_tuple_bytes, dead_tuple_bytes, num_dead_item_ids, indexes_total, indexes_processed
from pg_catalog.pg_stat_progress_vacuum
order by pid
) as r;
\elif :pgdba_from_12
\qecho '"columns":["pid","datid","relid","phase","heap_blks_total","heap_blks_scanned"'
\qecho ',"heap_blks_vacuumed","index_vacuum_count","max_dead_tuples","num_dead_tuples"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.datid::pg_catalog.int8, r.relid::pg_catalog.int8, r.phase::pg_catalog.text,
           r.heap_blks_total::pg_catalog.int8, r.heap_blks_scanned::pg_catalog.int8,
           r.heap_blks_vacuumed::pg_catalog.int8, r.index_vacuum_count::pg_catalog.int8,
           r.max_dead_tuples::pg_catalog.int8, r.num_dead_tuples::pg_catalog.int8
       )::pg_catalog.text
from (
select pid, datid, relid, phase, heap_blks_total, heap_blks_scanned, heap_blks_vacuumed, index_vacuum_count,
       max_dead_tuples, num_dead_tuples
from pg_catalog.pg_stat_progress_vacuum
order by pid
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\if :pgdba_from_13

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_progress_analyze
--
-- Each running ANALYZE, manual or by autovacuum.
--
-- Why:      Shows the progress of a long-running command.
-- Reads:    pg_stat_progress_analyze
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_progress_analyze":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_progress_analyze'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       (case when not pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') then
           'membership in pg_read_all_stats is required to see the sessions and statements of other roles' end)::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_18
\qecho '"columns":["pid","datid","relid","phase","sample_blks_total","sample_blks_scanned"'
\qecho ',"ext_stats_total","ext_stats_computed","child_tables_total","child_tables_done"'
\qecho ',"current_child_table_relid","delay_time"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.datid::pg_catalog.int8, r.relid::pg_catalog.int8, r.phase::pg_catalog.text,
           r.sample_blks_total::pg_catalog.int8, r.sample_blks_scanned::pg_catalog.int8,
           r.ext_stats_total::pg_catalog.int8, r.ext_stats_computed::pg_catalog.int8,
           r.child_tables_total::pg_catalog.int8, r.child_tables_done::pg_catalog.int8,
           r.current_child_table_relid::pg_catalog.int8, r.delay_time
       )::pg_catalog.text
from (
select pid, datid, relid, phase, sample_blks_total, sample_blks_scanned, ext_stats_total, ext_stats_computed,
       child_tables_total, child_tables_done, current_child_table_relid, delay_time
from pg_catalog.pg_stat_progress_analyze
order by pid
) as r;
\elif :pgdba_from_13
\qecho '"columns":["pid","datid","relid","phase","sample_blks_total","sample_blks_scanned"'
\qecho ',"ext_stats_total","ext_stats_computed","child_tables_total","child_tables_done"'
\qecho ',"current_child_table_relid"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.datid::pg_catalog.int8, r.relid::pg_catalog.int8, r.phase::pg_catalog.text,
           r.sample_blks_total::pg_catalog.int8, r.sample_blks_scanned::pg_catalog.int8,
           r.ext_stats_total::pg_catalog.int8, r.ext_stats_computed::pg_catalog.int8,
           r.child_tables_total::pg_catalog.int8, r.child_tables_done::pg_catalog.int8,
           r.current_child_table_relid::pg_catalog.int8
       )::pg_catalog.text
from (
select pid, datid, relid, phase, sample_blks_total, sample_blks_scanned, ext_stats_total, ext_stats_computed,
       child_tables_total, child_tables_done, current_child_table_relid
from pg_catalog.pg_stat_progress_analyze
order by pid
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\endif

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_progress_create_index
--
-- Each running CREATE INDEX and REINDEX.
--
-- Why:      Shows the progress of index builds, so that an index that is being built is not reported as invalid.
-- Reads:    pg_stat_progress_create_index
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_progress_create_index":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_progress_create_index'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       (case when not pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') then
           'membership in pg_read_all_stats is required to see the sessions and statements of other roles' end)::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["pid","datid","relid","index_relid","command","phase","lockers_total","lockers_done"'
\qecho ',"current_locker_pid","blocks_total","blocks_done","tuples_total","tuples_done"'
\qecho ',"partitions_total","partitions_done"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.datid::pg_catalog.int8, r.relid::pg_catalog.int8, r.index_relid::pg_catalog.int8,
           r.command::pg_catalog.text, r.phase::pg_catalog.text, r.lockers_total::pg_catalog.int8,
           r.lockers_done::pg_catalog.int8, r.current_locker_pid::pg_catalog.int8, r.blocks_total::pg_catalog.int8,
           r.blocks_done::pg_catalog.int8, r.tuples_total::pg_catalog.int8, r.tuples_done::pg_catalog.int8,
           r.partitions_total::pg_catalog.int8, r.partitions_done::pg_catalog.int8
       )::pg_catalog.text
from (
select pid, datid, relid, index_relid, command, phase, lockers_total, lockers_done, current_locker_pid, blocks_total,
       blocks_done, tuples_total, tuples_done, partitions_total, partitions_done
from pg_catalog.pg_stat_progress_create_index
order by pid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_progress_cluster
--
-- Each running CLUSTER and VACUUM FULL.
--
-- Why:      Shows the progress of a command that locks its table exclusively.
-- Reads:    pg_stat_progress_cluster
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_progress_cluster":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_progress_cluster'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       (case when not pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') then
           'membership in pg_read_all_stats is required to see the sessions and statements of other roles' end)::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["pid","datid","relid","command","phase","cluster_index_relid","heap_tuples_scanned"'
\qecho ',"heap_tuples_written","heap_blks_total","heap_blks_scanned","index_rebuild_count"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.datid::pg_catalog.int8, r.relid::pg_catalog.int8, r.command::pg_catalog.text,
           r.phase::pg_catalog.text, r.cluster_index_relid::pg_catalog.int8, r.heap_tuples_scanned::pg_catalog.int8,
           r.heap_tuples_written::pg_catalog.int8, r.heap_blks_total::pg_catalog.int8,
           r.heap_blks_scanned::pg_catalog.int8, r.index_rebuild_count::pg_catalog.int8
       )::pg_catalog.text
from (
select pid, datid, relid, command, phase, cluster_index_relid, heap_tuples_scanned, heap_tuples_written,
       heap_blks_total, heap_blks_scanned, index_rebuild_count
from pg_catalog.pg_stat_progress_cluster
order by pid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\if :pgdba_from_13

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_progress_basebackup
--
-- Each running base backup.
--
-- Why:      Shows the progress of a long-running command.
-- Reads:    pg_stat_progress_basebackup
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_progress_basebackup":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_progress_basebackup'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       (case when not pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') then
           'membership in pg_read_all_stats is required to see the sessions and statements of other roles' end)::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["pid","phase","backup_total","backup_streamed","tablespaces_total"'
\qecho ',"tablespaces_streamed"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.phase::pg_catalog.text, r.backup_total::pg_catalog.int8,
           r.backup_streamed::pg_catalog.int8, r.tablespaces_total::pg_catalog.int8,
           r.tablespaces_streamed::pg_catalog.int8
       )::pg_catalog.text
from (
select pid, phase, backup_total, backup_streamed, tablespaces_total, tablespaces_streamed
from pg_catalog.pg_stat_progress_basebackup
order by pid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\endif
\if :pgdba_from_14

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_progress_copy
--
-- Each running COPY.
--
-- Why:      Shows the progress of a long-running command.
-- Reads:    pg_stat_progress_copy
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_progress_copy":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_progress_copy'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       (case when not pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') then
           'membership in pg_read_all_stats is required to see the sessions and statements of other roles' end)::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_17
\qecho '"columns":["pid","datid","relid","command","copy_type","bytes_processed","bytes_total"'
\qecho ',"tuples_processed","tuples_excluded","tuples_skipped"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.datid::pg_catalog.int8, r.relid::pg_catalog.int8, r.command::pg_catalog.text,
           r.copy_type::pg_catalog.text, r.bytes_processed::pg_catalog.int8, r.bytes_total::pg_catalog.int8,
           r.tuples_processed::pg_catalog.int8, r.tuples_excluded::pg_catalog.int8, r.tuples_skipped::pg_catalog.int8
       )::pg_catalog.text
from (
select pid, datid, relid, command, type as copy_type, bytes_processed, bytes_total, tuples_processed, tuples_excluded,
       tuples_skipped
from pg_catalog.pg_stat_progress_copy
order by pid
) as r;
\elif :pgdba_from_14
\qecho '"columns":["pid","datid","relid","command","copy_type","bytes_processed","bytes_total"'
\qecho ',"tuples_processed","tuples_excluded"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.datid::pg_catalog.int8, r.relid::pg_catalog.int8, r.command::pg_catalog.text,
           r.copy_type::pg_catalog.text, r.bytes_processed::pg_catalog.int8, r.bytes_total::pg_catalog.int8,
           r.tuples_processed::pg_catalog.int8, r.tuples_excluded::pg_catalog.int8
       )::pg_catalog.text
from (
select pid, datid, relid, command, type as copy_type, bytes_processed, bytes_total, tuples_processed, tuples_excluded
from pg_catalog.pg_stat_progress_copy
order by pid
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\endif

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_replication
--
-- One row for each process that sends WAL.
--
-- Why:      Shows the replication lag of the standbys.
-- Reads:    nothing
-- Calls:    age, host, pg_get_userbyid, pg_stat_get_activity, pg_stat_get_wal_senders
-- Scope:    the whole cluster
-- Masks:    application_name: hidden if it contains a URL
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_replication":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads ''
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       (case when not pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') then
           'membership in pg_read_all_stats is required to see the sessions and statements of other roles' end)::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["pid","usesysid","usename","application_name","client_addr","backend_start"'
\qecho ',"backend_xmin_age","state","sent_lsn","write_lsn","flush_lsn","replay_lsn","write_lag_ms"'
\qecho ',"flush_lag_ms","replay_lag_ms","sync_priority","sync_state","reply_time"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.usesysid::pg_catalog.int8, r.usename::pg_catalog.text,
           case when r.application_name like '%://%' then '***' else r.application_name end,
           r.client_addr::pg_catalog.text,
           pg_catalog.replace(pg_catalog.replace(r.backend_start::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.backend_xmin_age::pg_catalog.int8, r.state::pg_catalog.text, r.sent_lsn::pg_catalog.text,
           r.write_lsn::pg_catalog.text, r.flush_lsn::pg_catalog.text, r.replay_lsn::pg_catalog.text, r.write_lag_ms,
           r.flush_lag_ms, r.replay_lag_ms, r.sync_priority::pg_catalog.int8, r.sync_state::pg_catalog.text,
           pg_catalog.replace(pg_catalog.replace(r.reply_time::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select s.pid, s.usesysid, pg_catalog.pg_get_userbyid(s.usesysid) as usename, s.application_name,
       pg_catalog.host(s.client_addr) as client_addr, s.backend_start,
       pg_catalog.age(s.backend_xmin) as backend_xmin_age, w.state, w.sent_lsn, w.write_lsn, w.flush_lsn, w.replay_lsn,
       extract(epoch from w.write_lag) * 1000 as write_lag_ms, extract(epoch from w.flush_lag) * 1000 as flush_lag_ms,
       extract(epoch from w.replay_lag) * 1000 as replay_lag_ms, w.sync_priority, w.sync_state, w.reply_time
from pg_catalog.pg_stat_get_wal_senders() w
join pg_catalog.pg_stat_get_activity(null) s on s.pid = w.pid
order by s.pid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_replication_slots
--
-- Replication slots: what they retain, and what uses them.
--
-- Why:      Unused slots retain WAL and dead rows indefinitely.
-- Reads:    pg_replication_slots
-- Calls:    age
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_replication_slots":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_replication_slots'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_18
\qecho '"columns":["slot_name","plugin","slot_type","datoid","database","temporary","active"'
\qecho ',"active_pid","xmin_age","catalog_xmin_age","restart_lsn","confirmed_flush_lsn","wal_status"'
\qecho ',"safe_wal_size","two_phase","conflicting","inactive_since","invalidation_reason","failover"'
\qecho ',"synced","two_phase_at","copies_table"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.slot_name::pg_catalog.text, r.plugin::pg_catalog.text, r.slot_type::pg_catalog.text,
           r.datoid::pg_catalog.int8, r.database::pg_catalog.text, r.temporary, r.active, r.active_pid::pg_catalog.int8,
           r.xmin_age::pg_catalog.int8, r.catalog_xmin_age::pg_catalog.int8, r.restart_lsn::pg_catalog.text,
           r.confirmed_flush_lsn::pg_catalog.text, r.wal_status::pg_catalog.text, r.safe_wal_size::pg_catalog.int8,
           r.two_phase, r.conflicting,
           pg_catalog.replace(pg_catalog.replace(r.inactive_since::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.invalidation_reason::pg_catalog.text, r.failover, r.synced, r.two_phase_at::pg_catalog.text, r.copies_table
       )::pg_catalog.text
from (
select slot_name, plugin, slot_type, datoid, database, temporary, active, active_pid,
       pg_catalog.age(xmin) as xmin_age, pg_catalog.age(catalog_xmin) as catalog_xmin_age, restart_lsn,
       confirmed_flush_lsn, wal_status, safe_wal_size, two_phase, conflicting, inactive_since, invalidation_reason,
       failover, synced, two_phase_at,
       slot_name ~ '^pg_[0-9]+_sync_[0-9]+(_[0-9]+)?$' as copies_table
from pg_catalog.pg_replication_slots
order by slot_name
) as r;
\elif :pgdba_from_17
\qecho '"columns":["slot_name","plugin","slot_type","datoid","database","temporary","active"'
\qecho ',"active_pid","xmin_age","catalog_xmin_age","restart_lsn","confirmed_flush_lsn","wal_status"'
\qecho ',"safe_wal_size","two_phase","conflicting","inactive_since","invalidation_reason","failover"'
\qecho ',"synced","copies_table"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.slot_name::pg_catalog.text, r.plugin::pg_catalog.text, r.slot_type::pg_catalog.text,
           r.datoid::pg_catalog.int8, r.database::pg_catalog.text, r.temporary, r.active, r.active_pid::pg_catalog.int8,
           r.xmin_age::pg_catalog.int8, r.catalog_xmin_age::pg_catalog.int8, r.restart_lsn::pg_catalog.text,
           r.confirmed_flush_lsn::pg_catalog.text, r.wal_status::pg_catalog.text, r.safe_wal_size::pg_catalog.int8,
           r.two_phase, r.conflicting,
           pg_catalog.replace(pg_catalog.replace(r.inactive_since::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.invalidation_reason::pg_catalog.text, r.failover, r.synced, r.copies_table
       )::pg_catalog.text
from (
select slot_name, plugin, slot_type, datoid, database, temporary, active, active_pid,
       pg_catalog.age(xmin) as xmin_age, pg_catalog.age(catalog_xmin) as catalog_xmin_age, restart_lsn,
       confirmed_flush_lsn, wal_status, safe_wal_size, two_phase, conflicting, inactive_since, invalidation_reason,
       failover, synced,
       slot_name ~ '^pg_[0-9]+_sync_[0-9]+(_[0-9]+)?$' as copies_table
from pg_catalog.pg_replication_slots
order by slot_name
) as r;
\elif :pgdba_from_16
\qecho '"columns":["slot_name","plugin","slot_type","datoid","database","temporary","active"'
\qecho ',"active_pid","xmin_age","catalog_xmin_age","restart_lsn","confirmed_flush_lsn","wal_status"'
\qecho ',"safe_wal_size","two_phase","conflicting","copies_table"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.slot_name::pg_catalog.text, r.plugin::pg_catalog.text, r.slot_type::pg_catalog.text,
           r.datoid::pg_catalog.int8, r.database::pg_catalog.text, r.temporary, r.active, r.active_pid::pg_catalog.int8,
           r.xmin_age::pg_catalog.int8, r.catalog_xmin_age::pg_catalog.int8, r.restart_lsn::pg_catalog.text,
           r.confirmed_flush_lsn::pg_catalog.text, r.wal_status::pg_catalog.text, r.safe_wal_size::pg_catalog.int8,
           r.two_phase, r.conflicting, r.copies_table
       )::pg_catalog.text
from (
select slot_name, plugin, slot_type, datoid, database, temporary, active, active_pid,
       pg_catalog.age(xmin) as xmin_age, pg_catalog.age(catalog_xmin) as catalog_xmin_age, restart_lsn,
       confirmed_flush_lsn, wal_status, safe_wal_size, two_phase, conflicting,
       slot_name ~ '^pg_[0-9]+_sync_[0-9]+(_[0-9]+)?$' as copies_table
from pg_catalog.pg_replication_slots
order by slot_name
) as r;
\elif :pgdba_from_14
\qecho '"columns":["slot_name","plugin","slot_type","datoid","database","temporary","active"'
\qecho ',"active_pid","xmin_age","catalog_xmin_age","restart_lsn","confirmed_flush_lsn","wal_status"'
\qecho ',"safe_wal_size","two_phase","copies_table"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.slot_name::pg_catalog.text, r.plugin::pg_catalog.text, r.slot_type::pg_catalog.text,
           r.datoid::pg_catalog.int8, r.database::pg_catalog.text, r.temporary, r.active, r.active_pid::pg_catalog.int8,
           r.xmin_age::pg_catalog.int8, r.catalog_xmin_age::pg_catalog.int8, r.restart_lsn::pg_catalog.text,
           r.confirmed_flush_lsn::pg_catalog.text, r.wal_status::pg_catalog.text, r.safe_wal_size::pg_catalog.int8,
           r.two_phase, r.copies_table
       )::pg_catalog.text
from (
select slot_name, plugin, slot_type, datoid, database, temporary, active, active_pid,
       pg_catalog.age(xmin) as xmin_age, pg_catalog.age(catalog_xmin) as catalog_xmin_age, restart_lsn,
       confirmed_flush_lsn, wal_status, safe_wal_size, two_phase,
       slot_name ~ '^pg_[0-9]+_sync_[0-9]+(_[0-9]+)?$' as copies_table
from pg_catalog.pg_replication_slots
order by slot_name
) as r;
\elif :pgdba_from_13
\qecho '"columns":["slot_name","plugin","slot_type","datoid","database","temporary","active"'
\qecho ',"active_pid","xmin_age","catalog_xmin_age","restart_lsn","confirmed_flush_lsn","wal_status"'
\qecho ',"safe_wal_size","copies_table"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.slot_name::pg_catalog.text, r.plugin::pg_catalog.text, r.slot_type::pg_catalog.text,
           r.datoid::pg_catalog.int8, r.database::pg_catalog.text, r.temporary, r.active, r.active_pid::pg_catalog.int8,
           r.xmin_age::pg_catalog.int8, r.catalog_xmin_age::pg_catalog.int8, r.restart_lsn::pg_catalog.text,
           r.confirmed_flush_lsn::pg_catalog.text, r.wal_status::pg_catalog.text, r.safe_wal_size::pg_catalog.int8,
           r.copies_table
       )::pg_catalog.text
from (
select slot_name, plugin, slot_type, datoid, database, temporary, active, active_pid,
       pg_catalog.age(xmin) as xmin_age, pg_catalog.age(catalog_xmin) as catalog_xmin_age, restart_lsn,
       confirmed_flush_lsn, wal_status, safe_wal_size,
       slot_name ~ '^pg_[0-9]+_sync_[0-9]+(_[0-9]+)?$' as copies_table
from pg_catalog.pg_replication_slots
order by slot_name
) as r;
\elif :pgdba_from_12
\qecho '"columns":["slot_name","plugin","slot_type","datoid","database","temporary","active"'
\qecho ',"active_pid","xmin_age","catalog_xmin_age","restart_lsn","confirmed_flush_lsn","copies_table"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.slot_name::pg_catalog.text, r.plugin::pg_catalog.text, r.slot_type::pg_catalog.text,
           r.datoid::pg_catalog.int8, r.database::pg_catalog.text, r.temporary, r.active, r.active_pid::pg_catalog.int8,
           r.xmin_age::pg_catalog.int8, r.catalog_xmin_age::pg_catalog.int8, r.restart_lsn::pg_catalog.text,
           r.confirmed_flush_lsn::pg_catalog.text, r.copies_table
       )::pg_catalog.text
from (
select slot_name, plugin, slot_type, datoid, database, temporary, active, active_pid,
       pg_catalog.age(xmin) as xmin_age, pg_catalog.age(catalog_xmin) as catalog_xmin_age, restart_lsn,
       confirmed_flush_lsn,
       slot_name ~ '^pg_[0-9]+_sync_[0-9]+(_[0-9]+)?$' as copies_table
from pg_catalog.pg_replication_slots
order by slot_name
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_wal_receiver
--
-- The WAL receiver, on a streaming standby. Otherwise empty.
--
-- Why:      Shows whether this standby is receiving WAL, and its position.
-- Reads:    pg_stat_wal_receiver
-- Calls:    nothing
-- Scope:    the whole cluster
-- Masks:    conninfo: hidden, except whether it is set
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_wal_receiver":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_wal_receiver'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       (case when not pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') then
           'membership in pg_read_all_stats is required to see the sessions and statements of other roles' end)::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_13
\qecho '"columns":["pid","status","receive_start_lsn","receive_start_tli","written_lsn","flushed_lsn"'
\qecho ',"received_tli","last_msg_send_time","last_msg_receipt_time","latest_end_lsn","latest_end_time"'
\qecho ',"slot_name","sender_host","sender_port","conninfo"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.status::pg_catalog.text, r.receive_start_lsn::pg_catalog.text,
           r.receive_start_tli::pg_catalog.int8, r.written_lsn::pg_catalog.text, r.flushed_lsn::pg_catalog.text,
           r.received_tli::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.last_msg_send_time::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_msg_receipt_time::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.latest_end_lsn::pg_catalog.text,
           pg_catalog.replace(pg_catalog.replace(r.latest_end_time::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.slot_name::pg_catalog.text, r.sender_host::pg_catalog.text, r.sender_port::pg_catalog.int8,
           case when r.conninfo = '' then r.conninfo when r.conninfo is not null then '***' end
       )::pg_catalog.text
from (
select pid, status, receive_start_lsn, receive_start_tli, written_lsn, flushed_lsn, received_tli, last_msg_send_time,
       last_msg_receipt_time, latest_end_lsn, latest_end_time, slot_name, sender_host, sender_port, conninfo
from pg_catalog.pg_stat_wal_receiver
) as r;
\elif :pgdba_from_12
\qecho '"columns":["pid","status","receive_start_lsn","receive_start_tli","flushed_lsn","received_tli"'
\qecho ',"last_msg_send_time","last_msg_receipt_time","latest_end_lsn","latest_end_time","slot_name"'
\qecho ',"sender_host","sender_port","conninfo"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.pid::pg_catalog.int8, r.status::pg_catalog.text, r.receive_start_lsn::pg_catalog.text,
           r.receive_start_tli::pg_catalog.int8, r.flushed_lsn::pg_catalog.text, r.received_tli::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.last_msg_send_time::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_msg_receipt_time::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.latest_end_lsn::pg_catalog.text,
           pg_catalog.replace(pg_catalog.replace(r.latest_end_time::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.slot_name::pg_catalog.text, r.sender_host::pg_catalog.text, r.sender_port::pg_catalog.int8,
           case when r.conninfo = '' then r.conninfo when r.conninfo is not null then '***' end
       )::pg_catalog.text
from (
select pid, status, receive_start_lsn, receive_start_tli, received_lsn as flushed_lsn, received_tli,
       last_msg_send_time, last_msg_receipt_time, latest_end_lsn, latest_end_time, slot_name, sender_host,
       sender_port, conninfo
from pg_catalog.pg_stat_wal_receiver
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_wal_position
--
-- The current WAL positions, on a primary or a standby, and the next transaction ID. Two samples give the rates of WAL
-- and transactions.
--
-- Why:      Replication lag is computed relative to these positions.
-- Reads:    nothing
-- Calls:    pg_current_wal_flush_lsn, pg_current_wal_insert_lsn, pg_current_wal_lsn, pg_is_in_recovery,
--           pg_is_wal_replay_paused, pg_last_wal_receive_lsn, pg_last_wal_replay_lsn, pg_last_xact_replay_timestamp,
--           pg_walfile_name, txid_current_snapshot, txid_snapshot_xmax
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_wal_position":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads ''
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["is_in_recovery","insert_lsn","current_lsn","flush_lsn","wal_file","receive_lsn"'
\qecho ',"replay_lsn","replay_timestamp","is_replay_paused","next_xid"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.is_in_recovery, r.insert_lsn::pg_catalog.text, r.current_lsn::pg_catalog.text,
           r.flush_lsn::pg_catalog.text, r.wal_file::pg_catalog.text, r.receive_lsn::pg_catalog.text,
           r.replay_lsn::pg_catalog.text,
           pg_catalog.replace(pg_catalog.replace(r.replay_timestamp::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.is_replay_paused, r.next_xid::pg_catalog.int8
       )::pg_catalog.text
from (
select r.is_in_recovery, case when not r.is_in_recovery then pg_catalog.pg_current_wal_insert_lsn() end as insert_lsn,
       case when not r.is_in_recovery then pg_catalog.pg_current_wal_lsn() end as current_lsn,
       case when not r.is_in_recovery then pg_catalog.pg_current_wal_flush_lsn() end as flush_lsn,
       case when not r.is_in_recovery then pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) end as wal_file,
       pg_catalog.pg_last_wal_receive_lsn() as receive_lsn, pg_catalog.pg_last_wal_replay_lsn() as replay_lsn,
       pg_catalog.pg_last_xact_replay_timestamp() as replay_timestamp,
       case when r.is_in_recovery then pg_catalog.pg_is_wal_replay_paused() end as is_replay_paused,
       pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) as next_xid
from (select pg_catalog.pg_is_in_recovery() as is_in_recovery) r
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- wal_directory
--
-- The amount of WAL in the data directory, and the files that wait to be archived.
-- Superusers and members of pg_monitor.
--
-- Why:      Accumulated WAL fills the disk.
-- Reads:    nothing
-- Calls:    count, min, pg_ls_archive_statusdir, pg_ls_waldir, sum
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"wal_directory":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads ''
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select coalesce((
select case when not pg_catalog.has_function_privilege('pg_catalog.pg_ls_waldir()', 'EXECUTE')
            then 'no EXECUTE privilege on function pg_ls_waldir'
            when not pg_catalog.has_function_privilege('pg_catalog.pg_ls_archive_statusdir()', 'EXECUTE')
            then 'no EXECUTE privilege on function pg_ls_archive_statusdir' end
       ),
         :pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["wal_files","wal_bytes","oldest_modification","archive_ready_files"'
\qecho ',"oldest_archive_ready"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.wal_files::pg_catalog.int8, r.wal_bytes::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.oldest_modification::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.archive_ready_files::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.oldest_archive_ready::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select w.wal_files, w.wal_bytes, w.oldest_modification, a.archive_ready_files, a.oldest_archive_ready
from (select pg_catalog.count(*) as wal_files, pg_catalog.sum(f.size) as wal_bytes,
             pg_catalog.min(f.modification) as oldest_modification
      from pg_catalog.pg_ls_waldir() f
      where f.name ~ '^[0-9A-F]{24}$') w
cross join (select pg_catalog.count(*) as archive_ready_files, pg_catalog.min(f.modification) as oldest_archive_ready
            from pg_catalog.pg_ls_archive_statusdir() f
            where f.name like '%.ready') a
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_database
--
-- Counters of each database; the row without a name is for shared objects.
--
-- Why:      Shows cache hits, temporary files, deadlocks and rollbacks of each database.
-- Reads:    pg_stat_database
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_database":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_database'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_18
\qecho '"columns":["datid","datname","numbackends","xact_commit","xact_rollback","blks_read","blks_hit"'
\qecho ',"tup_returned","tup_fetched","tup_inserted","tup_updated","tup_deleted","conflicts"'
\qecho ',"temp_files","temp_bytes","deadlocks","checksum_failures","blk_read_time","blk_write_time"'
\qecho ',"session_time","active_time","idle_in_transaction_time","sessions","sessions_abandoned"'
\qecho ',"sessions_fatal","sessions_killed","parallel_workers_to_launch","parallel_workers_launched"'
\qecho ',"stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.datid::pg_catalog.int8, r.datname::pg_catalog.text, r.numbackends::pg_catalog.int8,
           r.xact_commit::pg_catalog.int8, r.xact_rollback::pg_catalog.int8, r.blks_read::pg_catalog.int8,
           r.blks_hit::pg_catalog.int8, r.tup_returned::pg_catalog.int8, r.tup_fetched::pg_catalog.int8,
           r.tup_inserted::pg_catalog.int8, r.tup_updated::pg_catalog.int8, r.tup_deleted::pg_catalog.int8,
           r.conflicts::pg_catalog.int8, r.temp_files::pg_catalog.int8, r.temp_bytes::pg_catalog.int8,
           r.deadlocks::pg_catalog.int8, r.checksum_failures::pg_catalog.int8, r.blk_read_time, r.blk_write_time,
           r.session_time, r.active_time, r.idle_in_transaction_time, r.sessions::pg_catalog.int8,
           r.sessions_abandoned::pg_catalog.int8, r.sessions_fatal::pg_catalog.int8, r.sessions_killed::pg_catalog.int8,
           r.parallel_workers_to_launch::pg_catalog.int8, r.parallel_workers_launched::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select datid, datname, numbackends, xact_commit, xact_rollback, blks_read, blks_hit, tup_returned, tup_fetched,
       tup_inserted, tup_updated, tup_deleted, conflicts, temp_files, temp_bytes, deadlocks, checksum_failures,
       blk_read_time, blk_write_time,
       session_time, active_time, idle_in_transaction_time, sessions, sessions_abandoned, sessions_fatal, sessions_killed,
       parallel_workers_to_launch, parallel_workers_launched,
       stats_reset
from pg_catalog.pg_stat_database
order by datid
) as r;
\elif :pgdba_from_14
\qecho '"columns":["datid","datname","numbackends","xact_commit","xact_rollback","blks_read","blks_hit"'
\qecho ',"tup_returned","tup_fetched","tup_inserted","tup_updated","tup_deleted","conflicts"'
\qecho ',"temp_files","temp_bytes","deadlocks","checksum_failures","blk_read_time","blk_write_time"'
\qecho ',"session_time","active_time","idle_in_transaction_time","sessions","sessions_abandoned"'
\qecho ',"sessions_fatal","sessions_killed","stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.datid::pg_catalog.int8, r.datname::pg_catalog.text, r.numbackends::pg_catalog.int8,
           r.xact_commit::pg_catalog.int8, r.xact_rollback::pg_catalog.int8, r.blks_read::pg_catalog.int8,
           r.blks_hit::pg_catalog.int8, r.tup_returned::pg_catalog.int8, r.tup_fetched::pg_catalog.int8,
           r.tup_inserted::pg_catalog.int8, r.tup_updated::pg_catalog.int8, r.tup_deleted::pg_catalog.int8,
           r.conflicts::pg_catalog.int8, r.temp_files::pg_catalog.int8, r.temp_bytes::pg_catalog.int8,
           r.deadlocks::pg_catalog.int8, r.checksum_failures::pg_catalog.int8, r.blk_read_time, r.blk_write_time,
           r.session_time, r.active_time, r.idle_in_transaction_time, r.sessions::pg_catalog.int8,
           r.sessions_abandoned::pg_catalog.int8, r.sessions_fatal::pg_catalog.int8, r.sessions_killed::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select datid, datname, numbackends, xact_commit, xact_rollback, blks_read, blks_hit, tup_returned, tup_fetched,
       tup_inserted, tup_updated, tup_deleted, conflicts, temp_files, temp_bytes, deadlocks, checksum_failures,
       blk_read_time, blk_write_time,
       session_time, active_time, idle_in_transaction_time, sessions, sessions_abandoned, sessions_fatal, sessions_killed,
       stats_reset
from pg_catalog.pg_stat_database
order by datid
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datid","datname","numbackends","xact_commit","xact_rollback","blks_read","blks_hit"'
\qecho ',"tup_returned","tup_fetched","tup_inserted","tup_updated","tup_deleted","conflicts"'
\qecho ',"temp_files","temp_bytes","deadlocks","checksum_failures","blk_read_time","blk_write_time"'
\qecho ',"stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.datid::pg_catalog.int8, r.datname::pg_catalog.text, r.numbackends::pg_catalog.int8,
           r.xact_commit::pg_catalog.int8, r.xact_rollback::pg_catalog.int8, r.blks_read::pg_catalog.int8,
           r.blks_hit::pg_catalog.int8, r.tup_returned::pg_catalog.int8, r.tup_fetched::pg_catalog.int8,
           r.tup_inserted::pg_catalog.int8, r.tup_updated::pg_catalog.int8, r.tup_deleted::pg_catalog.int8,
           r.conflicts::pg_catalog.int8, r.temp_files::pg_catalog.int8, r.temp_bytes::pg_catalog.int8,
           r.deadlocks::pg_catalog.int8, r.checksum_failures::pg_catalog.int8, r.blk_read_time, r.blk_write_time,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select datid, datname, numbackends, xact_commit, xact_rollback, blks_read, blks_hit, tup_returned, tup_fetched,
       tup_inserted, tup_updated, tup_deleted, conflicts, temp_files, temp_bytes, deadlocks, checksum_failures,
       blk_read_time, blk_write_time,
       stats_reset
from pg_catalog.pg_stat_database
order by datid
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_bgwriter
--
-- Counters of the background writer; up to version 16 also those of the checkpointer.
--
-- Why:      Shows why checkpoints start, and which processes write pages.
-- Reads:    pg_stat_bgwriter
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_bgwriter":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_bgwriter'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_17
\qecho '"columns":["buffers_clean","maxwritten_clean","buffers_alloc","stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.buffers_clean::pg_catalog.int8, r.maxwritten_clean::pg_catalog.int8, r.buffers_alloc::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select buffers_clean, maxwritten_clean, buffers_alloc, stats_reset
from pg_catalog.pg_stat_bgwriter
) as r;
\elif :pgdba_from_12
\qecho '"columns":["checkpoints_timed","checkpoints_req","checkpoint_write_time","checkpoint_sync_time"'
\qecho ',"buffers_checkpoint","buffers_clean","maxwritten_clean","buffers_backend"'
\qecho ',"buffers_backend_fsync","buffers_alloc","stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.checkpoints_timed::pg_catalog.int8, r.checkpoints_req::pg_catalog.int8, r.checkpoint_write_time,
           r.checkpoint_sync_time, r.buffers_checkpoint::pg_catalog.int8, r.buffers_clean::pg_catalog.int8,
           r.maxwritten_clean::pg_catalog.int8, r.buffers_backend::pg_catalog.int8,
           r.buffers_backend_fsync::pg_catalog.int8, r.buffers_alloc::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select checkpoints_timed, checkpoints_req, checkpoint_write_time, checkpoint_sync_time, buffers_checkpoint,
       buffers_clean, maxwritten_clean, buffers_backend, buffers_backend_fsync, buffers_alloc, stats_reset
from pg_catalog.pg_stat_bgwriter
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\if :pgdba_from_17

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_checkpointer
--
-- Counters of the checkpointer. Before version 17 they are in `pg_stat_bgwriter`.
--
-- Why:      Shows why checkpoints start, and how long they take.
-- Reads:    pg_stat_checkpointer
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_checkpointer":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_checkpointer'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_18
\qecho '"columns":["num_timed","num_requested","num_done","restartpoints_timed","restartpoints_req"'
\qecho ',"restartpoints_done","write_time","sync_time","buffers_written","slru_written","stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.num_timed::pg_catalog.int8, r.num_requested::pg_catalog.int8, r.num_done::pg_catalog.int8,
           r.restartpoints_timed::pg_catalog.int8, r.restartpoints_req::pg_catalog.int8,
           r.restartpoints_done::pg_catalog.int8, r.write_time, r.sync_time, r.buffers_written::pg_catalog.int8,
           r.slru_written::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select num_timed, num_requested, num_done, restartpoints_timed, restartpoints_req, restartpoints_done, write_time,
       sync_time, buffers_written, slru_written, stats_reset
from pg_catalog.pg_stat_checkpointer
) as r;
\elif :pgdba_from_17
\qecho '"columns":["num_timed","num_requested","restartpoints_timed","restartpoints_req"'
\qecho ',"restartpoints_done","write_time","sync_time","buffers_written","stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.num_timed::pg_catalog.int8, r.num_requested::pg_catalog.int8, r.restartpoints_timed::pg_catalog.int8,
           r.restartpoints_req::pg_catalog.int8, r.restartpoints_done::pg_catalog.int8, r.write_time, r.sync_time,
           r.buffers_written::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select num_timed, num_requested, restartpoints_timed, restartpoints_req, restartpoints_done, write_time, sync_time,
       buffers_written, stats_reset
from pg_catalog.pg_stat_checkpointer
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\endif
\if :pgdba_from_14

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_wal
--
-- WAL counters. From version 18 on, the number and duration of writes and syncs are in `pg_stat_io`.
--
-- Why:      Shows how much WAL is written, and whether the WAL buffers are large enough.
-- Reads:    pg_stat_wal
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_wal":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_wal'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_18
\qecho '"columns":["wal_records","wal_fpi","wal_bytes","wal_buffers_full","stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.wal_records::pg_catalog.int8, r.wal_fpi::pg_catalog.int8, r.wal_bytes::pg_catalog.int8,
           r.wal_buffers_full::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select wal_records, wal_fpi, wal_bytes, wal_buffers_full, stats_reset
from pg_catalog.pg_stat_wal
) as r;
\elif :pgdba_from_14
\qecho '"columns":["wal_records","wal_fpi","wal_bytes","wal_buffers_full","wal_write","wal_sync"'
\qecho ',"wal_write_time","wal_sync_time","stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.wal_records::pg_catalog.int8, r.wal_fpi::pg_catalog.int8, r.wal_bytes::pg_catalog.int8,
           r.wal_buffers_full::pg_catalog.int8, r.wal_write::pg_catalog.int8, r.wal_sync::pg_catalog.int8,
           r.wal_write_time, r.wal_sync_time,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select wal_records, wal_fpi, wal_bytes, wal_buffers_full, wal_write, wal_sync, wal_write_time, wal_sync_time,
       stats_reset
from pg_catalog.pg_stat_wal
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\endif
\if :pgdba_from_16

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_io
--
-- I/O counters for each kind of process, object and context. Combinations that cannot occur are absent, and counters
-- that do not apply to one are null.
--
-- Why:      Shows which processes do I/O, and how long it takes.
-- Reads:    pg_stat_io
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_io":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_io'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_18
\qecho '"columns":["backend_type","object","context","reads","read_bytes","read_time","writes"'
\qecho ',"write_bytes","write_time","writebacks","writeback_time","extends","extend_bytes","extend_time"'
\qecho ',"hits","evictions","reuses","fsyncs","fsync_time","stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.backend_type::pg_catalog.text, r.object::pg_catalog.text, r.context::pg_catalog.text,
           r.reads::pg_catalog.int8, r.read_bytes::pg_catalog.int8, r.read_time, r.writes::pg_catalog.int8,
           r.write_bytes::pg_catalog.int8, r.write_time, r.writebacks::pg_catalog.int8, r.writeback_time,
           r.extends::pg_catalog.int8, r.extend_bytes::pg_catalog.int8, r.extend_time, r.hits::pg_catalog.int8,
           r.evictions::pg_catalog.int8, r.reuses::pg_catalog.int8, r.fsyncs::pg_catalog.int8, r.fsync_time,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select backend_type, object, context, reads, read_bytes, read_time, writes, write_bytes, write_time, writebacks,
       writeback_time, extends, extend_bytes, extend_time, hits, evictions, reuses, fsyncs, fsync_time, stats_reset
from pg_catalog.pg_stat_io
order by backend_type, object, context
) as r;
\elif :pgdba_from_16
\qecho '"columns":["backend_type","object","context","reads","read_time","writes","write_time"'
\qecho ',"writebacks","writeback_time","extends","extend_time","op_bytes","hits","evictions","reuses"'
\qecho ',"fsyncs","fsync_time","stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.backend_type::pg_catalog.text, r.object::pg_catalog.text, r.context::pg_catalog.text,
           r.reads::pg_catalog.int8, r.read_time, r.writes::pg_catalog.int8, r.write_time,
           r.writebacks::pg_catalog.int8, r.writeback_time, r.extends::pg_catalog.int8, r.extend_time,
           r.op_bytes::pg_catalog.int8, r.hits::pg_catalog.int8, r.evictions::pg_catalog.int8,
           r.reuses::pg_catalog.int8, r.fsyncs::pg_catalog.int8, r.fsync_time,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select backend_type, object, context, reads, read_time, writes, write_time, writebacks, writeback_time, extends,
       extend_time, op_bytes, hits, evictions, reuses, fsyncs, fsync_time, stats_reset
from pg_catalog.pg_stat_io
order by backend_type, object, context
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\endif

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_archiver
--
-- The state of WAL archiving.
--
-- Why:      WAL that cannot be archived fills the disk, and point-in-time recovery is not possible beyond it.
-- Reads:    pg_stat_archiver
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_archiver":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_archiver'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["archived_count","last_archived_wal","last_archived_time","failed_count"'
\qecho ',"last_failed_wal","last_failed_time","stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.archived_count::pg_catalog.int8, r.last_archived_wal::pg_catalog.text,
           pg_catalog.replace(pg_catalog.replace(r.last_archived_time::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.failed_count::pg_catalog.int8, r.last_failed_wal::pg_catalog.text,
           pg_catalog.replace(pg_catalog.replace(r.last_failed_time::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select archived_count, last_archived_wal, last_archived_time, failed_count, last_failed_wal, last_failed_time,
       stats_reset
from pg_catalog.pg_stat_archiver
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\if :pgdba_from_13

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_slru
--
-- Counters of the SLRU caches: transaction status, subtransactions, multixacts and others.
--
-- Why:      SLRU caches that are too small slow down all sessions.
-- Reads:    pg_stat_slru
-- Calls:    nothing
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_slru":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_stat_slru'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["name","blks_zeroed","blks_hit","blks_read","blks_written","blks_exists","flushes"'
\qecho ',"truncates","stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.name::pg_catalog.text, r.blks_zeroed::pg_catalog.int8, r.blks_hit::pg_catalog.int8,
           r.blks_read::pg_catalog.int8, r.blks_written::pg_catalog.int8, r.blks_exists::pg_catalog.int8,
           r.flushes::pg_catalog.int8, r.truncates::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select name, blks_zeroed, blks_hit, blks_read, blks_written, blks_exists, flushes, truncates, stats_reset
from pg_catalog.pg_stat_slru
order by name
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\endif

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_statements
--
-- Statements and their cost, from the extension pg_stat_statements: the top entries by total execution time, calls,
-- pages read and written, temporary files, and WAL.
-- In a delta the first sample has all entries, so that a statement that reached the top later can be distinguished from
-- a new one. This sample and those in between do not contain texts.
-- The columns depend on the version of the extension, not of the server. Columns that were renamed have their newest
-- name. Query texts do not contain literals or comments. They are left out if the file that contains them is larger
-- than 256 MB and the role can check that: the server would load the whole file.
-- The collector's own statements, which have the comment `/* pgdba */` after their first word, are left out. If the
-- texts are hidden from the role or left out, they cannot be distinguished from others.
--
-- Why:      Finds the most expensive statements.
-- Reads:    pg_database
-- Calls:    count, max, pg_stat_file, pg_stat_statements, row_number, strpos
-- Scope:    the whole cluster
-- Masks:    queryid: null for utility statements, and if the text is hidden or contains several statements
-- Masks:    query: kept only for SELECT, INSERT, UPDATE, DELETE, MERGE and WITH without quotes, dollar quotes and
--           comments; otherwise only the first word
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_statements":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_database'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select coalesce(nullif(:'pgdba_pg_stat_statements_error', ''),
         case when :'pgdba_pg_stat_statements_number'::pg_catalog.int4 < 107
            then pg_catalog.concat('version ', :'pgdba_pg_stat_statements_version',
              ' of the extension pg_stat_statements is too old; run ALTER EXTENSION pg_stat_statements UPDATE') end,
         case when not pg_catalog.has_function_privilege('pg_catalog.pg_stat_file(text,boolean)', 'EXECUTE') then :pgdba_refused end)::pg_catalog.text as reason,
       (case when not pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') then
           'membership in pg_read_all_stats is required to see the sessions and statements of other roles' end)::pg_catalog.text as hidden,
       pg_catalog.has_function_privilege('pg_catalog.pg_stat_file(text,boolean)', 'EXECUTE') as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\set pgdba_texts true
\if :pgdba_is_mixed
-- Texts from a database with another encoding might not be valid here, and the server would then reject the whole list.
select /* pgdba */ pg_catalog.count(s.query) as texts_read from :"pgdba_pg_stat_statements_schema".pg_stat_statements(true) as s \gset pgdba_
\if :ERROR
commit /* pgdba */;
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_texts false
\set pgdba_limited '"statement texts are missing, because the server cannot convert all of them to the encoding of this database"'
\endif
\endif
\if :pgdba_privileged
\if :pgdba_pg_stat_statements_from_112
\qecho '"columns":["userid","dbid","datname","queryid","toplevel","query","calls","total_exec_time"'
\qecho ',"min_exec_time","max_exec_time","mean_exec_time","stddev_exec_time","plans","total_plan_time"'
\qecho ',"rows","shared_blks_hit","shared_blks_read","shared_blks_dirtied","shared_blks_written"'
\qecho ',"local_blks_hit","local_blks_read","local_blks_dirtied","local_blks_written","temp_blks_read"'
\qecho ',"temp_blks_written","shared_blk_read_time","shared_blk_write_time","temp_blk_read_time"'
\qecho ',"temp_blk_write_time","wal_records","wal_fpi","wal_bytes","wal_buffers_full","jit_functions"'
\qecho ',"jit_time","parallel_workers_to_launch","parallel_workers_launched","stats_since"'
\qecho ',"minmax_stats_since","entries"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.userid::pg_catalog.int8, r.dbid::pg_catalog.int8, r.datname::pg_catalog.text,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.queryid::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           r.toplevel,
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'
                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t),
           r.calls::pg_catalog.int8, r.total_exec_time, r.min_exec_time, r.max_exec_time, r.mean_exec_time,
           r.stddev_exec_time, r.plans::pg_catalog.int8, r.total_plan_time, r.rows::pg_catalog.int8,
           r.shared_blks_hit::pg_catalog.int8, r.shared_blks_read::pg_catalog.int8,
           r.shared_blks_dirtied::pg_catalog.int8, r.shared_blks_written::pg_catalog.int8,
           r.local_blks_hit::pg_catalog.int8, r.local_blks_read::pg_catalog.int8, r.local_blks_dirtied::pg_catalog.int8,
           r.local_blks_written::pg_catalog.int8, r.temp_blks_read::pg_catalog.int8,
           r.temp_blks_written::pg_catalog.int8, r.shared_blk_read_time, r.shared_blk_write_time, r.temp_blk_read_time,
           r.temp_blk_write_time, r.wal_records::pg_catalog.int8, r.wal_fpi::pg_catalog.int8, r.wal_bytes,
           r.wal_buffers_full::pg_catalog.int8, r.jit_functions::pg_catalog.int8, r.jit_time,
           r.parallel_workers_to_launch::pg_catalog.int8, r.parallel_workers_launched::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.stats_since::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.minmax_stats_since::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.entries::pg_catalog.int8
       )::pg_catalog.text
from (
with counted as materialized (
  select s.*
  from :"pgdba_pg_stat_statements_schema".pg_stat_statements(:pgdba_texts and (
         select coalesce(pg_catalog.max(f.size), 0) < 268435456
         from pg_catalog.pg_stat_file('pg_stat_tmp/pgss_query_texts.stat', true) f)) with ordinality s
  where (pg_catalog.strpos(s.query, '/* pgdba */') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_exec_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end,
                 case when s.wal_bytes > 0 then pg_catalog.row_number() over (order by s.wal_bytes desc, s.queryid) end)
                 as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > 1000) s) c
  order by c.place, c.queryid
  limit 1000
)
select s.userid, s.dbid, d.datname, s.queryid, s.toplevel, s.query, s.calls, s.total_exec_time, s.min_exec_time,
       s.max_exec_time, s.mean_exec_time, s.stddev_exec_time, s.plans, s.total_plan_time, s.rows, s.shared_blks_hit,
       s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written, s.local_blks_hit, s.local_blks_read,
       s.local_blks_dirtied, s.local_blks_written, s.temp_blks_read, s.temp_blks_written, s.shared_blk_read_time,
       s.shared_blk_write_time, s.temp_blk_read_time, s.temp_blk_write_time, s.wal_records, s.wal_fpi, s.wal_bytes,
       s.wal_buffers_full, s.jit_functions,
       s.jit_generation_time + s.jit_inlining_time + s.jit_optimization_time + s.jit_emission_time
         + s.jit_deform_time as jit_time,
       s.parallel_workers_to_launch, s.parallel_workers_launched, s.stats_since, s.minmax_stats_since,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= 1000
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_exec_time desc, s.queryid, s.userid, s.dbid
) as r;
\elif :pgdba_pg_stat_statements_from_111
\qecho '"columns":["userid","dbid","datname","queryid","toplevel","query","calls","total_exec_time"'
\qecho ',"min_exec_time","max_exec_time","mean_exec_time","stddev_exec_time","plans","total_plan_time"'
\qecho ',"rows","shared_blks_hit","shared_blks_read","shared_blks_dirtied","shared_blks_written"'
\qecho ',"local_blks_hit","local_blks_read","local_blks_dirtied","local_blks_written","temp_blks_read"'
\qecho ',"temp_blks_written","shared_blk_read_time","shared_blk_write_time","temp_blk_read_time"'
\qecho ',"temp_blk_write_time","wal_records","wal_fpi","wal_bytes","jit_functions","jit_time"'
\qecho ',"stats_since","minmax_stats_since","entries"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.userid::pg_catalog.int8, r.dbid::pg_catalog.int8, r.datname::pg_catalog.text,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.queryid::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           r.toplevel,
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'
                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t),
           r.calls::pg_catalog.int8, r.total_exec_time, r.min_exec_time, r.max_exec_time, r.mean_exec_time,
           r.stddev_exec_time, r.plans::pg_catalog.int8, r.total_plan_time, r.rows::pg_catalog.int8,
           r.shared_blks_hit::pg_catalog.int8, r.shared_blks_read::pg_catalog.int8,
           r.shared_blks_dirtied::pg_catalog.int8, r.shared_blks_written::pg_catalog.int8,
           r.local_blks_hit::pg_catalog.int8, r.local_blks_read::pg_catalog.int8, r.local_blks_dirtied::pg_catalog.int8,
           r.local_blks_written::pg_catalog.int8, r.temp_blks_read::pg_catalog.int8,
           r.temp_blks_written::pg_catalog.int8, r.shared_blk_read_time, r.shared_blk_write_time, r.temp_blk_read_time,
           r.temp_blk_write_time, r.wal_records::pg_catalog.int8, r.wal_fpi::pg_catalog.int8, r.wal_bytes,
           r.jit_functions::pg_catalog.int8, r.jit_time,
           pg_catalog.replace(pg_catalog.replace(r.stats_since::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.minmax_stats_since::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.entries::pg_catalog.int8
       )::pg_catalog.text
from (
with counted as materialized (
  select s.*
  from :"pgdba_pg_stat_statements_schema".pg_stat_statements(:pgdba_texts and (
         select coalesce(pg_catalog.max(f.size), 0) < 268435456
         from pg_catalog.pg_stat_file('pg_stat_tmp/pgss_query_texts.stat', true) f)) with ordinality s
  where (pg_catalog.strpos(s.query, '/* pgdba */') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_exec_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end,
                 case when s.wal_bytes > 0 then pg_catalog.row_number() over (order by s.wal_bytes desc, s.queryid) end)
                 as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > 1000) s) c
  order by c.place, c.queryid
  limit 1000
)
select s.userid, s.dbid, d.datname, s.queryid, s.toplevel, s.query, s.calls, s.total_exec_time, s.min_exec_time,
       s.max_exec_time, s.mean_exec_time, s.stddev_exec_time, s.plans, s.total_plan_time, s.rows, s.shared_blks_hit,
       s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written, s.local_blks_hit, s.local_blks_read,
       s.local_blks_dirtied, s.local_blks_written, s.temp_blks_read, s.temp_blks_written, s.shared_blk_read_time,
       s.shared_blk_write_time, s.temp_blk_read_time, s.temp_blk_write_time, s.wal_records, s.wal_fpi, s.wal_bytes,
       s.jit_functions,
       s.jit_generation_time + s.jit_inlining_time + s.jit_optimization_time + s.jit_emission_time
         + s.jit_deform_time as jit_time,
       s.stats_since, s.minmax_stats_since,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= 1000
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_exec_time desc, s.queryid, s.userid, s.dbid
) as r;
\elif :pgdba_pg_stat_statements_from_110
\qecho '"columns":["userid","dbid","datname","queryid","toplevel","query","calls","total_exec_time"'
\qecho ',"min_exec_time","max_exec_time","mean_exec_time","stddev_exec_time","plans","total_plan_time"'
\qecho ',"rows","shared_blks_hit","shared_blks_read","shared_blks_dirtied","shared_blks_written"'
\qecho ',"local_blks_hit","local_blks_read","local_blks_dirtied","local_blks_written","temp_blks_read"'
\qecho ',"temp_blks_written","shared_blk_read_time","shared_blk_write_time","temp_blk_read_time"'
\qecho ',"temp_blk_write_time","wal_records","wal_fpi","wal_bytes","jit_functions","jit_time","entries"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.userid::pg_catalog.int8, r.dbid::pg_catalog.int8, r.datname::pg_catalog.text,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.queryid::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           r.toplevel,
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'
                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t),
           r.calls::pg_catalog.int8, r.total_exec_time, r.min_exec_time, r.max_exec_time, r.mean_exec_time,
           r.stddev_exec_time, r.plans::pg_catalog.int8, r.total_plan_time, r.rows::pg_catalog.int8,
           r.shared_blks_hit::pg_catalog.int8, r.shared_blks_read::pg_catalog.int8,
           r.shared_blks_dirtied::pg_catalog.int8, r.shared_blks_written::pg_catalog.int8,
           r.local_blks_hit::pg_catalog.int8, r.local_blks_read::pg_catalog.int8, r.local_blks_dirtied::pg_catalog.int8,
           r.local_blks_written::pg_catalog.int8, r.temp_blks_read::pg_catalog.int8,
           r.temp_blks_written::pg_catalog.int8, r.shared_blk_read_time, r.shared_blk_write_time, r.temp_blk_read_time,
           r.temp_blk_write_time, r.wal_records::pg_catalog.int8, r.wal_fpi::pg_catalog.int8, r.wal_bytes,
           r.jit_functions::pg_catalog.int8, r.jit_time, r.entries::pg_catalog.int8
       )::pg_catalog.text
from (
with counted as materialized (
  select s.*
  from :"pgdba_pg_stat_statements_schema".pg_stat_statements(:pgdba_texts and (
         select coalesce(pg_catalog.max(f.size), 0) < 268435456
         from pg_catalog.pg_stat_file('pg_stat_tmp/pgss_query_texts.stat', true) f)) with ordinality s
  where (pg_catalog.strpos(s.query, '/* pgdba */') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_exec_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end,
                 case when s.wal_bytes > 0 then pg_catalog.row_number() over (order by s.wal_bytes desc, s.queryid) end)
                 as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > 1000) s) c
  order by c.place, c.queryid
  limit 1000
)
select s.userid, s.dbid, d.datname, s.queryid, s.toplevel, s.query, s.calls, s.total_exec_time, s.min_exec_time,
       s.max_exec_time, s.mean_exec_time, s.stddev_exec_time, s.plans, s.total_plan_time, s.rows, s.shared_blks_hit,
       s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written, s.local_blks_hit, s.local_blks_read,
       s.local_blks_dirtied, s.local_blks_written, s.temp_blks_read, s.temp_blks_written,
       s.blk_read_time as shared_blk_read_time, s.blk_write_time as shared_blk_write_time, s.temp_blk_read_time,
       s.temp_blk_write_time, s.wal_records, s.wal_fpi, s.wal_bytes, s.jit_functions,
       s.jit_generation_time + s.jit_inlining_time + s.jit_optimization_time + s.jit_emission_time as jit_time,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= 1000
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_exec_time desc, s.queryid, s.userid, s.dbid
) as r;
\elif :pgdba_pg_stat_statements_from_109
\qecho '"columns":["userid","dbid","datname","queryid","toplevel","query","calls","total_exec_time"'
\qecho ',"min_exec_time","max_exec_time","mean_exec_time","stddev_exec_time","plans","total_plan_time"'
\qecho ',"rows","shared_blks_hit","shared_blks_read","shared_blks_dirtied","shared_blks_written"'
\qecho ',"local_blks_hit","local_blks_read","local_blks_dirtied","local_blks_written","temp_blks_read"'
\qecho ',"temp_blks_written","shared_blk_read_time","shared_blk_write_time","wal_records","wal_fpi"'
\qecho ',"wal_bytes","entries"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.userid::pg_catalog.int8, r.dbid::pg_catalog.int8, r.datname::pg_catalog.text,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.queryid::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           r.toplevel,
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'
                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t),
           r.calls::pg_catalog.int8, r.total_exec_time, r.min_exec_time, r.max_exec_time, r.mean_exec_time,
           r.stddev_exec_time, r.plans::pg_catalog.int8, r.total_plan_time, r.rows::pg_catalog.int8,
           r.shared_blks_hit::pg_catalog.int8, r.shared_blks_read::pg_catalog.int8,
           r.shared_blks_dirtied::pg_catalog.int8, r.shared_blks_written::pg_catalog.int8,
           r.local_blks_hit::pg_catalog.int8, r.local_blks_read::pg_catalog.int8, r.local_blks_dirtied::pg_catalog.int8,
           r.local_blks_written::pg_catalog.int8, r.temp_blks_read::pg_catalog.int8,
           r.temp_blks_written::pg_catalog.int8, r.shared_blk_read_time, r.shared_blk_write_time,
           r.wal_records::pg_catalog.int8, r.wal_fpi::pg_catalog.int8, r.wal_bytes, r.entries::pg_catalog.int8
       )::pg_catalog.text
from (
with counted as materialized (
  select s.*
  from :"pgdba_pg_stat_statements_schema".pg_stat_statements(:pgdba_texts and (
         select coalesce(pg_catalog.max(f.size), 0) < 268435456
         from pg_catalog.pg_stat_file('pg_stat_tmp/pgss_query_texts.stat', true) f)) with ordinality s
  where (pg_catalog.strpos(s.query, '/* pgdba */') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_exec_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end,
                 case when s.wal_bytes > 0 then pg_catalog.row_number() over (order by s.wal_bytes desc, s.queryid) end)
                 as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > 1000) s) c
  order by c.place, c.queryid
  limit 1000
)
select s.userid, s.dbid, d.datname, s.queryid, s.toplevel, s.query, s.calls, s.total_exec_time, s.min_exec_time,
       s.max_exec_time, s.mean_exec_time, s.stddev_exec_time, s.plans, s.total_plan_time, s.rows, s.shared_blks_hit,
       s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written, s.local_blks_hit, s.local_blks_read,
       s.local_blks_dirtied, s.local_blks_written, s.temp_blks_read, s.temp_blks_written,
       s.blk_read_time as shared_blk_read_time, s.blk_write_time as shared_blk_write_time, s.wal_records, s.wal_fpi,
       s.wal_bytes,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= 1000
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_exec_time desc, s.queryid, s.userid, s.dbid
) as r;
\elif :pgdba_pg_stat_statements_from_108
\qecho '"columns":["userid","dbid","datname","queryid","query","calls","total_exec_time","min_exec_time"'
\qecho ',"max_exec_time","mean_exec_time","stddev_exec_time","plans","total_plan_time","rows"'
\qecho ',"shared_blks_hit","shared_blks_read","shared_blks_dirtied","shared_blks_written"'
\qecho ',"local_blks_hit","local_blks_read","local_blks_dirtied","local_blks_written","temp_blks_read"'
\qecho ',"temp_blks_written","shared_blk_read_time","shared_blk_write_time","wal_records","wal_fpi"'
\qecho ',"wal_bytes","entries"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.userid::pg_catalog.int8, r.dbid::pg_catalog.int8, r.datname::pg_catalog.text,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.queryid::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'
                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t),
           r.calls::pg_catalog.int8, r.total_exec_time, r.min_exec_time, r.max_exec_time, r.mean_exec_time,
           r.stddev_exec_time, r.plans::pg_catalog.int8, r.total_plan_time, r.rows::pg_catalog.int8,
           r.shared_blks_hit::pg_catalog.int8, r.shared_blks_read::pg_catalog.int8,
           r.shared_blks_dirtied::pg_catalog.int8, r.shared_blks_written::pg_catalog.int8,
           r.local_blks_hit::pg_catalog.int8, r.local_blks_read::pg_catalog.int8, r.local_blks_dirtied::pg_catalog.int8,
           r.local_blks_written::pg_catalog.int8, r.temp_blks_read::pg_catalog.int8,
           r.temp_blks_written::pg_catalog.int8, r.shared_blk_read_time, r.shared_blk_write_time,
           r.wal_records::pg_catalog.int8, r.wal_fpi::pg_catalog.int8, r.wal_bytes, r.entries::pg_catalog.int8
       )::pg_catalog.text
from (
with counted as materialized (
  select s.*
  from :"pgdba_pg_stat_statements_schema".pg_stat_statements(:pgdba_texts and (
         select coalesce(pg_catalog.max(f.size), 0) < 268435456
         from pg_catalog.pg_stat_file('pg_stat_tmp/pgss_query_texts.stat', true) f)) with ordinality s
  where (pg_catalog.strpos(s.query, '/* pgdba */') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_exec_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end,
                 case when s.wal_bytes > 0 then pg_catalog.row_number() over (order by s.wal_bytes desc, s.queryid) end)
                 as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > 1000) s) c
  order by c.place, c.queryid
  limit 1000
)
select s.userid, s.dbid, d.datname, s.queryid, s.query, s.calls, s.total_exec_time, s.min_exec_time, s.max_exec_time,
       s.mean_exec_time, s.stddev_exec_time, s.plans, s.total_plan_time, s.rows, s.shared_blks_hit,
       s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written, s.local_blks_hit, s.local_blks_read,
       s.local_blks_dirtied, s.local_blks_written, s.temp_blks_read, s.temp_blks_written,
       s.blk_read_time as shared_blk_read_time, s.blk_write_time as shared_blk_write_time, s.wal_records, s.wal_fpi,
       s.wal_bytes,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= 1000
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_exec_time desc, s.queryid, s.userid, s.dbid
) as r;
\elif :pgdba_pg_stat_statements_from_107
\qecho '"columns":["userid","dbid","datname","queryid","query","calls","total_exec_time","min_exec_time"'
\qecho ',"max_exec_time","mean_exec_time","stddev_exec_time","rows","shared_blks_hit","shared_blks_read"'
\qecho ',"shared_blks_dirtied","shared_blks_written","local_blks_hit","local_blks_read"'
\qecho ',"local_blks_dirtied","local_blks_written","temp_blks_read","temp_blks_written"'
\qecho ',"shared_blk_read_time","shared_blk_write_time","entries"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.userid::pg_catalog.int8, r.dbid::pg_catalog.int8, r.datname::pg_catalog.text,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.queryid::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'
                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t),
           r.calls::pg_catalog.int8, r.total_exec_time, r.min_exec_time, r.max_exec_time, r.mean_exec_time,
           r.stddev_exec_time, r.rows::pg_catalog.int8, r.shared_blks_hit::pg_catalog.int8,
           r.shared_blks_read::pg_catalog.int8, r.shared_blks_dirtied::pg_catalog.int8,
           r.shared_blks_written::pg_catalog.int8, r.local_blks_hit::pg_catalog.int8,
           r.local_blks_read::pg_catalog.int8, r.local_blks_dirtied::pg_catalog.int8,
           r.local_blks_written::pg_catalog.int8, r.temp_blks_read::pg_catalog.int8,
           r.temp_blks_written::pg_catalog.int8, r.shared_blk_read_time, r.shared_blk_write_time,
           r.entries::pg_catalog.int8
       )::pg_catalog.text
from (
with counted as materialized (
  select s.*
  from :"pgdba_pg_stat_statements_schema".pg_stat_statements(:pgdba_texts and (
         select coalesce(pg_catalog.max(f.size), 0) < 268435456
         from pg_catalog.pg_stat_file('pg_stat_tmp/pgss_query_texts.stat', true) f)) with ordinality s
  where (pg_catalog.strpos(s.query, '/* pgdba */') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end) as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > 1000) s) c
  order by c.place, c.queryid
  limit 1000
)
select s.userid, s.dbid, d.datname, s.queryid, s.query, s.calls, s.total_time as total_exec_time,
       s.min_time as min_exec_time, s.max_time as max_exec_time, s.mean_time as mean_exec_time,
       s.stddev_time as stddev_exec_time, s.rows, s.shared_blks_hit, s.shared_blks_read, s.shared_blks_dirtied,
       s.shared_blks_written, s.local_blks_hit, s.local_blks_read, s.local_blks_dirtied, s.local_blks_written,
       s.temp_blks_read, s.temp_blks_written, s.blk_read_time as shared_blk_read_time,
       s.blk_write_time as shared_blk_write_time,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= 1000
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_time desc, s.queryid, s.userid, s.dbid
) as r;
\endif
\else
\if :pgdba_pg_stat_statements_from_112
\qecho '"columns":["userid","dbid","datname","queryid","toplevel","query","calls","total_exec_time"'
\qecho ',"min_exec_time","max_exec_time","mean_exec_time","stddev_exec_time","plans","total_plan_time"'
\qecho ',"rows","shared_blks_hit","shared_blks_read","shared_blks_dirtied","shared_blks_written"'
\qecho ',"local_blks_hit","local_blks_read","local_blks_dirtied","local_blks_written","temp_blks_read"'
\qecho ',"temp_blks_written","shared_blk_read_time","shared_blk_write_time","temp_blk_read_time"'
\qecho ',"temp_blk_write_time","wal_records","wal_fpi","wal_bytes","wal_buffers_full","jit_functions"'
\qecho ',"jit_time","parallel_workers_to_launch","parallel_workers_launched","stats_since"'
\qecho ',"minmax_stats_since","entries"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.userid::pg_catalog.int8, r.dbid::pg_catalog.int8, r.datname::pg_catalog.text,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.queryid::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           r.toplevel,
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'
                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t),
           r.calls::pg_catalog.int8, r.total_exec_time, r.min_exec_time, r.max_exec_time, r.mean_exec_time,
           r.stddev_exec_time, r.plans::pg_catalog.int8, r.total_plan_time, r.rows::pg_catalog.int8,
           r.shared_blks_hit::pg_catalog.int8, r.shared_blks_read::pg_catalog.int8,
           r.shared_blks_dirtied::pg_catalog.int8, r.shared_blks_written::pg_catalog.int8,
           r.local_blks_hit::pg_catalog.int8, r.local_blks_read::pg_catalog.int8, r.local_blks_dirtied::pg_catalog.int8,
           r.local_blks_written::pg_catalog.int8, r.temp_blks_read::pg_catalog.int8,
           r.temp_blks_written::pg_catalog.int8, r.shared_blk_read_time, r.shared_blk_write_time, r.temp_blk_read_time,
           r.temp_blk_write_time, r.wal_records::pg_catalog.int8, r.wal_fpi::pg_catalog.int8, r.wal_bytes,
           r.wal_buffers_full::pg_catalog.int8, r.jit_functions::pg_catalog.int8, r.jit_time,
           r.parallel_workers_to_launch::pg_catalog.int8, r.parallel_workers_launched::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.stats_since::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.minmax_stats_since::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.entries::pg_catalog.int8
       )::pg_catalog.text
from (
with counted as materialized (
  select s.*
  from :"pgdba_pg_stat_statements_schema".pg_stat_statements(:pgdba_texts) with ordinality s
  where (pg_catalog.strpos(s.query, '/* pgdba */') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_exec_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end,
                 case when s.wal_bytes > 0 then pg_catalog.row_number() over (order by s.wal_bytes desc, s.queryid) end)
                 as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > 1000) s) c
  order by c.place, c.queryid
  limit 1000
)
select s.userid, s.dbid, d.datname, s.queryid, s.toplevel, s.query, s.calls, s.total_exec_time, s.min_exec_time,
       s.max_exec_time, s.mean_exec_time, s.stddev_exec_time, s.plans, s.total_plan_time, s.rows, s.shared_blks_hit,
       s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written, s.local_blks_hit, s.local_blks_read,
       s.local_blks_dirtied, s.local_blks_written, s.temp_blks_read, s.temp_blks_written, s.shared_blk_read_time,
       s.shared_blk_write_time, s.temp_blk_read_time, s.temp_blk_write_time, s.wal_records, s.wal_fpi, s.wal_bytes,
       s.wal_buffers_full, s.jit_functions,
       s.jit_generation_time + s.jit_inlining_time + s.jit_optimization_time + s.jit_emission_time
         + s.jit_deform_time as jit_time,
       s.parallel_workers_to_launch, s.parallel_workers_launched, s.stats_since, s.minmax_stats_since,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= 1000
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_exec_time desc, s.queryid, s.userid, s.dbid
) as r;
\elif :pgdba_pg_stat_statements_from_111
\qecho '"columns":["userid","dbid","datname","queryid","toplevel","query","calls","total_exec_time"'
\qecho ',"min_exec_time","max_exec_time","mean_exec_time","stddev_exec_time","plans","total_plan_time"'
\qecho ',"rows","shared_blks_hit","shared_blks_read","shared_blks_dirtied","shared_blks_written"'
\qecho ',"local_blks_hit","local_blks_read","local_blks_dirtied","local_blks_written","temp_blks_read"'
\qecho ',"temp_blks_written","shared_blk_read_time","shared_blk_write_time","temp_blk_read_time"'
\qecho ',"temp_blk_write_time","wal_records","wal_fpi","wal_bytes","jit_functions","jit_time"'
\qecho ',"stats_since","minmax_stats_since","entries"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.userid::pg_catalog.int8, r.dbid::pg_catalog.int8, r.datname::pg_catalog.text,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.queryid::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           r.toplevel,
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'
                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t),
           r.calls::pg_catalog.int8, r.total_exec_time, r.min_exec_time, r.max_exec_time, r.mean_exec_time,
           r.stddev_exec_time, r.plans::pg_catalog.int8, r.total_plan_time, r.rows::pg_catalog.int8,
           r.shared_blks_hit::pg_catalog.int8, r.shared_blks_read::pg_catalog.int8,
           r.shared_blks_dirtied::pg_catalog.int8, r.shared_blks_written::pg_catalog.int8,
           r.local_blks_hit::pg_catalog.int8, r.local_blks_read::pg_catalog.int8, r.local_blks_dirtied::pg_catalog.int8,
           r.local_blks_written::pg_catalog.int8, r.temp_blks_read::pg_catalog.int8,
           r.temp_blks_written::pg_catalog.int8, r.shared_blk_read_time, r.shared_blk_write_time, r.temp_blk_read_time,
           r.temp_blk_write_time, r.wal_records::pg_catalog.int8, r.wal_fpi::pg_catalog.int8, r.wal_bytes,
           r.jit_functions::pg_catalog.int8, r.jit_time,
           pg_catalog.replace(pg_catalog.replace(r.stats_since::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.minmax_stats_since::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.entries::pg_catalog.int8
       )::pg_catalog.text
from (
with counted as materialized (
  select s.*
  from :"pgdba_pg_stat_statements_schema".pg_stat_statements(:pgdba_texts) with ordinality s
  where (pg_catalog.strpos(s.query, '/* pgdba */') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_exec_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end,
                 case when s.wal_bytes > 0 then pg_catalog.row_number() over (order by s.wal_bytes desc, s.queryid) end)
                 as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > 1000) s) c
  order by c.place, c.queryid
  limit 1000
)
select s.userid, s.dbid, d.datname, s.queryid, s.toplevel, s.query, s.calls, s.total_exec_time, s.min_exec_time,
       s.max_exec_time, s.mean_exec_time, s.stddev_exec_time, s.plans, s.total_plan_time, s.rows, s.shared_blks_hit,
       s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written, s.local_blks_hit, s.local_blks_read,
       s.local_blks_dirtied, s.local_blks_written, s.temp_blks_read, s.temp_blks_written, s.shared_blk_read_time,
       s.shared_blk_write_time, s.temp_blk_read_time, s.temp_blk_write_time, s.wal_records, s.wal_fpi, s.wal_bytes,
       s.jit_functions,
       s.jit_generation_time + s.jit_inlining_time + s.jit_optimization_time + s.jit_emission_time
         + s.jit_deform_time as jit_time,
       s.stats_since, s.minmax_stats_since,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= 1000
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_exec_time desc, s.queryid, s.userid, s.dbid
) as r;
\elif :pgdba_pg_stat_statements_from_110
\qecho '"columns":["userid","dbid","datname","queryid","toplevel","query","calls","total_exec_time"'
\qecho ',"min_exec_time","max_exec_time","mean_exec_time","stddev_exec_time","plans","total_plan_time"'
\qecho ',"rows","shared_blks_hit","shared_blks_read","shared_blks_dirtied","shared_blks_written"'
\qecho ',"local_blks_hit","local_blks_read","local_blks_dirtied","local_blks_written","temp_blks_read"'
\qecho ',"temp_blks_written","shared_blk_read_time","shared_blk_write_time","temp_blk_read_time"'
\qecho ',"temp_blk_write_time","wal_records","wal_fpi","wal_bytes","jit_functions","jit_time","entries"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.userid::pg_catalog.int8, r.dbid::pg_catalog.int8, r.datname::pg_catalog.text,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.queryid::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           r.toplevel,
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'
                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t),
           r.calls::pg_catalog.int8, r.total_exec_time, r.min_exec_time, r.max_exec_time, r.mean_exec_time,
           r.stddev_exec_time, r.plans::pg_catalog.int8, r.total_plan_time, r.rows::pg_catalog.int8,
           r.shared_blks_hit::pg_catalog.int8, r.shared_blks_read::pg_catalog.int8,
           r.shared_blks_dirtied::pg_catalog.int8, r.shared_blks_written::pg_catalog.int8,
           r.local_blks_hit::pg_catalog.int8, r.local_blks_read::pg_catalog.int8, r.local_blks_dirtied::pg_catalog.int8,
           r.local_blks_written::pg_catalog.int8, r.temp_blks_read::pg_catalog.int8,
           r.temp_blks_written::pg_catalog.int8, r.shared_blk_read_time, r.shared_blk_write_time, r.temp_blk_read_time,
           r.temp_blk_write_time, r.wal_records::pg_catalog.int8, r.wal_fpi::pg_catalog.int8, r.wal_bytes,
           r.jit_functions::pg_catalog.int8, r.jit_time, r.entries::pg_catalog.int8
       )::pg_catalog.text
from (
with counted as materialized (
  select s.*
  from :"pgdba_pg_stat_statements_schema".pg_stat_statements(:pgdba_texts) with ordinality s
  where (pg_catalog.strpos(s.query, '/* pgdba */') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_exec_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end,
                 case when s.wal_bytes > 0 then pg_catalog.row_number() over (order by s.wal_bytes desc, s.queryid) end)
                 as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > 1000) s) c
  order by c.place, c.queryid
  limit 1000
)
select s.userid, s.dbid, d.datname, s.queryid, s.toplevel, s.query, s.calls, s.total_exec_time, s.min_exec_time,
       s.max_exec_time, s.mean_exec_time, s.stddev_exec_time, s.plans, s.total_plan_time, s.rows, s.shared_blks_hit,
       s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written, s.local_blks_hit, s.local_blks_read,
       s.local_blks_dirtied, s.local_blks_written, s.temp_blks_read, s.temp_blks_written,
       s.blk_read_time as shared_blk_read_time, s.blk_write_time as shared_blk_write_time, s.temp_blk_read_time,
       s.temp_blk_write_time, s.wal_records, s.wal_fpi, s.wal_bytes, s.jit_functions,
       s.jit_generation_time + s.jit_inlining_time + s.jit_optimization_time + s.jit_emission_time as jit_time,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= 1000
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_exec_time desc, s.queryid, s.userid, s.dbid
) as r;
\elif :pgdba_pg_stat_statements_from_109
\qecho '"columns":["userid","dbid","datname","queryid","toplevel","query","calls","total_exec_time"'
\qecho ',"min_exec_time","max_exec_time","mean_exec_time","stddev_exec_time","plans","total_plan_time"'
\qecho ',"rows","shared_blks_hit","shared_blks_read","shared_blks_dirtied","shared_blks_written"'
\qecho ',"local_blks_hit","local_blks_read","local_blks_dirtied","local_blks_written","temp_blks_read"'
\qecho ',"temp_blks_written","shared_blk_read_time","shared_blk_write_time","wal_records","wal_fpi"'
\qecho ',"wal_bytes","entries"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.userid::pg_catalog.int8, r.dbid::pg_catalog.int8, r.datname::pg_catalog.text,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.queryid::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           r.toplevel,
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'
                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t),
           r.calls::pg_catalog.int8, r.total_exec_time, r.min_exec_time, r.max_exec_time, r.mean_exec_time,
           r.stddev_exec_time, r.plans::pg_catalog.int8, r.total_plan_time, r.rows::pg_catalog.int8,
           r.shared_blks_hit::pg_catalog.int8, r.shared_blks_read::pg_catalog.int8,
           r.shared_blks_dirtied::pg_catalog.int8, r.shared_blks_written::pg_catalog.int8,
           r.local_blks_hit::pg_catalog.int8, r.local_blks_read::pg_catalog.int8, r.local_blks_dirtied::pg_catalog.int8,
           r.local_blks_written::pg_catalog.int8, r.temp_blks_read::pg_catalog.int8,
           r.temp_blks_written::pg_catalog.int8, r.shared_blk_read_time, r.shared_blk_write_time,
           r.wal_records::pg_catalog.int8, r.wal_fpi::pg_catalog.int8, r.wal_bytes, r.entries::pg_catalog.int8
       )::pg_catalog.text
from (
with counted as materialized (
  select s.*
  from :"pgdba_pg_stat_statements_schema".pg_stat_statements(:pgdba_texts) with ordinality s
  where (pg_catalog.strpos(s.query, '/* pgdba */') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_exec_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end,
                 case when s.wal_bytes > 0 then pg_catalog.row_number() over (order by s.wal_bytes desc, s.queryid) end)
                 as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > 1000) s) c
  order by c.place, c.queryid
  limit 1000
)
select s.userid, s.dbid, d.datname, s.queryid, s.toplevel, s.query, s.calls, s.total_exec_time, s.min_exec_time,
       s.max_exec_time, s.mean_exec_time, s.stddev_exec_time, s.plans, s.total_plan_time, s.rows, s.shared_blks_hit,
       s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written, s.local_blks_hit, s.local_blks_read,
       s.local_blks_dirtied, s.local_blks_written, s.temp_blks_read, s.temp_blks_written,
       s.blk_read_time as shared_blk_read_time, s.blk_write_time as shared_blk_write_time, s.wal_records, s.wal_fpi,
       s.wal_bytes,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= 1000
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_exec_time desc, s.queryid, s.userid, s.dbid
) as r;
\elif :pgdba_pg_stat_statements_from_108
\qecho '"columns":["userid","dbid","datname","queryid","query","calls","total_exec_time","min_exec_time"'
\qecho ',"max_exec_time","mean_exec_time","stddev_exec_time","plans","total_plan_time","rows"'
\qecho ',"shared_blks_hit","shared_blks_read","shared_blks_dirtied","shared_blks_written"'
\qecho ',"local_blks_hit","local_blks_read","local_blks_dirtied","local_blks_written","temp_blks_read"'
\qecho ',"temp_blks_written","shared_blk_read_time","shared_blk_write_time","wal_records","wal_fpi"'
\qecho ',"wal_bytes","entries"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.userid::pg_catalog.int8, r.dbid::pg_catalog.int8, r.datname::pg_catalog.text,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.queryid::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'
                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t),
           r.calls::pg_catalog.int8, r.total_exec_time, r.min_exec_time, r.max_exec_time, r.mean_exec_time,
           r.stddev_exec_time, r.plans::pg_catalog.int8, r.total_plan_time, r.rows::pg_catalog.int8,
           r.shared_blks_hit::pg_catalog.int8, r.shared_blks_read::pg_catalog.int8,
           r.shared_blks_dirtied::pg_catalog.int8, r.shared_blks_written::pg_catalog.int8,
           r.local_blks_hit::pg_catalog.int8, r.local_blks_read::pg_catalog.int8, r.local_blks_dirtied::pg_catalog.int8,
           r.local_blks_written::pg_catalog.int8, r.temp_blks_read::pg_catalog.int8,
           r.temp_blks_written::pg_catalog.int8, r.shared_blk_read_time, r.shared_blk_write_time,
           r.wal_records::pg_catalog.int8, r.wal_fpi::pg_catalog.int8, r.wal_bytes, r.entries::pg_catalog.int8
       )::pg_catalog.text
from (
with counted as materialized (
  select s.*
  from :"pgdba_pg_stat_statements_schema".pg_stat_statements(:pgdba_texts) with ordinality s
  where (pg_catalog.strpos(s.query, '/* pgdba */') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_exec_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end,
                 case when s.wal_bytes > 0 then pg_catalog.row_number() over (order by s.wal_bytes desc, s.queryid) end)
                 as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > 1000) s) c
  order by c.place, c.queryid
  limit 1000
)
select s.userid, s.dbid, d.datname, s.queryid, s.query, s.calls, s.total_exec_time, s.min_exec_time, s.max_exec_time,
       s.mean_exec_time, s.stddev_exec_time, s.plans, s.total_plan_time, s.rows, s.shared_blks_hit,
       s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written, s.local_blks_hit, s.local_blks_read,
       s.local_blks_dirtied, s.local_blks_written, s.temp_blks_read, s.temp_blks_written,
       s.blk_read_time as shared_blk_read_time, s.blk_write_time as shared_blk_write_time, s.wal_records, s.wal_fpi,
       s.wal_bytes,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= 1000
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_exec_time desc, s.queryid, s.userid, s.dbid
) as r;
\elif :pgdba_pg_stat_statements_from_107
\qecho '"columns":["userid","dbid","datname","queryid","query","calls","total_exec_time","min_exec_time"'
\qecho ',"max_exec_time","mean_exec_time","stddev_exec_time","rows","shared_blks_hit","shared_blks_read"'
\qecho ',"shared_blks_dirtied","shared_blks_written","local_blks_hit","local_blks_read"'
\qecho ',"local_blks_dirtied","local_blks_written","temp_blks_read","temp_blks_written"'
\qecho ',"shared_blk_read_time","shared_blk_write_time","entries"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.userid::pg_catalog.int8, r.dbid::pg_catalog.int8, r.datname::pg_catalog.text,
           (select case when bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]' then r.queryid::pg_catalog.text end
            from (select pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) s),
           (select case when t.query in (:pgdba_no_statement) then t.query
                   when t.bytes ~* '^[[:space:]]*(select|insert|update|delete|merge|with)[[:>:]]'
                    and t.bytes !~ '''|--|/[*]|[$]([^0-9]|$)|;[[:space:]]*[^[:space:]]' then t.query
                   when t.query is not null
                   then coalesce(pg_catalog.upper(pg_catalog.substring(t.bytes, :'pgdba_verbs')), '?') end
            from (select r.query as query, pg_catalog.encode(pg_catalog.textsend(r.query), 'escape') as bytes) t),
           r.calls::pg_catalog.int8, r.total_exec_time, r.min_exec_time, r.max_exec_time, r.mean_exec_time,
           r.stddev_exec_time, r.rows::pg_catalog.int8, r.shared_blks_hit::pg_catalog.int8,
           r.shared_blks_read::pg_catalog.int8, r.shared_blks_dirtied::pg_catalog.int8,
           r.shared_blks_written::pg_catalog.int8, r.local_blks_hit::pg_catalog.int8,
           r.local_blks_read::pg_catalog.int8, r.local_blks_dirtied::pg_catalog.int8,
           r.local_blks_written::pg_catalog.int8, r.temp_blks_read::pg_catalog.int8,
           r.temp_blks_written::pg_catalog.int8, r.shared_blk_read_time, r.shared_blk_write_time,
           r.entries::pg_catalog.int8
       )::pg_catalog.text
from (
with counted as materialized (
  select s.*
  from :"pgdba_pg_stat_statements_schema".pg_stat_statements(:pgdba_texts) with ordinality s
  where (pg_catalog.strpos(s.query, '/* pgdba */') between 1 and 20) is not true
), chosen as materialized (
  select c.ordinality
  from (select s.ordinality, s.queryid,
               least(
                 pg_catalog.row_number() over (order by s.total_time desc, s.queryid),
                 pg_catalog.row_number() over (order by s.calls desc, s.queryid),
                 case when s.io > 0 then pg_catalog.row_number() over (order by s.io desc, s.queryid) end,
                 case when s.temp > 0 then pg_catalog.row_number() over (order by s.temp desc, s.queryid) end) as place
        from (select s.*, s.shared_blks_read + s.shared_blks_written as io,
                     s.temp_blks_read + s.temp_blks_written as temp
              from counted s
              where (select pg_catalog.count(*) from counted) > 1000) s) c
  order by c.place, c.queryid
  limit 1000
)
select s.userid, s.dbid, d.datname, s.queryid, s.query, s.calls, s.total_time as total_exec_time,
       s.min_time as min_exec_time, s.max_time as max_exec_time, s.mean_time as mean_exec_time,
       s.stddev_time as stddev_exec_time, s.rows, s.shared_blks_hit, s.shared_blks_read, s.shared_blks_dirtied,
       s.shared_blks_written, s.local_blks_hit, s.local_blks_read, s.local_blks_dirtied, s.local_blks_written,
       s.temp_blks_read, s.temp_blks_written, s.blk_read_time as shared_blk_read_time,
       s.blk_write_time as shared_blk_write_time,
       (select pg_catalog.count(*) from counted) as entries
from counted s
left join pg_catalog.pg_database d on d.oid = s.dbid
where (select pg_catalog.count(*) from counted) <= 1000
   or s.ordinality in (select c.ordinality from chosen c)
order by s.total_time desc, s.queryid, s.userid, s.dbid
) as r;
\endif
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\if :pgdba_from_14

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_statements_info
--
-- How often pg_stat_statements has deallocated entries, and when it was last reset (extension version 1.9).
--
-- Why:      Shows whether the list of statements is complete.
-- Reads:    nothing
-- Calls:    pg_stat_statements
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_statements_info":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads ''
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select coalesce(nullif(:'pgdba_pg_stat_statements_error', ''),
         case when :'pgdba_pg_stat_statements_number'::pg_catalog.int4 < 109
            then pg_catalog.concat('version ', :'pgdba_pg_stat_statements_version',
              ' of the extension pg_stat_statements is too old; run ALTER EXTENSION pg_stat_statements UPDATE') end,
         :pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["dealloc","stats_reset"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.dealloc::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.stats_reset::pg_catalog.text, ' ', 'T'), '+00', 'Z')
       )::pg_catalog.text
from (
select dealloc, stats_reset
from :"pgdba_pg_stat_statements_schema".pg_stat_statements_info()
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'
\endif

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_namespace
--
-- User schemas and `public`: owner and privileges.
--
-- Why:      Schemas in which anyone can create objects allow running code as another role.
-- Reads:    pg_namespace
-- Calls:    has_schema_privilege, pg_get_userbyid
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_namespace":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_namespace'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["datname","oid","nspname","owner","nspacl","public_usage","public_create"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.nspname::pg_catalog.text,
           r.owner::pg_catalog.text, r.nspacl::pg_catalog.text[], r.public_usage, r.public_create
       )::pg_catalog.text
from (
select n.oid, n.nspname, pg_catalog.pg_get_userbyid(n.nspowner) as owner, n.nspacl::pg_catalog.text[] as nspacl,
       pg_catalog.has_schema_privilege('public', n.oid, 'USAGE') as public_usage,
       pg_catalog.has_schema_privilege('public', n.oid, 'CREATE') as public_create
from pg_catalog.pg_namespace n
where n.nspname = 'public'
   or n.oid >= 16384 and n.nspname not like 'pg\_%'
order by n.oid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_class
--
-- User relations: tables, materialized views, their TOAST tables and indexes, sequences, views, foreign tables. Indexes
-- of TOAST tables are left out.
-- At most 1000 files are measured, in a smaller database those of all tables, TOAST tables and indexes: opening every
-- relation of a large one would cost the server time and memory, and measuring an exclusively locked one would wait.
-- First come those of 128 pages or more by size, including what changed since the last ANALYZE, then tables that
-- neither VACUUM nor ANALYZE has counted. The size of all others is `relpages`, which VACUUM and ANALYZE set;
-- `size_source` tells which.
--
-- Why:      Vacuum, bloat and index advice use the sizes, ages and storage parameters of tables; what PUBLIC has on
--           them shows which are open to all.
-- Reads:    pg_am, pg_class, pg_database, pg_depend, pg_extension, pg_index, pg_inherits, pg_locks, pg_namespace
-- Calls:    aclexplode, age, current_database, current_setting, mxid_age, pg_relation_size,
--           pg_stat_get_last_analyze_time, pg_stat_get_last_autoanalyze_time, pg_stat_get_last_autovacuum_time,
--           pg_stat_get_last_vacuum_time, pg_stat_get_mod_since_analyze
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_class":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_am pg_class pg_database pg_depend pg_extension pg_index pg_inherits pg_locks pg_namespace'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_18
\qecho '"columns":["datname","oid","nspname","relname","relkind","relpersistence","reltablespace"'
\qecho ',"relnatts","relpages","reltuples","relallvisible","relallfrozen","size_bytes","size_source"'
\qecho ',"reltoastrelid","relispartition","inhparent","inhdetachpending","is_rewritten","relrowsecurity"'
\qecho ',"relforcerowsecurity","relreplident","relfrozenxid_age","relminmxid_age","amname","reloptions"'
\qecho ',"extname","public_privileges"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.nspname::pg_catalog.text,
           r.relname::pg_catalog.text, r.relkind::pg_catalog.text, r.relpersistence::pg_catalog.text,
           r.reltablespace::pg_catalog.int8, r.relnatts::pg_catalog.int8, r.relpages::pg_catalog.int8, r.reltuples,
           r.relallvisible::pg_catalog.int8, r.relallfrozen::pg_catalog.int8, r.size_bytes::pg_catalog.int8,
           r.size_source::pg_catalog.text, r.reltoastrelid::pg_catalog.int8, r.relispartition,
           r.inhparent::pg_catalog.int8, r.inhdetachpending, r.is_rewritten, r.relrowsecurity, r.relforcerowsecurity,
           r.relreplident::pg_catalog.text, r.relfrozenxid_age::pg_catalog.int8, r.relminmxid_age::pg_catalog.int8,
           r.amname::pg_catalog.text, r.reloptions::pg_catalog.text[], r.extname::pg_catalog.text,
           r.public_privileges::pg_catalog.text[]
       )::pg_catalog.text
from (
with locked as materialized (
  select distinct l.relation
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), parents as materialized (
  select distinct on (i.inhrelid) i.inhrelid, i.inhparent, i.inhdetachpending from pg_catalog.pg_inherits i order by i.inhrelid, i.inhseqno
), members as materialized (
  select d.objid, e.extname
  from pg_catalog.pg_depend d
  join pg_catalog.pg_extension e on e.oid = d.refobjid
  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and d.deptype = 'e'
), changed as materialized (
  select c.oid, pg_catalog.pg_stat_get_mod_since_analyze(c.oid) as changes
  from pg_catalog.pg_class c
  where c.relkind in ('r', 'm', 't') and c.oid >= 16384 and pg_catalog.pg_stat_get_mod_since_analyze(c.oid) >= 100
), outdated as materialized (
  select x.oid, x.changes from changed x
  union all
  select i.indexrelid, x.changes from changed x join pg_catalog.pg_index i on i.indrelid = x.oid
), measured as materialized (
  select l.oid, pg_catalog.pg_relation_size(l.oid::pg_catalog.regclass) as bytes
  from (select c.oid from pg_catalog.pg_class c
        left join outdated x on x.oid = c.oid
        where c.relkind in ('r', 'm', 't', 'i') and c.oid >= 16384
          and c.oid not in (select y.relation from locked y)
        order by greatest(c.relpages + coalesce(x.changes, 0) / 100, 127) desc, c.relkind = 'i',
                 coalesce(pg_catalog.pg_stat_get_last_vacuum_time(c.oid), pg_catalog.pg_stat_get_last_autovacuum_time(c.oid),
                          pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                          pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)) is not null,
                 x.oid is null, c.oid
        limit 1000) l
)
select c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, nullif(c.reltablespace, 0) as reltablespace,
       c.relnatts, c.relpages, c.reltuples,
       c.relallvisible, c.relallfrozen,
       case when c.relfilenode <> 0
            then coalesce(m.bytes, c.relpages * (select pg_catalog.current_setting('block_size')::pg_catalog.int8))
       end as size_bytes,
       case when c.relfilenode = 0 then null when m.bytes is not null then 'pg_relation_size'
            when c.oid in (select x.relation from locked x) then 'locked' else 'relpages' end as size_source,
       nullif(c.reltoastrelid, 0) as reltoastrelid, c.relispartition, p.inhparent, p.inhdetachpending,
       c.relfilenode not in (0, c.oid) as is_rewritten, c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
       case when c.relfrozenxid <> '0'::pg_catalog.xid then pg_catalog.age(c.relfrozenxid) end as relfrozenxid_age,
       case when c.relminmxid <> '0'::pg_catalog.xid then pg_catalog.mxid_age(c.relminmxid) end as relminmxid_age,
       a.amname, c.reloptions, e.extname,
       case when c.relkind in ('r', 'p', 'm', 'f')
            then array(select x.privilege_type from pg_catalog.aclexplode(c.relacl) x where x.grantee = 0 order by 1)
       end as public_privileges
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_am a on a.oid = c.relam
left join parents p on p.inhrelid = c.oid
left join measured m on m.oid = c.oid
left join members e on e.objid = c.oid
where c.relkind in ('r', 'p', 'm', 't', 'i', 'I', 'S', 'v', 'f')
  and c.oid >= 16384
  and n.nspname not in ('pg_catalog', 'information_schema')
  and not (c.relkind = 'i' and n.nspname like 'pg\_toast%'
           and c.oid not in (select i.indexrelid from pg_catalog.pg_index i where not i.indisvalid))
) as r;
\elif :pgdba_from_14
\qecho '"columns":["datname","oid","nspname","relname","relkind","relpersistence","reltablespace"'
\qecho ',"relnatts","relpages","reltuples","relallvisible","size_bytes","size_source","reltoastrelid"'
\qecho ',"relispartition","inhparent","inhdetachpending","is_rewritten","relrowsecurity"'
\qecho ',"relforcerowsecurity","relreplident","relfrozenxid_age","relminmxid_age","amname","reloptions"'
\qecho ',"extname","public_privileges"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.nspname::pg_catalog.text,
           r.relname::pg_catalog.text, r.relkind::pg_catalog.text, r.relpersistence::pg_catalog.text,
           r.reltablespace::pg_catalog.int8, r.relnatts::pg_catalog.int8, r.relpages::pg_catalog.int8, r.reltuples,
           r.relallvisible::pg_catalog.int8, r.size_bytes::pg_catalog.int8, r.size_source::pg_catalog.text,
           r.reltoastrelid::pg_catalog.int8, r.relispartition, r.inhparent::pg_catalog.int8, r.inhdetachpending,
           r.is_rewritten, r.relrowsecurity, r.relforcerowsecurity, r.relreplident::pg_catalog.text,
           r.relfrozenxid_age::pg_catalog.int8, r.relminmxid_age::pg_catalog.int8, r.amname::pg_catalog.text,
           r.reloptions::pg_catalog.text[], r.extname::pg_catalog.text, r.public_privileges::pg_catalog.text[]
       )::pg_catalog.text
from (
with locked as materialized (
  select distinct l.relation
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), parents as materialized (
  select distinct on (i.inhrelid) i.inhrelid, i.inhparent, i.inhdetachpending from pg_catalog.pg_inherits i order by i.inhrelid, i.inhseqno
), members as materialized (
  select d.objid, e.extname
  from pg_catalog.pg_depend d
  join pg_catalog.pg_extension e on e.oid = d.refobjid
  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and d.deptype = 'e'
), changed as materialized (
  select c.oid, pg_catalog.pg_stat_get_mod_since_analyze(c.oid) as changes
  from pg_catalog.pg_class c
  where c.relkind in ('r', 'm', 't') and c.oid >= 16384 and pg_catalog.pg_stat_get_mod_since_analyze(c.oid) >= 100
), outdated as materialized (
  select x.oid, x.changes from changed x
  union all
  select i.indexrelid, x.changes from changed x join pg_catalog.pg_index i on i.indrelid = x.oid
), measured as materialized (
  select l.oid, pg_catalog.pg_relation_size(l.oid::pg_catalog.regclass) as bytes
  from (select c.oid from pg_catalog.pg_class c
        left join outdated x on x.oid = c.oid
        where c.relkind in ('r', 'm', 't', 'i') and c.oid >= 16384
          and c.oid not in (select y.relation from locked y)
        order by greatest(c.relpages + coalesce(x.changes, 0) / 100, 127) desc, c.relkind = 'i',
                 coalesce(pg_catalog.pg_stat_get_last_vacuum_time(c.oid), pg_catalog.pg_stat_get_last_autovacuum_time(c.oid),
                          pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                          pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)) is not null,
                 x.oid is null, c.oid
        limit 1000) l
)
select c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, nullif(c.reltablespace, 0) as reltablespace,
       c.relnatts, c.relpages, c.reltuples,
       c.relallvisible,
       case when c.relfilenode <> 0
            then coalesce(m.bytes, c.relpages * (select pg_catalog.current_setting('block_size')::pg_catalog.int8))
       end as size_bytes,
       case when c.relfilenode = 0 then null when m.bytes is not null then 'pg_relation_size'
            when c.oid in (select x.relation from locked x) then 'locked' else 'relpages' end as size_source,
       nullif(c.reltoastrelid, 0) as reltoastrelid, c.relispartition, p.inhparent, p.inhdetachpending,
       c.relfilenode not in (0, c.oid) as is_rewritten, c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
       case when c.relfrozenxid <> '0'::pg_catalog.xid then pg_catalog.age(c.relfrozenxid) end as relfrozenxid_age,
       case when c.relminmxid <> '0'::pg_catalog.xid then pg_catalog.mxid_age(c.relminmxid) end as relminmxid_age,
       a.amname, c.reloptions, e.extname,
       case when c.relkind in ('r', 'p', 'm', 'f')
            then array(select x.privilege_type from pg_catalog.aclexplode(c.relacl) x where x.grantee = 0 order by 1)
       end as public_privileges
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_am a on a.oid = c.relam
left join parents p on p.inhrelid = c.oid
left join measured m on m.oid = c.oid
left join members e on e.objid = c.oid
where c.relkind in ('r', 'p', 'm', 't', 'i', 'I', 'S', 'v', 'f')
  and c.oid >= 16384
  and n.nspname not in ('pg_catalog', 'information_schema')
  and not (c.relkind = 'i' and n.nspname like 'pg\_toast%'
           and c.oid not in (select i.indexrelid from pg_catalog.pg_index i where not i.indisvalid))
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","oid","nspname","relname","relkind","relpersistence","reltablespace"'
\qecho ',"relnatts","relpages","reltuples","relallvisible","size_bytes","size_source","reltoastrelid"'
\qecho ',"relispartition","inhparent","is_rewritten","relrowsecurity","relforcerowsecurity"'
\qecho ',"relreplident","relfrozenxid_age","relminmxid_age","amname","reloptions","extname"'
\qecho ',"public_privileges"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.nspname::pg_catalog.text,
           r.relname::pg_catalog.text, r.relkind::pg_catalog.text, r.relpersistence::pg_catalog.text,
           r.reltablespace::pg_catalog.int8, r.relnatts::pg_catalog.int8, r.relpages::pg_catalog.int8, r.reltuples,
           r.relallvisible::pg_catalog.int8, r.size_bytes::pg_catalog.int8, r.size_source::pg_catalog.text,
           r.reltoastrelid::pg_catalog.int8, r.relispartition, r.inhparent::pg_catalog.int8, r.is_rewritten,
           r.relrowsecurity, r.relforcerowsecurity, r.relreplident::pg_catalog.text,
           r.relfrozenxid_age::pg_catalog.int8, r.relminmxid_age::pg_catalog.int8, r.amname::pg_catalog.text,
           r.reloptions::pg_catalog.text[], r.extname::pg_catalog.text, r.public_privileges::pg_catalog.text[]
       )::pg_catalog.text
from (
with locked as materialized (
  select distinct l.relation
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), parents as materialized (
  select distinct on (i.inhrelid) i.inhrelid, i.inhparent from pg_catalog.pg_inherits i order by i.inhrelid, i.inhseqno
), members as materialized (
  select d.objid, e.extname
  from pg_catalog.pg_depend d
  join pg_catalog.pg_extension e on e.oid = d.refobjid
  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and d.deptype = 'e'
), changed as materialized (
  select c.oid, pg_catalog.pg_stat_get_mod_since_analyze(c.oid) as changes
  from pg_catalog.pg_class c
  where c.relkind in ('r', 'm', 't') and c.oid >= 16384 and pg_catalog.pg_stat_get_mod_since_analyze(c.oid) >= 100
), outdated as materialized (
  select x.oid, x.changes from changed x
  union all
  select i.indexrelid, x.changes from changed x join pg_catalog.pg_index i on i.indrelid = x.oid
), measured as materialized (
  select l.oid, pg_catalog.pg_relation_size(l.oid::pg_catalog.regclass) as bytes
  from (select c.oid from pg_catalog.pg_class c
        left join outdated x on x.oid = c.oid
        where c.relkind in ('r', 'm', 't', 'i') and c.oid >= 16384
          and c.oid not in (select y.relation from locked y)
        order by greatest(c.relpages + coalesce(x.changes, 0) / 100, 127) desc, c.relkind = 'i',
                 coalesce(pg_catalog.pg_stat_get_last_vacuum_time(c.oid), pg_catalog.pg_stat_get_last_autovacuum_time(c.oid),
                          pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                          pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)) is not null,
                 x.oid is null, c.oid
        limit 1000) l
)
select c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, nullif(c.reltablespace, 0) as reltablespace,
       c.relnatts, c.relpages, c.reltuples,
       c.relallvisible,
       case when c.relfilenode <> 0
            then coalesce(m.bytes, c.relpages * (select pg_catalog.current_setting('block_size')::pg_catalog.int8))
       end as size_bytes,
       case when c.relfilenode = 0 then null when m.bytes is not null then 'pg_relation_size'
            when c.oid in (select x.relation from locked x) then 'locked' else 'relpages' end as size_source,
       nullif(c.reltoastrelid, 0) as reltoastrelid, c.relispartition, p.inhparent, c.relfilenode not in (0, c.oid) as is_rewritten,
       c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
       case when c.relfrozenxid <> '0'::pg_catalog.xid then pg_catalog.age(c.relfrozenxid) end as relfrozenxid_age,
       case when c.relminmxid <> '0'::pg_catalog.xid then pg_catalog.mxid_age(c.relminmxid) end as relminmxid_age,
       a.amname, c.reloptions, e.extname,
       case when c.relkind in ('r', 'p', 'm', 'f')
            then array(select x.privilege_type from pg_catalog.aclexplode(c.relacl) x where x.grantee = 0 order by 1)
       end as public_privileges
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_am a on a.oid = c.relam
left join parents p on p.inhrelid = c.oid
left join measured m on m.oid = c.oid
left join members e on e.objid = c.oid
where c.relkind in ('r', 'p', 'm', 't', 'i', 'I', 'S', 'v', 'f')
  and c.oid >= 16384
  and n.nspname not in ('pg_catalog', 'information_schema')
  and not (c.relkind = 'i' and n.nspname like 'pg\_toast%'
           and c.oid not in (select i.indexrelid from pg_catalog.pg_index i where not i.indisvalid))
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_attribute
--
-- The columns of user tables, foreign tables and materialized views, and of expression indexes, to which their
-- statistics refer.
-- Dropped columns are left out; `relnatts` in `pg_class` counts them.
--
-- Why:      Index and bloat advice use the type, width and position of each column.
-- Reads:    pg_attribute, pg_class, pg_index
-- Calls:    nothing
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_attribute":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_attribute pg_class pg_index'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_14
\qecho '"columns":["datname","attrelid","attnum","attname","atttypid","atttypmod","attstorage"'
\qecho ',"attcompression","attnotnull","atthasdef","atthasmissing","attidentity","attgenerated"'
\qecho ',"attstattarget","attoptions","attcollation"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.attrelid::pg_catalog.int8, r.attnum::pg_catalog.int8,
           r.attname::pg_catalog.text, r.atttypid::pg_catalog.int8, r.atttypmod::pg_catalog.int8,
           r.attstorage::pg_catalog.text, r.attcompression::pg_catalog.text, r.attnotnull, r.atthasdef, r.atthasmissing,
           r.attidentity::pg_catalog.text, r.attgenerated::pg_catalog.text, r.attstattarget::pg_catalog.int8,
           r.attoptions::pg_catalog.text[], r.attcollation::pg_catalog.int8
       )::pg_catalog.text
from (
select a.attrelid, a.attnum, a.attname, a.atttypid, nullif(a.atttypmod, -1) as atttypmod, a.attstorage,
       nullif(a.attcompression, '') as attcompression, a.attnotnull, a.atthasdef, a.atthasmissing,
       nullif(a.attidentity, '') as attidentity, nullif(a.attgenerated, '') as attgenerated,
       nullif(a.attstattarget, -1) as attstattarget, a.attoptions, nullif(a.attcollation, 0) as attcollation
from pg_catalog.pg_attribute a
where a.attnum > 0
  and not a.attisdropped
  and a.attrelid = any (array(select c.oid from pg_catalog.pg_class c
                              where c.relkind in ('r', 'p', 'm', 'f') and c.oid >= 16384
                              union all
                              select i.indexrelid from pg_catalog.pg_index i
                              where i.indexprs is not null and i.indexrelid >= 16384))
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","attrelid","attnum","attname","atttypid","atttypmod","attstorage"'
\qecho ',"attnotnull","atthasdef","atthasmissing","attidentity","attgenerated","attstattarget"'
\qecho ',"attoptions","attcollation"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.attrelid::pg_catalog.int8, r.attnum::pg_catalog.int8,
           r.attname::pg_catalog.text, r.atttypid::pg_catalog.int8, r.atttypmod::pg_catalog.int8,
           r.attstorage::pg_catalog.text, r.attnotnull, r.atthasdef, r.atthasmissing, r.attidentity::pg_catalog.text,
           r.attgenerated::pg_catalog.text, r.attstattarget::pg_catalog.int8, r.attoptions::pg_catalog.text[],
           r.attcollation::pg_catalog.int8
       )::pg_catalog.text
from (
select a.attrelid, a.attnum, a.attname, a.atttypid, nullif(a.atttypmod, -1) as atttypmod, a.attstorage,
       a.attnotnull, a.atthasdef, a.atthasmissing, nullif(a.attidentity, '') as attidentity,
       nullif(a.attgenerated, '') as attgenerated, nullif(a.attstattarget, -1) as attstattarget, a.attoptions,
       nullif(a.attcollation, 0) as attcollation
from pg_catalog.pg_attribute a
where a.attnum > 0
  and not a.attisdropped
  and a.attrelid = any (array(select c.oid from pg_catalog.pg_class c
                              where c.relkind in ('r', 'p', 'm', 'f') and c.oid >= 16384
                              union all
                              select i.indexrelid from pg_catalog.pg_index i
                              where i.indexprs is not null and i.indexrelid >= 16384))
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_constraint
--
-- The constraints of user tables: keys, foreign keys, CHECK and exclusion constraints, and NOT NULL constraints that
-- are not valid. Never a CHECK expression.
--
-- Why:      Keys and foreign keys determine which indexes are required and which are missing.
-- Reads:    pg_constraint
-- Calls:    nothing
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_constraint":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_constraint'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_18
\qecho '"columns":["datname","oid","conname","conrelid","contype","condeferrable","condeferred"'
\qecho ',"convalidated","conenforced","conperiod","conindid","conparentid","confrelid","confupdtype"'
\qecho ',"confdeltype","confmatchtype","conkey","confkey","conislocal","connoinherit"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.conname::pg_catalog.text,
           r.conrelid::pg_catalog.int8, r.contype::pg_catalog.text, r.condeferrable, r.condeferred, r.convalidated,
           r.conenforced, r.conperiod, r.conindid::pg_catalog.int8, r.conparentid::pg_catalog.int8,
           r.confrelid::pg_catalog.int8, r.confupdtype::pg_catalog.text, r.confdeltype::pg_catalog.text,
           r.confmatchtype::pg_catalog.text, r.conkey::pg_catalog.int8[], r.confkey::pg_catalog.int8[], r.conislocal,
           r.connoinherit
       )::pg_catalog.text
from (
select k.oid, k.conname, k.conrelid, k.contype, k.condeferrable, k.condeferred, k.convalidated, k.conenforced,
       k.conperiod, nullif(k.conindid, 0) as conindid, nullif(k.conparentid, 0) as conparentid,
       nullif(k.confrelid, 0) as confrelid, nullif(k.confupdtype, ' ') as confupdtype,
       nullif(k.confdeltype, ' ') as confdeltype, nullif(k.confmatchtype, ' ') as confmatchtype, k.conkey, k.confkey,
       k.conislocal, k.connoinherit
from pg_catalog.pg_constraint k
where k.conrelid >= 16384
  and (k.contype in ('p', 'u', 'f', 'c', 'x') or k.contype = 'n' and not k.convalidated)
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","oid","conname","conrelid","contype","condeferrable","condeferred"'
\qecho ',"convalidated","conindid","conparentid","confrelid","confupdtype","confdeltype","confmatchtype"'
\qecho ',"conkey","confkey","conislocal","connoinherit"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.conname::pg_catalog.text,
           r.conrelid::pg_catalog.int8, r.contype::pg_catalog.text, r.condeferrable, r.condeferred, r.convalidated,
           r.conindid::pg_catalog.int8, r.conparentid::pg_catalog.int8, r.confrelid::pg_catalog.int8,
           r.confupdtype::pg_catalog.text, r.confdeltype::pg_catalog.text, r.confmatchtype::pg_catalog.text,
           r.conkey::pg_catalog.int8[], r.confkey::pg_catalog.int8[], r.conislocal, r.connoinherit
       )::pg_catalog.text
from (
select k.oid, k.conname, k.conrelid, k.contype, k.condeferrable, k.condeferred, k.convalidated,
       nullif(k.conindid, 0) as conindid, nullif(k.conparentid, 0) as conparentid, nullif(k.confrelid, 0) as confrelid,
       nullif(k.confupdtype, ' ') as confupdtype, nullif(k.confdeltype, ' ') as confdeltype,
       nullif(k.confmatchtype, ' ') as confmatchtype, k.conkey, k.confkey, k.conislocal, k.connoinherit
from pg_catalog.pg_constraint k
where k.conrelid >= 16384
  and k.contype in ('p', 'u', 'f', 'c', 'x')
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_index
--
-- The definition and the state of each user index, and of invalid indexes of TOAST tables.
--
-- Why:      Finds duplicate, invalid and redundant indexes.
-- Reads:    pg_attribute, pg_class, pg_constraint, pg_database, pg_index, pg_locks, pg_stat_progress_create_index
-- Calls:    array_agg, array_to_string, concat_ws, current_database, octet_length, pg_backend_pid, pg_is_in_recovery,
--           starts_with, substring
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_index":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_attribute pg_class pg_constraint pg_database pg_index pg_locks pg_stat_progress_create_index'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_15
\qecho '"columns":["datname","indexrelid","indrelid","indnatts","indnkeyatts","indisunique"'
\qecho ',"indisprimary","indisexclusion","indimmediate","indisclustered","indisvalid","indisready"'
\qecho ',"indislive","indisreplident","indnullsnotdistinct","indkey","indcollation","indclass"'
\qecho ',"indoption","has_indexprs","has_indpred","attoptions","conname","is_referenced","in_progress"'
\qecho ',"copy_of"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.indexrelid::pg_catalog.int8, r.indrelid::pg_catalog.int8,
           r.indnatts::pg_catalog.int8, r.indnkeyatts::pg_catalog.int8, r.indisunique, r.indisprimary, r.indisexclusion,
           r.indimmediate, r.indisclustered, r.indisvalid, r.indisready, r.indislive, r.indisreplident,
           r.indnullsnotdistinct, r.indkey::pg_catalog.int8[], r.indcollation::pg_catalog.int8[],
           r.indclass::pg_catalog.int8[], r.indoption::pg_catalog.int8[], r.has_indexprs, r.has_indpred,
           r.attoptions::pg_catalog.text[], r.conname::pg_catalog.text, r.is_referenced, r.in_progress,
           r.copy_of::pg_catalog.int8
       )::pg_catalog.text
from (
with changing as materialized (
  select l.relation, l.pid in (select b.pid from pg_catalog.pg_stat_progress_create_index b) as builds
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.granted and l.mode in ('ShareUpdateExclusiveLock', 'AccessExclusiveLock')
    and l.pid is distinct from pg_catalog.pg_backend_pid()
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), copies as materialized (
  select c.oid, i.indrelid, c.relname, pg_catalog.substring(c.relname::pg_catalog.text, '^(.+)_cc[no][el][wd][0-9]*$') as stem
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  where not i.indisvalid
), replaced as materialized (
  select distinct on (c.oid) c.oid, o.oid as indexrelid
  from copies c
  join pg_catalog.pg_index i on i.indrelid = c.indrelid and i.indexrelid <> c.oid
  join pg_catalog.pg_class o on o.oid = i.indexrelid
  where o.relname = c.stem
     or pg_catalog.octet_length(c.relname::pg_catalog.text) between 60 and 63
        and pg_catalog.starts_with(o.relname::pg_catalog.text, c.stem)
        and o.oid not in (select x.oid from copies x where x.stem is not null)
  order by c.oid, o.relname = c.stem desc, o.oid
), options as materialized (
  select a.attrelid, pg_catalog.array_agg(pg_catalog.concat_ws(' ', a.attnum, pg_catalog.array_to_string(a.attoptions, ' '))
                                          order by a.attnum) as attoptions
  from pg_catalog.pg_attribute a
  where a.attoptions is not null and a.attrelid >= 16384
  group by a.attrelid
)
select i.indexrelid, i.indrelid, i.indnatts, i.indnkeyatts, i.indisunique, i.indisprimary, i.indisexclusion,
       i.indimmediate, i.indisclustered, i.indisvalid, i.indisready, i.indislive, i.indisreplident,
       i.indnullsnotdistinct, i.indkey, i.indcollation, i.indclass, i.indoption,
       i.indexprs is not null as has_indexprs, i.indpred is not null as has_indpred, o.attoptions, k.conname,
       i.indexrelid in (select f.conindid from pg_catalog.pg_constraint f where f.contype = 'f') as is_referenced,
       case when i.indexrelid in (select c.relation from changing c)
              or not i.indisvalid and i.indrelid in (select c.relation from changing c where c.builds) then true
            when i.indisvalid or not pg_catalog.pg_is_in_recovery() then false end as in_progress,
       r.indexrelid as copy_of
from pg_catalog.pg_index i
join pg_catalog.pg_class t on t.oid = i.indrelid
left join replaced r on r.oid = i.indexrelid
left join options o on o.attrelid = i.indexrelid
left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
where i.indexrelid >= 16384
  and (t.relkind in ('r', 'p', 'm') or t.relkind = 't' and not i.indisvalid)
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","indexrelid","indrelid","indnatts","indnkeyatts","indisunique"'
\qecho ',"indisprimary","indisexclusion","indimmediate","indisclustered","indisvalid","indisready"'
\qecho ',"indislive","indisreplident","indkey","indcollation","indclass","indoption","has_indexprs"'
\qecho ',"has_indpred","attoptions","conname","is_referenced","in_progress","copy_of"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.indexrelid::pg_catalog.int8, r.indrelid::pg_catalog.int8,
           r.indnatts::pg_catalog.int8, r.indnkeyatts::pg_catalog.int8, r.indisunique, r.indisprimary, r.indisexclusion,
           r.indimmediate, r.indisclustered, r.indisvalid, r.indisready, r.indislive, r.indisreplident,
           r.indkey::pg_catalog.int8[], r.indcollation::pg_catalog.int8[], r.indclass::pg_catalog.int8[],
           r.indoption::pg_catalog.int8[], r.has_indexprs, r.has_indpred, r.attoptions::pg_catalog.text[],
           r.conname::pg_catalog.text, r.is_referenced, r.in_progress, r.copy_of::pg_catalog.int8
       )::pg_catalog.text
from (
with changing as materialized (
  select l.relation, l.pid in (select b.pid from pg_catalog.pg_stat_progress_create_index b) as builds
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.granted and l.mode in ('ShareUpdateExclusiveLock', 'AccessExclusiveLock')
    and l.pid is distinct from pg_catalog.pg_backend_pid()
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), copies as materialized (
  select c.oid, i.indrelid, c.relname, pg_catalog.substring(c.relname::pg_catalog.text, '^(.+)_cc[no][el][wd][0-9]*$') as stem
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  where not i.indisvalid
), replaced as materialized (
  select distinct on (c.oid) c.oid, o.oid as indexrelid
  from copies c
  join pg_catalog.pg_index i on i.indrelid = c.indrelid and i.indexrelid <> c.oid
  join pg_catalog.pg_class o on o.oid = i.indexrelid
  where o.relname = c.stem
     or pg_catalog.octet_length(c.relname::pg_catalog.text) between 60 and 63
        and pg_catalog.starts_with(o.relname::pg_catalog.text, c.stem)
        and o.oid not in (select x.oid from copies x where x.stem is not null)
  order by c.oid, o.relname = c.stem desc, o.oid
), options as materialized (
  select a.attrelid, pg_catalog.array_agg(pg_catalog.concat_ws(' ', a.attnum, pg_catalog.array_to_string(a.attoptions, ' '))
                                          order by a.attnum) as attoptions
  from pg_catalog.pg_attribute a
  where a.attoptions is not null and a.attrelid >= 16384
  group by a.attrelid
)
select i.indexrelid, i.indrelid, i.indnatts, i.indnkeyatts, i.indisunique, i.indisprimary, i.indisexclusion,
       i.indimmediate, i.indisclustered, i.indisvalid, i.indisready, i.indislive, i.indisreplident, i.indkey,
       i.indcollation, i.indclass, i.indoption,
       i.indexprs is not null as has_indexprs, i.indpred is not null as has_indpred, o.attoptions, k.conname,
       i.indexrelid in (select f.conindid from pg_catalog.pg_constraint f where f.contype = 'f') as is_referenced,
       case when i.indexrelid in (select c.relation from changing c)
              or not i.indisvalid and i.indrelid in (select c.relation from changing c where c.builds) then true
            when i.indisvalid or not pg_catalog.pg_is_in_recovery() then false end as in_progress,
       r.indexrelid as copy_of
from pg_catalog.pg_index i
join pg_catalog.pg_class t on t.oid = i.indrelid
left join replaced r on r.oid = i.indexrelid
left join options o on o.attrelid = i.indexrelid
left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
where i.indexrelid >= 16384
  and (t.relkind in ('r', 'p', 'm') or t.relkind = 't' and not i.indisvalid)
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_index_expressions
--
-- The expressions of expression indexes and the predicates of partial indexes. A constant is shown as `?` and eight
-- digits, which are the same for equal constants within this document.
-- Deparsing them would wait for the release of an exclusive lock, so those of exclusively locked tables are left out
-- and marked.
--
-- Why:      Indexes are duplicates only if their expressions and predicates are equal.
-- Reads:    pg_database, pg_index, pg_locks
-- Calls:    current_database, pg_get_expr
-- Scope:    this database
-- Masks:    indexprs, indpred: every constant is replaced by ?; hidden if it contains a double quote or a backslash
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_index_expressions":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_database pg_index pg_locks'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["datname","indexrelid","is_locked","indexprs","indpred"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.indexrelid::pg_catalog.int8, r.is_locked,
           case when pg_catalog.strpos(r.indexprs, '"') > 0 or pg_catalog.strpos(r.indexprs, pg_catalog.chr(92)) > 0
             then '***'
             else pg_catalog.regexp_replace(pg_catalog.regexp_replace(r.indexprs,
                    '[BEXN]?''([^'']|'''')*''', '?', 'g'),
                    '[[:<:]][0-9][[:alnum:]._]*', '?', 'g') end,
           case when pg_catalog.strpos(r.indpred, '"') > 0 or pg_catalog.strpos(r.indpred, pg_catalog.chr(92)) > 0
             then '***'
             else pg_catalog.regexp_replace(pg_catalog.regexp_replace(r.indpred,
                    '[BEXN]?''([^'']|'''')*''', '?', 'g'),
                    '[[:<:]][0-9][[:alnum:]._]*', '?', 'g') end
       )::pg_catalog.text
from (
with locked as materialized (
  select distinct l.relation
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
)
select i.indexrelid, x.relation is not null as is_locked,
       case when x.relation is null then pg_catalog.pg_get_expr(i.indexprs, i.indrelid) end as indexprs,
       case when x.relation is null then pg_catalog.pg_get_expr(i.indpred, i.indrelid) end as indpred
from pg_catalog.pg_index i
left join locked x on x.relation = i.indrelid
where i.indexrelid >= 16384
  and (i.indexprs is not null or i.indpred is not null)
order by i.indexrelid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_type
--
-- Data types and how they are stored. Row types, arrays of row types and pseudo-types are left out.
--
-- Why:      The width and alignment of types determine the expected row size.
-- Reads:    pg_namespace, pg_type
-- Calls:    nothing
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_type":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_namespace pg_type'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["datname","oid","nspname","typname","typtype","typcategory","typlen","typalign"'
\qecho ',"typstorage","typbasetype","typelem"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.nspname::pg_catalog.text,
           r.typname::pg_catalog.text, r.typtype::pg_catalog.text, r.typcategory::pg_catalog.text,
           r.typlen::pg_catalog.int8, r.typalign::pg_catalog.text, r.typstorage::pg_catalog.text,
           r.typbasetype::pg_catalog.int8, r.typelem::pg_catalog.int8
       )::pg_catalog.text
from (
select t.oid, n.nspname, t.typname, t.typtype, t.typcategory, t.typlen, t.typalign, t.typstorage,
       nullif(t.typbasetype, 0) as typbasetype, nullif(t.typelem, 0) as typelem
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where t.typtype in ('b', 'd', 'e', 'r', 'm')
  and t.typelem not in (select e.oid from pg_catalog.pg_type e where e.typtype = 'c')
order by t.oid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_opclass
--
-- The operator classes that user indexes use.
--
-- Why:      Operator classes determine which queries can use an index, and whether it deduplicates.
-- Reads:    pg_am, pg_amproc, pg_index, pg_namespace, pg_opclass, pg_type
-- Calls:    unnest
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_opclass":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_am pg_amproc pg_index pg_namespace pg_opclass pg_type'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_13
\qecho '"columns":["datname","oid","nspname","opcname","amname","opcdefault","opcintype","typname"'
\qecho ',"deduplicates"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.nspname::pg_catalog.text,
           r.opcname::pg_catalog.text, r.amname::pg_catalog.text, r.opcdefault, r.opcintype::pg_catalog.int8,
           r.typname::pg_catalog.text, r.deduplicates
       )::pg_catalog.text
from (
select o.oid, n.nspname, o.opcname, a.amname, o.opcdefault, o.opcintype,
       (select t.typname from pg_catalog.pg_type t where t.oid = o.opcintype) as typname,
       a.amname = 'btree'
         and exists (select from pg_catalog.pg_amproc p
                     where p.amprocfamily = o.opcfamily and p.amproclefttype = o.opcintype
                       and p.amprocrighttype = o.opcintype and p.amprocnum = 4) as deduplicates
from pg_catalog.pg_opclass o
join pg_catalog.pg_am a on a.oid = o.opcmethod
join pg_catalog.pg_namespace n on n.oid = o.opcnamespace
where o.oid in (select pg_catalog.unnest(d.indclass::pg_catalog.oid[])
                from (select distinct i.indclass from pg_catalog.pg_index i where i.indexrelid >= 16384) d)
order by o.oid
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","oid","nspname","opcname","amname","opcdefault","opcintype","typname"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.nspname::pg_catalog.text,
           r.opcname::pg_catalog.text, r.amname::pg_catalog.text, r.opcdefault, r.opcintype::pg_catalog.int8,
           r.typname::pg_catalog.text
       )::pg_catalog.text
from (
select o.oid, n.nspname, o.opcname, a.amname, o.opcdefault, o.opcintype,
       (select t.typname from pg_catalog.pg_type t where t.oid = o.opcintype) as typname
from pg_catalog.pg_opclass o
join pg_catalog.pg_am a on a.oid = o.opcmethod
join pg_catalog.pg_namespace n on n.oid = o.opcnamespace
where o.oid in (select pg_catalog.unnest(d.indclass::pg_catalog.oid[])
                from (select distinct i.indclass from pg_catalog.pg_index i where i.indexrelid >= 16384) d)
order by o.oid
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_collation
--
-- The collations that user objects depend on, user-defined collations, and the built-in ones. The database's own
-- collation is in `pg_database`.
-- If `collversion` and `actual_version` differ, the collation library has changed since the indexes were built.
--
-- Why:      A change of the collation library can corrupt indexes.
-- Reads:    pg_collation, pg_database, pg_depend, pg_namespace
-- Calls:    current_database, pg_collation_actual_version
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_collation":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_collation pg_database pg_depend pg_namespace'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["datname","oid","nspname","collname","collprovider","collisdeterministic"'
\qecho ',"collversion","actual_version"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.nspname::pg_catalog.text,
           r.collname::pg_catalog.text, r.collprovider::pg_catalog.text, r.collisdeterministic,
           r.collversion::pg_catalog.text, r.actual_version::pg_catalog.text
       )::pg_catalog.text
from (
select c.oid, n.nspname, c.collname, c.collprovider, c.collisdeterministic, c.collversion,
       pg_catalog.pg_collation_actual_version(c.oid) as actual_version
from pg_catalog.pg_collation c
join pg_catalog.pg_namespace n on n.oid = c.collnamespace
where c.collencoding in (-1, (select d.encoding from pg_catalog.pg_database d
                              where d.datname = pg_catalog.current_database()))
  and (c.oid < 12000
       or c.oid >= 16384
       or exists (select from pg_catalog.pg_depend d
                  where d.refclassid = 'pg_catalog.pg_collation'::pg_catalog.regclass and d.refobjid = c.oid))
order by c.oid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stats
--
-- The statistics of ANALYZE for each column of user tables and of expression indexes: fractions and counts, never
-- values or histogram bounds.
-- For roles that cannot read `pg_statistic`: the 1000 largest tables, and of those the columns on which they have
-- SELECT.
--
-- Why:      Index and bloat advice use what the planner knows about each column.
-- Reads:    pg_attribute, pg_class, pg_index, pg_namespace, pg_statistic, pg_stats
-- Calls:    cardinality, sum, unnest
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stats":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_attribute pg_class pg_index pg_namespace pg_stats'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (case when not pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT') then :pgdba_refused end)::pg_catalog.text as reason,
       (case when not pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT') then
           'superuser is required to see more than the columns that the role can SELECT in the 1000 largest tables' end)::pg_catalog.text as hidden,
       pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT') as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_privileged
\qecho '"columns":["datname","relid","attnum","inherited","null_frac","avg_width","n_distinct"'
\qecho ',"correlation","most_common_freqs","most_common_count","most_common_total"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.relid::pg_catalog.int8, r.attnum::pg_catalog.int8,
           r.inherited, r.null_frac, r.avg_width::pg_catalog.int8, r.n_distinct, r.correlation, r.most_common_freqs,
           r.most_common_count::pg_catalog.int8, r.most_common_total
       )::pg_catalog.text
from (
select s.starelid as relid, s.staattnum as attnum, s.stainherit as inherited, s.stanullfrac as null_frac,
       s.stawidth as avg_width, s.stadistinct as n_distinct,
       case 3 when s.stakind1 then s.stanumbers1[1] when s.stakind2 then s.stanumbers2[1]
            when s.stakind3 then s.stanumbers3[1] when s.stakind4 then s.stanumbers4[1]
            when s.stakind5 then s.stanumbers5[1] end as correlation,
       case when pg_catalog.cardinality(f.freqs) > 20 then f.freqs[1:20] else f.freqs end as most_common_freqs,
       pg_catalog.cardinality(f.freqs) as most_common_count,
       case when pg_catalog.cardinality(f.freqs) > 20
            then (select pg_catalog.sum(x) from pg_catalog.unnest(f.freqs) x) end as most_common_total
from pg_catalog.pg_statistic s
cross join lateral (
  select case 1 when s.stakind1 then s.stanumbers1 when s.stakind2 then s.stanumbers2
                when s.stakind3 then s.stanumbers3 when s.stakind4 then s.stanumbers4
                when s.stakind5 then s.stanumbers5 end as freqs) f
where s.starelid >= 16384
) as r;
\else
\qecho '"columns":["datname","relid","attnum","inherited","null_frac","avg_width","n_distinct"'
\qecho ',"correlation","most_common_freqs","most_common_count","most_common_total"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.relid::pg_catalog.int8, r.attnum::pg_catalog.int8,
           r.inherited, r.null_frac, r.avg_width::pg_catalog.int8, r.n_distinct, r.correlation, r.most_common_freqs,
           r.most_common_count::pg_catalog.int8, r.most_common_total
       )::pg_catalog.text
from (
select c.oid as relid, a.attnum, s.inherited, s.null_frac, s.avg_width, s.n_distinct, s.correlation,
       (s.most_common_freqs)[1:20] as most_common_freqs,
       pg_catalog.cardinality(s.most_common_freqs) as most_common_count,
       case when pg_catalog.cardinality(s.most_common_freqs) > 20
            then (select pg_catalog.sum(f) from pg_catalog.unnest(s.most_common_freqs) f) end as most_common_total
from pg_catalog.pg_stats s
join pg_catalog.pg_namespace n on n.nspname = s.schemaname
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = s.attname
where s.tablename = any (array(select l.relname from pg_catalog.pg_class l
                               where l.relkind in ('r', 'm', 'p', 'i') and l.oid >= 16384
                                 and (l.relkind <> 'i' or l.oid in (select i.indexrelid from pg_catalog.pg_index i
                                                                    where i.indexprs is not null))
                               order by l.relpages desc, l.oid limit 1000))
  and c.oid >= 16384
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_statistic_ext
--
-- Extended statistics: their columns and the results of ANALYZE, except values. Results are included for tables on
-- which the role has SELECT.
--
-- Why:      Shows what the planner knows about columns that depend on each other.
-- Reads:    pg_namespace, pg_statistic_ext, pg_statistic_ext_data, pg_stats_ext
-- Calls:    nothing
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_statistic_ext":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_namespace pg_statistic_ext pg_stats_ext'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (case when not pg_catalog.has_table_privilege('pg_catalog.pg_statistic_ext_data', 'SELECT') then :pgdba_refused end)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       pg_catalog.has_table_privilege('pg_catalog.pg_statistic_ext_data', 'SELECT') as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_privileged
\if :pgdba_from_15
\qecho '"columns":["datname","oid","stxrelid","nspname","stxname","stxkind","stxkeys","has_expressions"'
\qecho ',"stxstattarget","inherited","n_distinct","dependencies"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.stxrelid::pg_catalog.int8,
           r.nspname::pg_catalog.text, r.stxname::pg_catalog.text, r.stxkind::pg_catalog.text[],
           r.stxkeys::pg_catalog.int8[], r.has_expressions, r.stxstattarget::pg_catalog.int8, r.inherited,
           r.n_distinct::pg_catalog.text, r.dependencies::pg_catalog.text
       )::pg_catalog.text
from (
select s.oid, s.stxrelid, n.nspname, s.stxname, s.stxkind::pg_catalog.text[] as stxkind, s.stxkeys,
       s.stxexprs is not null as has_expressions, nullif(s.stxstattarget, -1) as stxstattarget,
       v.stxdinherit as inherited,
       v.stxdndistinct::pg_catalog.text as n_distinct, v.stxddependencies::pg_catalog.text as dependencies
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
left join pg_catalog.pg_statistic_ext_data v on v.stxoid = s.oid
where s.oid >= 16384
order by s.oid
) as r;
\elif :pgdba_from_14
\qecho '"columns":["datname","oid","stxrelid","nspname","stxname","stxkind","stxkeys","has_expressions"'
\qecho ',"stxstattarget","n_distinct","dependencies"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.stxrelid::pg_catalog.int8,
           r.nspname::pg_catalog.text, r.stxname::pg_catalog.text, r.stxkind::pg_catalog.text[],
           r.stxkeys::pg_catalog.int8[], r.has_expressions, r.stxstattarget::pg_catalog.int8,
           r.n_distinct::pg_catalog.text, r.dependencies::pg_catalog.text
       )::pg_catalog.text
from (
select s.oid, s.stxrelid, n.nspname, s.stxname, s.stxkind::pg_catalog.text[] as stxkind, s.stxkeys,
       s.stxexprs is not null as has_expressions, nullif(s.stxstattarget, -1) as stxstattarget,
       v.stxdndistinct::pg_catalog.text as n_distinct, v.stxddependencies::pg_catalog.text as dependencies
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
left join pg_catalog.pg_statistic_ext_data v on v.stxoid = s.oid
where s.oid >= 16384
order by s.oid
) as r;
\elif :pgdba_from_13
\qecho '"columns":["datname","oid","stxrelid","nspname","stxname","stxkind","stxkeys","stxstattarget"'
\qecho ',"n_distinct","dependencies"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.stxrelid::pg_catalog.int8,
           r.nspname::pg_catalog.text, r.stxname::pg_catalog.text, r.stxkind::pg_catalog.text[],
           r.stxkeys::pg_catalog.int8[], r.stxstattarget::pg_catalog.int8, r.n_distinct::pg_catalog.text,
           r.dependencies::pg_catalog.text
       )::pg_catalog.text
from (
select s.oid, s.stxrelid, n.nspname, s.stxname, s.stxkind::pg_catalog.text[] as stxkind, s.stxkeys,
       nullif(s.stxstattarget, -1) as stxstattarget, v.stxdndistinct::pg_catalog.text as n_distinct,
       v.stxddependencies::pg_catalog.text as dependencies
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
left join pg_catalog.pg_statistic_ext_data v on v.stxoid = s.oid
where s.oid >= 16384
order by s.oid
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","oid","stxrelid","nspname","stxname","stxkind","stxkeys","n_distinct"'
\qecho ',"dependencies"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.stxrelid::pg_catalog.int8,
           r.nspname::pg_catalog.text, r.stxname::pg_catalog.text, r.stxkind::pg_catalog.text[],
           r.stxkeys::pg_catalog.int8[], r.n_distinct::pg_catalog.text, r.dependencies::pg_catalog.text
       )::pg_catalog.text
from (
select s.oid, s.stxrelid, n.nspname, s.stxname, s.stxkind::pg_catalog.text[] as stxkind, s.stxkeys,
       v.stxdndistinct::pg_catalog.text as n_distinct, v.stxddependencies::pg_catalog.text as dependencies
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
left join pg_catalog.pg_statistic_ext_data v on v.stxoid = s.oid
where s.oid >= 16384
order by s.oid
) as r;
\endif
\else
\if :pgdba_from_15
\qecho '"columns":["datname","oid","stxrelid","nspname","stxname","stxkind","stxkeys","has_expressions"'
\qecho ',"stxstattarget","inherited","n_distinct","dependencies"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.stxrelid::pg_catalog.int8,
           r.nspname::pg_catalog.text, r.stxname::pg_catalog.text, r.stxkind::pg_catalog.text[],
           r.stxkeys::pg_catalog.int8[], r.has_expressions, r.stxstattarget::pg_catalog.int8, r.inherited,
           r.n_distinct::pg_catalog.text, r.dependencies::pg_catalog.text
       )::pg_catalog.text
from (
select s.oid, s.stxrelid, n.nspname, s.stxname, s.stxkind::pg_catalog.text[] as stxkind, s.stxkeys,
       s.stxexprs is not null as has_expressions, nullif(s.stxstattarget, -1) as stxstattarget, v.inherited,
       v.n_distinct::pg_catalog.text as n_distinct, v.dependencies::pg_catalog.text as dependencies
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
left join pg_catalog.pg_stats_ext v on v.statistics_schemaname = n.nspname and v.statistics_name = s.stxname
where s.oid >= 16384
order by s.oid
) as r;
\elif :pgdba_from_14
\qecho '"columns":["datname","oid","stxrelid","nspname","stxname","stxkind","stxkeys","has_expressions"'
\qecho ',"stxstattarget","n_distinct","dependencies"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.stxrelid::pg_catalog.int8,
           r.nspname::pg_catalog.text, r.stxname::pg_catalog.text, r.stxkind::pg_catalog.text[],
           r.stxkeys::pg_catalog.int8[], r.has_expressions, r.stxstattarget::pg_catalog.int8,
           r.n_distinct::pg_catalog.text, r.dependencies::pg_catalog.text
       )::pg_catalog.text
from (
select s.oid, s.stxrelid, n.nspname, s.stxname, s.stxkind::pg_catalog.text[] as stxkind, s.stxkeys,
       s.stxexprs is not null as has_expressions, nullif(s.stxstattarget, -1) as stxstattarget,
       v.n_distinct::pg_catalog.text as n_distinct, v.dependencies::pg_catalog.text as dependencies
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
left join pg_catalog.pg_stats_ext v on v.statistics_schemaname = n.nspname and v.statistics_name = s.stxname
where s.oid >= 16384
order by s.oid
) as r;
\elif :pgdba_from_13
\qecho '"columns":["datname","oid","stxrelid","nspname","stxname","stxkind","stxkeys","stxstattarget"'
\qecho ',"n_distinct","dependencies"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.stxrelid::pg_catalog.int8,
           r.nspname::pg_catalog.text, r.stxname::pg_catalog.text, r.stxkind::pg_catalog.text[],
           r.stxkeys::pg_catalog.int8[], r.stxstattarget::pg_catalog.int8, r.n_distinct::pg_catalog.text,
           r.dependencies::pg_catalog.text
       )::pg_catalog.text
from (
select s.oid, s.stxrelid, n.nspname, s.stxname, s.stxkind::pg_catalog.text[] as stxkind, s.stxkeys,
       nullif(s.stxstattarget, -1) as stxstattarget, v.n_distinct::pg_catalog.text as n_distinct,
       v.dependencies::pg_catalog.text as dependencies
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
left join pg_catalog.pg_stats_ext v on v.statistics_schemaname = n.nspname and v.statistics_name = s.stxname
where s.oid >= 16384
order by s.oid
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","oid","stxrelid","nspname","stxname","stxkind","stxkeys","n_distinct"'
\qecho ',"dependencies"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.stxrelid::pg_catalog.int8,
           r.nspname::pg_catalog.text, r.stxname::pg_catalog.text, r.stxkind::pg_catalog.text[],
           r.stxkeys::pg_catalog.int8[], r.n_distinct::pg_catalog.text, r.dependencies::pg_catalog.text
       )::pg_catalog.text
from (
select s.oid, s.stxrelid, n.nspname, s.stxname, s.stxkind::pg_catalog.text[] as stxkind, s.stxkeys,
       v.n_distinct::pg_catalog.text as n_distinct, v.dependencies::pg_catalog.text as dependencies
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
left join pg_catalog.pg_stats_ext v on v.statistics_schemaname = n.nspname and v.statistics_name = s.stxname
where s.oid >= 16384
order by s.oid
) as r;
\endif
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_sequence
--
-- Sequences: their limits, the columns they belong to or number by default, and their current values.
-- Reading an exclusively locked sequence would wait, so `last_value` is left out for those, and for those that the role
-- cannot read. At most 1000 are read: those with the lowest maximum.
--
-- Why:      When a sequence reaches its maximum, inserts fail.
-- Reads:    pg_attrdef, pg_attribute, pg_class, pg_database, pg_depend, pg_locks, pg_sequence, pg_type
-- Calls:    current_database, has_sequence_privilege, pg_is_in_recovery, pg_is_other_temp_schema,
--           pg_sequence_last_value
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_sequence":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_attrdef pg_attribute pg_class pg_database pg_depend pg_locks pg_sequence pg_type'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["datname","seqrelid","typname","seqstart","seqincrement","seqmin","seqmax","seqcache"'
\qecho ',"seqcycle","owned_by_relid","owned_by_attnum","default_of_relid","default_of_attnum","is_read"'
\qecho ',"last_value"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.seqrelid::pg_catalog.int8, r.typname::pg_catalog.text,
           r.seqstart::pg_catalog.int8, r.seqincrement::pg_catalog.int8, r.seqmin::pg_catalog.int8,
           r.seqmax::pg_catalog.int8, r.seqcache::pg_catalog.int8, r.seqcycle, r.owned_by_relid::pg_catalog.int8,
           r.owned_by_attnum::pg_catalog.int8, r.default_of_relid::pg_catalog.int8,
           r.default_of_attnum::pg_catalog.int8, r.is_read, r.last_value::pg_catalog.int8
       )::pg_catalog.text
from (
with locked as materialized (
  select distinct l.relation
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), readable as materialized (
  select s.seqrelid
  from pg_catalog.pg_sequence s
  join pg_catalog.pg_class c on c.oid = s.seqrelid
  where s.seqrelid >= 16384
    and s.seqrelid not in (select x.relation from locked x)
    and (c.relpersistence = 'p' or not pg_catalog.pg_is_in_recovery())
    and not pg_catalog.pg_is_other_temp_schema(c.relnamespace)
    and pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT, USAGE')
  order by s.seqmax, s.seqrelid
  limit 1000
), defaults as materialized (
  select distinct on (d.refobjid) d.refobjid, f.adrelid, f.adnum
  from pg_catalog.pg_attrdef f
  join pg_catalog.pg_depend d
    on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = f.oid
   and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  join pg_catalog.pg_sequence s on s.seqrelid = d.refobjid
  join pg_catalog.pg_class c on c.oid = f.adrelid
  join pg_catalog.pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
  where a.atttypid in ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype,
                       'pg_catalog.int8'::pg_catalog.regtype)
    and f.adbin::pg_catalog.text ~ '^[{]FUNCEXPR :funcid (1574|(480|714) [^{]*:args [(][{]FUNCEXPR :funcid 1574) '
  order by d.refobjid, a.attlen, c.relispartition, f.adrelid, f.adnum
)
select s.seqrelid, t.typname, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
       d.refobjid as owned_by_relid, d.refobjsubid as owned_by_attnum,
       f.adrelid as default_of_relid, f.adnum as default_of_attnum, r.seqrelid is not null as is_read,
       case when r.seqrelid is not null
            then pg_catalog.pg_sequence_last_value(r.seqrelid::pg_catalog.regclass) end as last_value
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
left join pg_catalog.pg_type t on t.oid = s.seqtypid
left join pg_catalog.pg_depend d
  on d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = s.seqrelid and d.objsubid = 0
  and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')
left join defaults f on f.refobjid = s.seqrelid
left join readable r on r.seqrelid = s.seqrelid
where s.seqrelid >= 16384
order by s.seqrelid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_user_tables
--
-- Counters of each user table and its TOAST table: scans, changes, dead rows, vacuums and analyses. Index scans are in
-- `pg_stat_user_indexes`.
--
-- Why:      Shows whether VACUUM and ANALYZE keep up with the changes of each table.
-- Reads:    pg_class
-- Calls:    pg_stat_get_analyze_count, pg_stat_get_autoanalyze_count, pg_stat_get_autovacuum_count,
--           pg_stat_get_dead_tuples, pg_stat_get_ins_since_vacuum, pg_stat_get_last_analyze_time,
--           pg_stat_get_last_autoanalyze_time, pg_stat_get_last_autovacuum_time, pg_stat_get_last_vacuum_time,
--           pg_stat_get_lastscan, pg_stat_get_live_tuples, pg_stat_get_mod_since_analyze, pg_stat_get_numscans,
--           pg_stat_get_total_analyze_time, pg_stat_get_total_autoanalyze_time, pg_stat_get_total_autovacuum_time,
--           pg_stat_get_total_vacuum_time, pg_stat_get_tuples_deleted, pg_stat_get_tuples_fetched,
--           pg_stat_get_tuples_hot_updated, pg_stat_get_tuples_inserted, pg_stat_get_tuples_newpage_updated,
--           pg_stat_get_tuples_returned, pg_stat_get_tuples_updated, pg_stat_get_vacuum_count
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_user_tables":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_class'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_18
\qecho '"columns":["datname","relid","seq_scan","last_seq_scan","seq_tup_read","bitmap_tup_fetch"'
\qecho ',"n_tup_ins","n_tup_upd","n_tup_del","n_tup_hot_upd","n_tup_newpage_upd","n_live_tup"'
\qecho ',"n_dead_tup","n_mod_since_analyze","n_ins_since_vacuum","last_vacuum","last_autovacuum"'
\qecho ',"last_analyze","last_autoanalyze","vacuum_count","autovacuum_count","analyze_count"'
\qecho ',"autoanalyze_count","total_vacuum_time","total_autovacuum_time","total_analyze_time"'
\qecho ',"total_autoanalyze_time"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.relid::pg_catalog.int8, r.seq_scan::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.last_seq_scan::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.seq_tup_read::pg_catalog.int8, r.bitmap_tup_fetch::pg_catalog.int8, r.n_tup_ins::pg_catalog.int8,
           r.n_tup_upd::pg_catalog.int8, r.n_tup_del::pg_catalog.int8, r.n_tup_hot_upd::pg_catalog.int8,
           r.n_tup_newpage_upd::pg_catalog.int8, r.n_live_tup::pg_catalog.int8, r.n_dead_tup::pg_catalog.int8,
           r.n_mod_since_analyze::pg_catalog.int8, r.n_ins_since_vacuum::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.last_vacuum::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_autovacuum::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_analyze::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_autoanalyze::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.vacuum_count::pg_catalog.int8, r.autovacuum_count::pg_catalog.int8, r.analyze_count::pg_catalog.int8,
           r.autoanalyze_count::pg_catalog.int8, r.total_vacuum_time, r.total_autovacuum_time, r.total_analyze_time,
           r.total_autoanalyze_time
       )::pg_catalog.text
from (
select c.oid as relid, pg_catalog.pg_stat_get_numscans(c.oid) as seq_scan,
       pg_catalog.pg_stat_get_lastscan(c.oid) as last_seq_scan,
       pg_catalog.pg_stat_get_tuples_returned(c.oid) as seq_tup_read,
       pg_catalog.pg_stat_get_tuples_fetched(c.oid) as bitmap_tup_fetch,
       pg_catalog.pg_stat_get_tuples_inserted(c.oid) as n_tup_ins,
       pg_catalog.pg_stat_get_tuples_updated(c.oid) as n_tup_upd,
       pg_catalog.pg_stat_get_tuples_deleted(c.oid) as n_tup_del,
       pg_catalog.pg_stat_get_tuples_hot_updated(c.oid) as n_tup_hot_upd,
       pg_catalog.pg_stat_get_tuples_newpage_updated(c.oid) as n_tup_newpage_upd,
       pg_catalog.pg_stat_get_live_tuples(c.oid) as n_live_tup,
       pg_catalog.pg_stat_get_dead_tuples(c.oid) as n_dead_tup,
       pg_catalog.pg_stat_get_mod_since_analyze(c.oid) as n_mod_since_analyze,
       pg_catalog.pg_stat_get_ins_since_vacuum(c.oid) as n_ins_since_vacuum,
       pg_catalog.pg_stat_get_last_vacuum_time(c.oid) as last_vacuum,
       pg_catalog.pg_stat_get_last_autovacuum_time(c.oid) as last_autovacuum,
       pg_catalog.pg_stat_get_last_analyze_time(c.oid) as last_analyze,
       pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid) as last_autoanalyze,
       pg_catalog.pg_stat_get_vacuum_count(c.oid) as vacuum_count,
       pg_catalog.pg_stat_get_autovacuum_count(c.oid) as autovacuum_count,
       pg_catalog.pg_stat_get_analyze_count(c.oid) as analyze_count,
       pg_catalog.pg_stat_get_autoanalyze_count(c.oid) as autoanalyze_count,
       pg_catalog.pg_stat_get_total_vacuum_time(c.oid) as total_vacuum_time,
       pg_catalog.pg_stat_get_total_autovacuum_time(c.oid) as total_autovacuum_time,
       pg_catalog.pg_stat_get_total_analyze_time(c.oid) as total_analyze_time,
       pg_catalog.pg_stat_get_total_autoanalyze_time(c.oid) as total_autoanalyze_time
from pg_catalog.pg_class c
where c.relkind in ('r', 't', 'm', 'p')
  and c.oid >= 16384
) as r;
\elif :pgdba_from_16
\qecho '"columns":["datname","relid","seq_scan","last_seq_scan","seq_tup_read","bitmap_tup_fetch"'
\qecho ',"n_tup_ins","n_tup_upd","n_tup_del","n_tup_hot_upd","n_tup_newpage_upd","n_live_tup"'
\qecho ',"n_dead_tup","n_mod_since_analyze","n_ins_since_vacuum","last_vacuum","last_autovacuum"'
\qecho ',"last_analyze","last_autoanalyze","vacuum_count","autovacuum_count","analyze_count"'
\qecho ',"autoanalyze_count"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.relid::pg_catalog.int8, r.seq_scan::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.last_seq_scan::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.seq_tup_read::pg_catalog.int8, r.bitmap_tup_fetch::pg_catalog.int8, r.n_tup_ins::pg_catalog.int8,
           r.n_tup_upd::pg_catalog.int8, r.n_tup_del::pg_catalog.int8, r.n_tup_hot_upd::pg_catalog.int8,
           r.n_tup_newpage_upd::pg_catalog.int8, r.n_live_tup::pg_catalog.int8, r.n_dead_tup::pg_catalog.int8,
           r.n_mod_since_analyze::pg_catalog.int8, r.n_ins_since_vacuum::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.last_vacuum::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_autovacuum::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_analyze::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_autoanalyze::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.vacuum_count::pg_catalog.int8, r.autovacuum_count::pg_catalog.int8, r.analyze_count::pg_catalog.int8,
           r.autoanalyze_count::pg_catalog.int8
       )::pg_catalog.text
from (
select c.oid as relid, pg_catalog.pg_stat_get_numscans(c.oid) as seq_scan,
       pg_catalog.pg_stat_get_lastscan(c.oid) as last_seq_scan,
       pg_catalog.pg_stat_get_tuples_returned(c.oid) as seq_tup_read,
       pg_catalog.pg_stat_get_tuples_fetched(c.oid) as bitmap_tup_fetch,
       pg_catalog.pg_stat_get_tuples_inserted(c.oid) as n_tup_ins,
       pg_catalog.pg_stat_get_tuples_updated(c.oid) as n_tup_upd,
       pg_catalog.pg_stat_get_tuples_deleted(c.oid) as n_tup_del,
       pg_catalog.pg_stat_get_tuples_hot_updated(c.oid) as n_tup_hot_upd,
       pg_catalog.pg_stat_get_tuples_newpage_updated(c.oid) as n_tup_newpage_upd,
       pg_catalog.pg_stat_get_live_tuples(c.oid) as n_live_tup,
       pg_catalog.pg_stat_get_dead_tuples(c.oid) as n_dead_tup,
       pg_catalog.pg_stat_get_mod_since_analyze(c.oid) as n_mod_since_analyze,
       pg_catalog.pg_stat_get_ins_since_vacuum(c.oid) as n_ins_since_vacuum,
       pg_catalog.pg_stat_get_last_vacuum_time(c.oid) as last_vacuum,
       pg_catalog.pg_stat_get_last_autovacuum_time(c.oid) as last_autovacuum,
       pg_catalog.pg_stat_get_last_analyze_time(c.oid) as last_analyze,
       pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid) as last_autoanalyze,
       pg_catalog.pg_stat_get_vacuum_count(c.oid) as vacuum_count,
       pg_catalog.pg_stat_get_autovacuum_count(c.oid) as autovacuum_count,
       pg_catalog.pg_stat_get_analyze_count(c.oid) as analyze_count,
       pg_catalog.pg_stat_get_autoanalyze_count(c.oid) as autoanalyze_count
from pg_catalog.pg_class c
where c.relkind in ('r', 't', 'm', 'p')
  and c.oid >= 16384
) as r;
\elif :pgdba_from_13
\qecho '"columns":["datname","relid","seq_scan","seq_tup_read","bitmap_tup_fetch","n_tup_ins"'
\qecho ',"n_tup_upd","n_tup_del","n_tup_hot_upd","n_live_tup","n_dead_tup","n_mod_since_analyze"'
\qecho ',"n_ins_since_vacuum","last_vacuum","last_autovacuum","last_analyze","last_autoanalyze"'
\qecho ',"vacuum_count","autovacuum_count","analyze_count","autoanalyze_count"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.relid::pg_catalog.int8, r.seq_scan::pg_catalog.int8,
           r.seq_tup_read::pg_catalog.int8, r.bitmap_tup_fetch::pg_catalog.int8, r.n_tup_ins::pg_catalog.int8,
           r.n_tup_upd::pg_catalog.int8, r.n_tup_del::pg_catalog.int8, r.n_tup_hot_upd::pg_catalog.int8,
           r.n_live_tup::pg_catalog.int8, r.n_dead_tup::pg_catalog.int8, r.n_mod_since_analyze::pg_catalog.int8,
           r.n_ins_since_vacuum::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.last_vacuum::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_autovacuum::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_analyze::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_autoanalyze::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.vacuum_count::pg_catalog.int8, r.autovacuum_count::pg_catalog.int8, r.analyze_count::pg_catalog.int8,
           r.autoanalyze_count::pg_catalog.int8
       )::pg_catalog.text
from (
select c.oid as relid, pg_catalog.pg_stat_get_numscans(c.oid) as seq_scan,
       pg_catalog.pg_stat_get_tuples_returned(c.oid) as seq_tup_read,
       pg_catalog.pg_stat_get_tuples_fetched(c.oid) as bitmap_tup_fetch,
       pg_catalog.pg_stat_get_tuples_inserted(c.oid) as n_tup_ins,
       pg_catalog.pg_stat_get_tuples_updated(c.oid) as n_tup_upd,
       pg_catalog.pg_stat_get_tuples_deleted(c.oid) as n_tup_del,
       pg_catalog.pg_stat_get_tuples_hot_updated(c.oid) as n_tup_hot_upd,
       pg_catalog.pg_stat_get_live_tuples(c.oid) as n_live_tup,
       pg_catalog.pg_stat_get_dead_tuples(c.oid) as n_dead_tup,
       pg_catalog.pg_stat_get_mod_since_analyze(c.oid) as n_mod_since_analyze,
       pg_catalog.pg_stat_get_ins_since_vacuum(c.oid) as n_ins_since_vacuum,
       pg_catalog.pg_stat_get_last_vacuum_time(c.oid) as last_vacuum,
       pg_catalog.pg_stat_get_last_autovacuum_time(c.oid) as last_autovacuum,
       pg_catalog.pg_stat_get_last_analyze_time(c.oid) as last_analyze,
       pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid) as last_autoanalyze,
       pg_catalog.pg_stat_get_vacuum_count(c.oid) as vacuum_count,
       pg_catalog.pg_stat_get_autovacuum_count(c.oid) as autovacuum_count,
       pg_catalog.pg_stat_get_analyze_count(c.oid) as analyze_count,
       pg_catalog.pg_stat_get_autoanalyze_count(c.oid) as autoanalyze_count
from pg_catalog.pg_class c
where c.relkind in ('r', 't', 'm', 'p')
  and c.oid >= 16384
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","relid","seq_scan","seq_tup_read","bitmap_tup_fetch","n_tup_ins"'
\qecho ',"n_tup_upd","n_tup_del","n_tup_hot_upd","n_live_tup","n_dead_tup","n_mod_since_analyze"'
\qecho ',"last_vacuum","last_autovacuum","last_analyze","last_autoanalyze","vacuum_count"'
\qecho ',"autovacuum_count","analyze_count","autoanalyze_count"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.relid::pg_catalog.int8, r.seq_scan::pg_catalog.int8,
           r.seq_tup_read::pg_catalog.int8, r.bitmap_tup_fetch::pg_catalog.int8, r.n_tup_ins::pg_catalog.int8,
           r.n_tup_upd::pg_catalog.int8, r.n_tup_del::pg_catalog.int8, r.n_tup_hot_upd::pg_catalog.int8,
           r.n_live_tup::pg_catalog.int8, r.n_dead_tup::pg_catalog.int8, r.n_mod_since_analyze::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.last_vacuum::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_autovacuum::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_analyze::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           pg_catalog.replace(pg_catalog.replace(r.last_autoanalyze::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.vacuum_count::pg_catalog.int8, r.autovacuum_count::pg_catalog.int8, r.analyze_count::pg_catalog.int8,
           r.autoanalyze_count::pg_catalog.int8
       )::pg_catalog.text
from (
select c.oid as relid, pg_catalog.pg_stat_get_numscans(c.oid) as seq_scan,
       pg_catalog.pg_stat_get_tuples_returned(c.oid) as seq_tup_read,
       pg_catalog.pg_stat_get_tuples_fetched(c.oid) as bitmap_tup_fetch,
       pg_catalog.pg_stat_get_tuples_inserted(c.oid) as n_tup_ins,
       pg_catalog.pg_stat_get_tuples_updated(c.oid) as n_tup_upd,
       pg_catalog.pg_stat_get_tuples_deleted(c.oid) as n_tup_del,
       pg_catalog.pg_stat_get_tuples_hot_updated(c.oid) as n_tup_hot_upd,
       pg_catalog.pg_stat_get_live_tuples(c.oid) as n_live_tup,
       pg_catalog.pg_stat_get_dead_tuples(c.oid) as n_dead_tup,
       pg_catalog.pg_stat_get_mod_since_analyze(c.oid) as n_mod_since_analyze,
       pg_catalog.pg_stat_get_last_vacuum_time(c.oid) as last_vacuum,
       pg_catalog.pg_stat_get_last_autovacuum_time(c.oid) as last_autovacuum,
       pg_catalog.pg_stat_get_last_analyze_time(c.oid) as last_analyze,
       pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid) as last_autoanalyze,
       pg_catalog.pg_stat_get_vacuum_count(c.oid) as vacuum_count,
       pg_catalog.pg_stat_get_autovacuum_count(c.oid) as autovacuum_count,
       pg_catalog.pg_stat_get_analyze_count(c.oid) as analyze_count,
       pg_catalog.pg_stat_get_autoanalyze_count(c.oid) as autoanalyze_count
from pg_catalog.pg_class c
where c.relkind in ('r', 't', 'm', 'p')
  and c.oid >= 16384
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_statio_user_tables
--
-- Pages of each user table and its TOAST table: reads from the operating system, and shared buffer hits. Those of
-- indexes are in `pg_stat_user_indexes`.
--
-- Why:      Finds tables that are read from disk.
-- Reads:    pg_class
-- Calls:    pg_stat_get_blocks_fetched, pg_stat_get_blocks_hit
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_statio_user_tables":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_class'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["datname","relid","heap_blks_read","heap_blks_hit"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.relid::pg_catalog.int8, r.heap_blks_read::pg_catalog.int8,
           r.heap_blks_hit::pg_catalog.int8
       )::pg_catalog.text
from (
select c.oid as relid,
       pg_catalog.pg_stat_get_blocks_fetched(c.oid) - pg_catalog.pg_stat_get_blocks_hit(c.oid) as heap_blks_read,
       pg_catalog.pg_stat_get_blocks_hit(c.oid) as heap_blks_hit
from pg_catalog.pg_class c
where c.relkind in ('r', 't', 'm')
  and c.oid >= 16384
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_stat_user_indexes
--
-- Counters of each user index: scans and pages. Indexes of TOAST tables are left out.
--
-- Why:      Finds unused indexes.
-- Reads:    pg_class, pg_namespace
-- Calls:    pg_stat_get_blocks_fetched, pg_stat_get_blocks_hit, pg_stat_get_lastscan, pg_stat_get_numscans,
--           pg_stat_get_tuples_fetched, pg_stat_get_tuples_returned
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_stat_user_indexes":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_class pg_namespace'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_16
\qecho '"columns":["datname","indexrelid","idx_scan","last_idx_scan","idx_tup_read","idx_tup_fetch"'
\qecho ',"idx_blks_read","idx_blks_hit"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.indexrelid::pg_catalog.int8, r.idx_scan::pg_catalog.int8,
           pg_catalog.replace(pg_catalog.replace(r.last_idx_scan::pg_catalog.text, ' ', 'T'), '+00', 'Z'),
           r.idx_tup_read::pg_catalog.int8, r.idx_tup_fetch::pg_catalog.int8, r.idx_blks_read::pg_catalog.int8,
           r.idx_blks_hit::pg_catalog.int8
       )::pg_catalog.text
from (
select i.oid as indexrelid, pg_catalog.pg_stat_get_numscans(i.oid) as idx_scan,
       pg_catalog.pg_stat_get_lastscan(i.oid) as last_idx_scan,
       pg_catalog.pg_stat_get_tuples_returned(i.oid) as idx_tup_read,
       pg_catalog.pg_stat_get_tuples_fetched(i.oid) as idx_tup_fetch,
       pg_catalog.pg_stat_get_blocks_fetched(i.oid)
         - pg_catalog.pg_stat_get_blocks_hit(i.oid) as idx_blks_read,
       pg_catalog.pg_stat_get_blocks_hit(i.oid) as idx_blks_hit
from pg_catalog.pg_class i
where i.relkind = 'i'
  and i.oid >= 16384
  and i.relnamespace not in (select n.oid from pg_catalog.pg_namespace n where n.nspname like 'pg\_toast%')
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","indexrelid","idx_scan","idx_tup_read","idx_tup_fetch","idx_blks_read"'
\qecho ',"idx_blks_hit"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.indexrelid::pg_catalog.int8, r.idx_scan::pg_catalog.int8,
           r.idx_tup_read::pg_catalog.int8, r.idx_tup_fetch::pg_catalog.int8, r.idx_blks_read::pg_catalog.int8,
           r.idx_blks_hit::pg_catalog.int8
       )::pg_catalog.text
from (
select i.oid as indexrelid, pg_catalog.pg_stat_get_numscans(i.oid) as idx_scan,
       pg_catalog.pg_stat_get_tuples_returned(i.oid) as idx_tup_read,
       pg_catalog.pg_stat_get_tuples_fetched(i.oid) as idx_tup_fetch,
       pg_catalog.pg_stat_get_blocks_fetched(i.oid)
         - pg_catalog.pg_stat_get_blocks_hit(i.oid) as idx_blks_read,
       pg_catalog.pg_stat_get_blocks_hit(i.oid) as idx_blks_hit
from pg_catalog.pg_class i
where i.relkind = 'i'
  and i.oid >= 16384
  and i.relnamespace not in (select n.oid from pg_catalog.pg_namespace n where n.nspname like 'pg\_toast%')
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_policy
--
-- Row-level security policies: roles and commands. Never an expression, only whether it is `true`.
--
-- Why:      Policies that are always true do not protect anything.
-- Reads:    pg_policy, pg_roles
-- Calls:    unnest
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_policy":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_policy pg_roles'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["datname","polrelid","polname","polcmd","polpermissive","roles","has_qual"'
\qecho ',"qual_is_true","has_with_check","with_check_is_true"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.polrelid::pg_catalog.int8, r.polname::pg_catalog.text,
           r.polcmd::pg_catalog.text, r.polpermissive, r.roles::pg_catalog.text[], r.has_qual, r.qual_is_true,
           r.has_with_check, r.with_check_is_true
       )::pg_catalog.text
from (
select p.polrelid, p.polname, p.polcmd, p.polpermissive,
       array(select coalesce(r.rolname, 'public') from pg_catalog.unnest(p.polroles) u (oid)
             left join pg_catalog.pg_roles r on r.oid = u.oid order by 1)::pg_catalog.text[] as roles,
       p.polqual is not null as has_qual,
       p.polqual::pg_catalog.text
         like '{CONST :consttype 16 %:constisnull false %:constvalue 1 [ 1 %' as qual_is_true,
       p.polwithcheck is not null as has_with_check,
       p.polwithcheck::pg_catalog.text
         like '{CONST :consttype 16 %:constisnull false %:constvalue 1 [ 1 %' as with_check_is_true
from pg_catalog.pg_policy p
order by p.polrelid, p.polname
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_proc
--
-- User-defined SECURITY DEFINER functions and procedures. Never a body.
--
-- Why:      SECURITY DEFINER functions without a fixed search_path can be made to run an attacker's code.
-- Reads:    pg_depend, pg_extension, pg_language, pg_namespace, pg_proc, pg_roles
-- Calls:    has_function_privilege, pg_get_function_identity_arguments, pg_get_userbyid, split_part, substr, unnest
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_proc":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_depend pg_extension pg_language pg_namespace pg_proc pg_roles'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_14
\qecho '"columns":["datname","oid","nspname","proname","identity_arguments","prokind","lanname","owner"'
\qecho ',"owner_is_superuser","provolatile","has_sql_body","public_execute","search_path","config_names"'
\qecho ',"extname"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.nspname::pg_catalog.text,
           r.proname::pg_catalog.text, r.identity_arguments::pg_catalog.text, r.prokind::pg_catalog.text,
           r.lanname::pg_catalog.text, r.owner::pg_catalog.text, r.owner_is_superuser, r.provolatile::pg_catalog.text,
           r.has_sql_body, r.public_execute, r.search_path::pg_catalog.text, r.config_names::pg_catalog.text[],
           r.extname::pg_catalog.text
       )::pg_catalog.text
from (
select p.oid, n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid) as identity_arguments,
       p.prokind, l.lanname, pg_catalog.pg_get_userbyid(p.proowner) as owner,
       (select r.rolsuper from pg_catalog.pg_roles r where r.oid = p.proowner) as owner_is_superuser, p.provolatile,
       p.prosqlbody is not null as has_sql_body,
       pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE') as public_execute,
       (select pg_catalog.substr(s, 13) from pg_catalog.unnest(p.proconfig) s
         where s like 'search\_path=%') as search_path,
       array(select pg_catalog.split_part(s, '=', 1) from pg_catalog.unnest(p.proconfig) s) as config_names, e.extname
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
left join pg_catalog.pg_language l on l.oid = p.prolang
left join pg_catalog.pg_depend d
  on d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e'
left join pg_catalog.pg_extension e on e.oid = d.refobjid
where p.prosecdef
  and p.oid >= 16384
order by p.oid
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","oid","nspname","proname","identity_arguments","prokind","lanname","owner"'
\qecho ',"owner_is_superuser","provolatile","public_execute","search_path","config_names","extname"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.nspname::pg_catalog.text,
           r.proname::pg_catalog.text, r.identity_arguments::pg_catalog.text, r.prokind::pg_catalog.text,
           r.lanname::pg_catalog.text, r.owner::pg_catalog.text, r.owner_is_superuser, r.provolatile::pg_catalog.text,
           r.public_execute, r.search_path::pg_catalog.text, r.config_names::pg_catalog.text[],
           r.extname::pg_catalog.text
       )::pg_catalog.text
from (
select p.oid, n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid) as identity_arguments,
       p.prokind, l.lanname, pg_catalog.pg_get_userbyid(p.proowner) as owner,
       (select r.rolsuper from pg_catalog.pg_roles r where r.oid = p.proowner) as owner_is_superuser, p.provolatile,
       pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE') as public_execute,
       (select pg_catalog.substr(s, 13) from pg_catalog.unnest(p.proconfig) s
         where s like 'search\_path=%') as search_path,
       array(select pg_catalog.split_part(s, '=', 1) from pg_catalog.unnest(p.proconfig) s) as config_names, e.extname
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
left join pg_catalog.pg_language l on l.oid = p.prolang
left join pg_catalog.pg_depend d
  on d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e'
left join pg_catalog.pg_extension e on e.oid = d.refobjid
where p.prosecdef
  and p.oid >= 16384
order by p.oid
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_trigger
--
-- Triggers that are disabled, including those of foreign keys.
--
-- Why:      A disabled trigger, especially of a foreign key, allows invalid rows.
-- Reads:    pg_trigger
-- Calls:    nothing
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_trigger":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_trigger'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["datname","oid","tgrelid","tgname","tgenabled","tgisinternal","tgconstraint"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.tgrelid::pg_catalog.int8,
           r.tgname::pg_catalog.text, r.tgenabled::pg_catalog.text, r.tgisinternal, r.tgconstraint::pg_catalog.int8
       )::pg_catalog.text
from (
select t.oid, t.tgrelid, t.tgname, t.tgenabled, t.tgisinternal, nullif(t.tgconstraint, 0) as tgconstraint
from pg_catalog.pg_trigger t
where t.tgenabled = 'D'
  and t.tgrelid >= 16384
order by t.oid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_publication
--
-- Publications of logical replication: tables and commands. Never a row filter.
--
-- Why:      Shows what logical replication publishes.
-- Reads:    pg_publication, pg_publication_namespace, pg_publication_rel
-- Calls:    pg_get_userbyid
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_publication":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_publication pg_publication_namespace pg_publication_rel'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_15
\qecho '"columns":["datname","oid","pubname","owner","puballtables","pubinsert","pubupdate","pubdelete"'
\qecho ',"pubtruncate","pubviaroot","prrelids","pnnspids","has_row_filters"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.pubname::pg_catalog.text,
           r.owner::pg_catalog.text, r.puballtables, r.pubinsert, r.pubupdate, r.pubdelete, r.pubtruncate, r.pubviaroot,
           r.prrelids::pg_catalog.int8[], r.pnnspids::pg_catalog.int8[], r.has_row_filters
       )::pg_catalog.text
from (
select p.oid, p.pubname, pg_catalog.pg_get_userbyid(p.pubowner) as owner, p.puballtables, p.pubinsert, p.pubupdate,
       p.pubdelete, p.pubtruncate,
       p.pubviaroot,
       array(select x.prrelid from pg_catalog.pg_publication_rel x
             where x.prpubid = p.oid order by x.prrelid) as prrelids,
       array(select x.pnnspid from pg_catalog.pg_publication_namespace x
             where x.pnpubid = p.oid order by x.pnnspid) as pnnspids,
       exists (select from pg_catalog.pg_publication_rel x
               where x.prpubid = p.oid and x.prqual is not null) as has_row_filters
from pg_catalog.pg_publication p
order by p.oid
) as r;
\elif :pgdba_from_13
\qecho '"columns":["datname","oid","pubname","owner","puballtables","pubinsert","pubupdate","pubdelete"'
\qecho ',"pubtruncate","pubviaroot","prrelids"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.pubname::pg_catalog.text,
           r.owner::pg_catalog.text, r.puballtables, r.pubinsert, r.pubupdate, r.pubdelete, r.pubtruncate, r.pubviaroot,
           r.prrelids::pg_catalog.int8[]
       )::pg_catalog.text
from (
select p.oid, p.pubname, pg_catalog.pg_get_userbyid(p.pubowner) as owner, p.puballtables, p.pubinsert, p.pubupdate,
       p.pubdelete, p.pubtruncate,
       p.pubviaroot,
       array(select x.prrelid from pg_catalog.pg_publication_rel x
             where x.prpubid = p.oid order by x.prrelid) as prrelids
from pg_catalog.pg_publication p
order by p.oid
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","oid","pubname","owner","puballtables","pubinsert","pubupdate","pubdelete"'
\qecho ',"pubtruncate","prrelids"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.pubname::pg_catalog.text,
           r.owner::pg_catalog.text, r.puballtables, r.pubinsert, r.pubupdate, r.pubdelete, r.pubtruncate,
           r.prrelids::pg_catalog.int8[]
       )::pg_catalog.text
from (
select p.oid, p.pubname, pg_catalog.pg_get_userbyid(p.pubowner) as owner, p.puballtables, p.pubinsert, p.pubupdate,
       p.pubdelete, p.pubtruncate,
       array(select x.prrelid from pg_catalog.pg_publication_rel x
             where x.prpubid = p.oid order by x.prrelid) as prrelids
from pg_catalog.pg_publication p
order by p.oid
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_subscription
--
-- Subscriptions of logical replication. Never the connection string.
--
-- Why:      Finds disabled subscriptions.
-- Reads:    pg_database, pg_subscription
-- Calls:    current_database, pg_get_userbyid
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_subscription":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_database pg_subscription'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\if :pgdba_from_17
\qecho '"columns":["datname","subname","owner","subenabled","subslotname","subpublications","subbinary"'
\qecho ',"substream","subtwophasestate","subdisableonerr","subpasswordrequired","subrunasowner"'
\qecho ',"suborigin","subfailover"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.subname::pg_catalog.text, r.owner::pg_catalog.text,
           r.subenabled, r.subslotname::pg_catalog.text, r.subpublications::pg_catalog.text[], r.subbinary,
           r.substream::pg_catalog.text, r.subtwophasestate::pg_catalog.text, r.subdisableonerr, r.subpasswordrequired,
           r.subrunasowner, r.suborigin::pg_catalog.text, r.subfailover
       )::pg_catalog.text
from (
select s.subname, pg_catalog.pg_get_userbyid(s.subowner) as owner, s.subenabled, s.subslotname, s.subpublications,
       s.subbinary,
       s.substream::pg_catalog.text as substream, s.subtwophasestate, s.subdisableonerr, s.subpasswordrequired,
       s.subrunasowner, s.suborigin, s.subfailover
from pg_catalog.pg_subscription s
where s.subdbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
order by s.subname
) as r;
\elif :pgdba_from_16
\qecho '"columns":["datname","subname","owner","subenabled","subslotname","subpublications","subbinary"'
\qecho ',"substream","subtwophasestate","subdisableonerr","subpasswordrequired","subrunasowner"'
\qecho ',"suborigin"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.subname::pg_catalog.text, r.owner::pg_catalog.text,
           r.subenabled, r.subslotname::pg_catalog.text, r.subpublications::pg_catalog.text[], r.subbinary,
           r.substream::pg_catalog.text, r.subtwophasestate::pg_catalog.text, r.subdisableonerr, r.subpasswordrequired,
           r.subrunasowner, r.suborigin::pg_catalog.text
       )::pg_catalog.text
from (
select s.subname, pg_catalog.pg_get_userbyid(s.subowner) as owner, s.subenabled, s.subslotname, s.subpublications,
       s.subbinary,
       s.substream::pg_catalog.text as substream, s.subtwophasestate, s.subdisableonerr, s.subpasswordrequired,
       s.subrunasowner, s.suborigin
from pg_catalog.pg_subscription s
where s.subdbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
order by s.subname
) as r;
\elif :pgdba_from_15
\qecho '"columns":["datname","subname","owner","subenabled","subslotname","subpublications","subbinary"'
\qecho ',"substream","subtwophasestate","subdisableonerr"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.subname::pg_catalog.text, r.owner::pg_catalog.text,
           r.subenabled, r.subslotname::pg_catalog.text, r.subpublications::pg_catalog.text[], r.subbinary,
           r.substream::pg_catalog.text, r.subtwophasestate::pg_catalog.text, r.subdisableonerr
       )::pg_catalog.text
from (
select s.subname, pg_catalog.pg_get_userbyid(s.subowner) as owner, s.subenabled, s.subslotname, s.subpublications,
       s.subbinary,
       s.substream::pg_catalog.text as substream, s.subtwophasestate, s.subdisableonerr
from pg_catalog.pg_subscription s
where s.subdbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
order by s.subname
) as r;
\elif :pgdba_from_14
\qecho '"columns":["datname","subname","owner","subenabled","subslotname","subpublications","subbinary"'
\qecho ',"substream"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.subname::pg_catalog.text, r.owner::pg_catalog.text,
           r.subenabled, r.subslotname::pg_catalog.text, r.subpublications::pg_catalog.text[], r.subbinary,
           r.substream::pg_catalog.text
       )::pg_catalog.text
from (
select s.subname, pg_catalog.pg_get_userbyid(s.subowner) as owner, s.subenabled, s.subslotname, s.subpublications,
       s.subbinary,
       s.substream::pg_catalog.text as substream
from pg_catalog.pg_subscription s
where s.subdbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
order by s.subname
) as r;
\elif :pgdba_from_12
\qecho '"columns":["datname","subname","owner","subenabled","subslotname","subpublications"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.subname::pg_catalog.text, r.owner::pg_catalog.text,
           r.subenabled, r.subslotname::pg_catalog.text, r.subpublications::pg_catalog.text[]
       )::pg_catalog.text
from (
select s.subname, pg_catalog.pg_get_userbyid(s.subowner) as owner, s.subenabled, s.subslotname, s.subpublications
from pg_catalog.pg_subscription s
where s.subdbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
order by s.subname
) as r;
\endif
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_extension
--
-- Extensions that are installed in the database.
--
-- Why:      Advice depends on the installed extensions.
-- Reads:    pg_extension, pg_namespace
-- Calls:    pg_get_userbyid
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_extension":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_extension pg_namespace'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["datname","oid","extname","extversion","nspname","owner"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.oid::pg_catalog.int8, r.extname::pg_catalog.text,
           r.extversion::pg_catalog.text, r.nspname::pg_catalog.text, r.owner::pg_catalog.text
       )::pg_catalog.text
from (
select e.oid, e.extname, e.extversion, n.nspname, pg_catalog.pg_get_userbyid(e.extowner) as owner
from pg_catalog.pg_extension e
left join pg_catalog.pg_namespace n on n.oid = e.extnamespace
order by e.oid
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- pg_available_extensions
--
-- The installed extensions, with the version available on the server.
--
-- Why:      Finds extensions that need ALTER EXTENSION ... UPDATE.
-- Reads:    pg_available_extensions
-- Calls:    nothing
-- Scope:    this database
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"pg_available_extensions":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads 'pg_available_extensions'
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select (:pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["datname","name","default_version","installed_version"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           pg_catalog.current_database()::pg_catalog.text, r.name::pg_catalog.text, r.default_version::pg_catalog.text,
           r.installed_version::pg_catalog.text
       )::pg_catalog.text
from (
select name, default_version, installed_version
from pg_catalog.pg_available_extensions
where installed_version is not null
order by name
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

-- ---------------------------------------------------------------------------------------------------------------------
-- host
--
-- The host that the server runs on, from `/proc`, the control groups and the file systems.
-- Superusers read it through the server, and so do members of pg_read_server_files with EXECUTE on `pg_read_file`. If
-- the collector runs on the same host and can see the server's process, it reads the host itself: it adds free disk
-- space, and for other roles everything. In a container the files under `/proc` describe the host; the control group's
-- limit is given too.
--
-- Why:      Memory and processors determine suitable settings.
-- Reads:    nothing
-- Calls:    btrim, pg_read_file, rtrim, string_agg, substring
-- Scope:    the whole cluster
-- ---------------------------------------------------------------------------------------------------------------------
\qecho :pgdba_comma '"host":{'
\set pgdba_comma ,
\set pgdba_available false
\set pgdba_reason '"unknown"'
\set pgdba_limited null
\set pgdba_collected_at null
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
\set pgdba_reads ''
select /* pgdba */ case when a.reason is null then 'true' else 'false' end as available,
       coalesce(pg_catalog.to_json(a.reason)::pg_catalog.text, 'null') as reason,
       coalesce(pg_catalog.to_json(case when a.reason is null then a.hidden end)::pg_catalog.text, 'null') as limited,
       a.privileged, :pgdba_now as collected_at
from (select coalesce((
select case when not pg_catalog.has_function_privilege('pg_catalog.pg_read_file(text,bigint,bigint,boolean)', 'EXECUTE')
            then 'no EXECUTE privilege on function pg_read_file'
            when not pg_catalog.pg_has_role('pg_read_server_files', 'USAGE')
            then 'the role is not a member of pg_read_server_files' end
       ),
         :pgdba_refused)::pg_catalog.text as reason,
       null::pg_catalog.text as hidden,
       false as privileged) as a
\gset pgdba_
\set pgdba_failed :ERROR
\if :pgdba_available
\qecho '"columns":["source","meminfo","cpu_online","loadavg","cgroup_memory_max","cgroup_cpu_max"'
\qecho ',"rotational"],"rows":['
select /* pgdba */ case pg_catalog.row_number() over () when 1 then '' else ',' end || pg_catalog.json_build_array(
           r.source::pg_catalog.text, r.meminfo::pg_catalog.text, r.cpu_online::pg_catalog.text,
           r.loadavg::pg_catalog.text, r.cgroup_memory_max::pg_catalog.text, r.cgroup_cpu_max::pg_catalog.text,
           r.rotational::pg_catalog.text
       )::pg_catalog.text
from (
with cgroup as (
  select pg_catalog.pg_read_file('/proc/self/cgroup', 0, 100000, true) as text
), place as (
  select case when c.text ~ '(^|\n)0::/' then pg_catalog.rtrim(pg_catalog.substring(c.text, '0::(/[^\n]*)'), '/') end as v2
  from cgroup c
)
select 'server' as source,
       pg_catalog.pg_read_file('/proc/meminfo', 0, 1000000, true) as meminfo,
       pg_catalog.pg_read_file('/sys/devices/system/cpu/online', 0, 1000, true) as cpu_online,
       pg_catalog.pg_read_file('/proc/loadavg', 0, 1000, true) as loadavg,
       coalesce(pg_catalog.pg_read_file('/sys/fs/cgroup' || p.v2 || '/memory.max', 0, 1000, true),
                pg_catalog.pg_read_file('/sys/fs/cgroup/memory.max', 0, 1000, true),
                pg_catalog.pg_read_file('/sys/fs/cgroup/memory/memory.limit_in_bytes', 0, 1000, true)) as cgroup_memory_max,
       coalesce(pg_catalog.pg_read_file('/sys/fs/cgroup' || p.v2 || '/cpu.max', 0, 1000, true),
                pg_catalog.pg_read_file('/sys/fs/cgroup/cpu.max', 0, 1000, true),
                pg_catalog.pg_read_file('/sys/fs/cgroup/cpu/cpu.cfs_quota_us', 0, 1000, true)
                  || ' ' || pg_catalog.pg_read_file('/sys/fs/cgroup/cpu/cpu.cfs_period_us', 0, 1000, true)) as cgroup_cpu_max,
       (select pg_catalog.string_agg(d.name || '=' || pg_catalog.btrim(f.text, E' \n'), ' ' order by d.name)
        from (values ('sda'), ('sdb'), ('vda'), ('vdb'), ('xvda'), ('nvme0n1'), ('nvme1n1'), ('mmcblk0'), ('md0'), ('dm-0')) d (name),
             lateral (select pg_catalog.pg_read_file('/sys/block/' || d.name || '/queue/rotational', 0, 10, true) as text) f
        where f.text is not null) as rotational
from place p
) as r;
\set pgdba_failed :ERROR
\qecho '],'
\endif
commit /* pgdba */;
\if :pgdba_failed
begin /* pgdba */ isolation level read committed read only not deferrable;
:pgdba_guards \gset pgdba_
:pgdba_explain \gset pgdba_
commit /* pgdba */;
\endif
\qecho '"available":' :pgdba_available ',"error":' :pgdba_reason ',"limited":' :pgdba_limited ','
\qecho '"collected_at":' :pgdba_collected_at ',"duration_ms":null,"stats_reset":null}'

\qecho '},"checksum":null}'
