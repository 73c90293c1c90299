select case when not (pg_catalog.has_table_privilege('pg_catalog.pg_file_settings', 'SELECT')
                      and pg_catalog.has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE'))
            then 'no SELECT privilege on view pg_file_settings' end
