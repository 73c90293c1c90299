-- pgdba.sql {{version}}: collects what a PostgreSQL server reports about itself into one JSON document.
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
{{guards}}

-- First words of statements, which reveal nothing, and the texts that the server shows instead of a hidden statement.
\set pgdba_verbs '(?i)^[[:space:]]*({{verbs}})[[:>:]]'
\set pgdba_no_statement '{{no_statement}}'

-- Parameters whose values are hidden, except whether they are set: they contain commands and connection strings.
\set pgdba_secret_settings '{{secret_settings}}'

-- What a log_line_prefix can contain: its escapes, and words that label them.
\set pgdba_prefix_words '{{prefix_words}}'

-- The server's clock, in milliseconds.
\set pgdba_now '{{now}}'

-- Why a section cannot be read, if this role lacks SELECT on a system catalog or view.
\set pgdba_refused '(select ''no SELECT privilege on pg_catalog.'' || pg_catalog.min(c.relname::pg_catalog.text)'
\set pgdba_refused :pgdba_refused ' from pg_catalog.pg_class c where c.relnamespace = ''pg_catalog''::pg_catalog.regnamespace'
\set pgdba_refused :pgdba_refused ' and c.relname = any (pg_catalog.string_to_array(:''pgdba_reads'', '' '')::pg_catalog.name[])'
\set pgdba_refused :pgdba_refused ' and not pg_catalog.has_any_column_privilege(c.oid, ''SELECT''))'

-- The reason of a section that failed: the server's message.
\set pgdba_explain 'select {{mark}} pg_catalog.to_json(pg_catalog.concat(:''LAST_ERROR_MESSAGE'', '' (SQLSTATE '', '
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
{{begin}};
:pgdba_guards \gset pgdba_
select {{mark}} {{server_versions}},
       pg_catalog.current_setting('server_encoding') = 'SQL_ASCII' as is_sql_ascii,
       exists (select from pg_catalog.pg_database d where pg_catalog.pg_encoding_to_char(d.encoding)
                 <> pg_catalog.current_setting('server_encoding')) as is_mixed,
       pg_catalog.current_setting('pg_stat_statements.track', true) is not null
         and pg_catalog.current_setting('is_superuser') = 'on' as may_be_uncounted,
       {{is_hampered}} as is_hampered,
       pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= {{control_since}}
         and exists (select from pg_catalog.pg_proc p
                     where p.oid = pg_catalog.to_regprocedure('pg_catalog.pg_control_system()')
                       and pg_catalog.has_function_privilege(p.oid, 'EXECUTE')) as may_read_control
\gset pgdba_
{{commit}};

\if :pgdba_from_12
\else
\set ON_ERROR_STOP on
\pset the_server_is_older_than_PostgreSQL_12_or_refused_to_answer
\endif

{{later_guards}}
-- Bytes of a database without an encoding are passed through; the reader of the document replaces invalid ones.
\if :pgdba_is_sql_ascii
\set pgdba_guards :pgdba_guards ', {{ascii_guard}}'
\endif
-- Planner methods that are disabled by settings of the role or the database are enabled for the queries.
\if :pgdba_is_hampered
{{methods}}
\endif
\if :pgdba_may_be_uncounted
\set pgdba_guards :pgdba_guards ', {{uncounted_guard}}'
\endif

\if :pgdba_may_read_control
{{begin}};
:pgdba_guards \gset pgdba_
select {{mark}} system_identifier::pg_catalog.text from pg_catalog.pg_control_system() \gset pgdba_
{{commit}};
\endif

{{begin}};
:pgdba_guards \gset pgdba_
select {{mark}} :pgdba_now as collected_at,
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
{{commit}};

{{prerequisites}}
\qecho '{"format":"{{format}}","format_version":{{format_version}},'
\qecho '"producer":{"name":"pgdba.sql","version":"{{version}}","via":"psql"},"collected_at":' :pgdba_collected_at ','
\qecho '"identity":' :pgdba_identity ','
\qecho '"prereqs":' :pgdba_prereqs ',"sampling":{"mode":"single","interval_seconds":null,"statements":{{statements}}},"sections":{'
\set pgdba_comma ''
