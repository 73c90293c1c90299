select line_number, type as connection_type, database, user_name, address, netmask, auth_method,
       array(select pg_catalog.split_part(o, '=', 1) from pg_catalog.unnest(options) o) as option_names,
       error is not null as has_error
from pg_catalog.pg_hba_file_rules
order by line_number
