select case when not pg_catalog.has_function_privilege('pg_catalog.pg_ls_waldir()', 'EXECUTE')
            then 'no EXECUTE privilege on function pg_ls_waldir'
            when not pg_catalog.has_function_privilege('pg_catalog.pg_ls_archive_statusdir()', 'EXECUTE')
            then 'no EXECUTE privilege on function pg_ls_archive_statusdir' end
