\pset format unaligned
\pset tuples_only on
copy (select row_to_json(x) from pg_catalog.pg_stat_user_tables x) to stdout;
copy (select row_to_json(x) from pg_catalog.pg_statio_user_tables x) to stdout;
copy (select row_to_json(x) from pg_catalog.pg_stat_user_indexes x) to stdout;
copy (select row_to_json(x) from pg_catalog.pg_statio_user_indexes x) to stdout;
copy (select row_to_json(x) from pg_catalog.pg_stats x where schemaname not in ('pg_catalog', 'information_schema')) to stdout;
copy (select row_to_json(x) from pg_catalog.pg_class x where oid >= 16384) to stdout;
copy (select row_to_json(x) from pg_catalog.pg_attribute x where attrelid >= 16384) to stdout;
copy (select row_to_json(x), pg_catalog.pg_get_indexdef(x.indexrelid) from pg_catalog.pg_index x where indexrelid >= 16384) to stdout;
copy (select row_to_json(x), pg_catalog.pg_get_constraintdef(x.oid) from pg_catalog.pg_constraint x where oid >= 16384) to stdout;
copy (select row_to_json(x) from pg_catalog.pg_settings x) to stdout;
copy (select row_to_json(x) from pg_catalog.pg_stat_activity x) to stdout;
copy (select row_to_json(x) from pg_catalog.pg_stat_database x) to stdout;
copy (select row_to_json(x) from public.pg_stat_statements x) to stdout;
