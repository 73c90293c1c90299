-- pgdba.sql {{version}}: what a PostgreSQL server says about itself, written as one JSON document.
--
-- Run it with psql 11 or newer against PostgreSQL 12 or newer:
--
--     psql -X -f pgdba.sql "host=db1 user=monitor dbname=shop" > snapshot.json
--
-- -X is needed. Without it psql first obeys your ~/.psqlrc, which may print into the document. In a shell whose > writes
-- UTF-16 (PowerShell 5) give psql "-o snapshot.json" in place of "> snapshot.json". psql says on standard error what went
-- wrong. If the connection is lost the document is cut off, psql ends with 2, and pgdba says so when it is read.
--
-- What it does: one section after the other, each in a short READ ONLY transaction of its own, under time limits and
-- settings that end with the transaction. It writes nothing, resets nothing, waits for no lock longer than a tenth of a
-- second, runs nothing on this or the server's machine, and asks before it reads what a role may be refused. What cannot
-- be read becomes a section that says why. Each of its statements bears the comment /* pgdba */, in the
-- server's log too; by it they are kept out of the statements that the document lists. Of a superuser's run
-- pg_stat_statements counts little.
--
-- What it never reads: rows of your tables, values or bounds of values from statistics, bodies of functions and views,
-- comments, passwords, options of foreign servers and user mappings. What it masks, and how, is said at each section.
-- Scroll through the document before it leaves the site: it is plain text.
--
-- Who may run it: any role. A member of pg_monitor sees more, a superuser all there is to see.
-- It reads the cluster and the one database it is connected to; run it once more for each further database.

-- How to read it: every section below has the same frame. Its transaction begins with the guards; a question (as
-- pgdba_available, pgdba_reason) finds out whether this role may read it and what stays hidden; then runs the one query
-- that is meant for this server's version. Each row becomes one JSON array: r.oid::pg_catalog.int8 makes a number,
-- ::pg_catalog.text a string. If a query fails the section says so in the server's words, and the next one is read.

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
-- These settings stand in front of every query, and end with its transaction. The search path keeps functions and
-- tables of users from being run or read in place of the server's own; the time limits keep this script from being a
-- burden; the rest makes the output the same whatever the role's or the database's own settings are.
-- ---------------------------------------------------------------------------------------------------------------------
{{guards}}

-- First words of statements that give nothing away, and what the server writes where there is no statement to be seen.
\set pgdba_verbs '(?i)^[[:space:]]*({{verbs}})[[:>:]]'
\set pgdba_no_statement '{{no_statement}}'

-- Parameters of which only is told whether they are set: they hold commands and connection strings.
\set pgdba_secret_settings '{{secret_settings}}'

-- What a log_line_prefix may hold: its escapes, and words that say what they are.
\set pgdba_prefix_words '{{prefix_words}}'

-- The server's clock, in milliseconds.
\set pgdba_now '{{now}}'

-- Why a section cannot be read, where the right to read one of the server's own relations was taken from this role.
\set pgdba_refused '(select ''no SELECT privilege on pg_catalog.'' || pg_catalog.min(c.relname::pg_catalog.text)'
\set pgdba_refused :pgdba_refused ' from pg_catalog.pg_class c where c.relnamespace = ''pg_catalog''::pg_catalog.regnamespace'
\set pgdba_refused :pgdba_refused ' and c.relname = any (pg_catalog.string_to_array(:''pgdba_reads'', '' '')::pg_catalog.name[])'
\set pgdba_refused :pgdba_refused ' and not pg_catalog.has_any_column_privilege(c.oid, ''SELECT''))'

-- What a section says that failed: the server's own words.
\set pgdba_explain 'select {{mark}} pg_catalog.to_json(pg_catalog.concat(:''LAST_ERROR_MESSAGE'', '' (SQLSTATE '', '
\set pgdba_explain :pgdba_explain ':''LAST_ERROR_SQLSTATE'', '')'')) as reason, ''false'' as available'

-- ---------------------------------------------------------------------------------------------------------------------
-- The server
--
-- What for: its version chooses the queries; its identifier, address and port tell one cluster from another.
-- Reads:    pg_database, pg_proc; settings; the control file's identifier where the role may.
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
-- Bytes of a database without an encoding are passed on as they are: the reader of the document copes with them.
\if :pgdba_is_sql_ascii
\set pgdba_guards :pgdba_guards ', {{ascii_guard}}'
\endif
-- Where a role's or a database's settings take a method from the planner, the queries get it back.
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
