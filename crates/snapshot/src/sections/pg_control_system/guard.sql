select case when not pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
            then 'no EXECUTE privilege on function pg_control_system' end
