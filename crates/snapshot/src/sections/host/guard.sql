select case when not pg_catalog.has_function_privilege('pg_catalog.pg_read_file(text,bigint,bigint,boolean)', 'EXECUTE')
            then 'no EXECUTE privilege on function pg_read_file'
            when not pg_catalog.pg_has_role('pg_read_server_files', 'USAGE')
            then 'the role is not a member of pg_read_server_files' end
