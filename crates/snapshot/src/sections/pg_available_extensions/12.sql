select name, default_version, installed_version
from pg_catalog.pg_available_extensions
where installed_version is not null
order by name
