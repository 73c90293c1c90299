select pg_control_version, catalog_version_no, system_identifier, pg_control_last_modified
from pg_catalog.pg_control_system()
