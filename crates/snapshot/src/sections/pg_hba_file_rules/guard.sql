select case when not (pg_catalog.has_table_privilege('pg_catalog.pg_hba_file_rules', 'SELECT')
                      and pg_catalog.has_function_privilege('pg_catalog.pg_hba_file_rules()', 'EXECUTE'))
            then 'no SELECT privilege on view pg_hba_file_rules' end
