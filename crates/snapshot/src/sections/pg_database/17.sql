select d.oid, d.datname, pg_catalog.pg_get_userbyid(d.datdba) as owner,
       pg_catalog.pg_encoding_to_char(d.encoding) as encoding, d.datlocprovider,
       d.datcollate, d.datctype, d.datlocale, d.datcollversion,
       pg_catalog.pg_database_collation_actual_version(d.oid) as actual_version, d.datistemplate, d.datallowconn,
       d.datconnlimit, pg_catalog.age(d.datfrozenxid) as datfrozenxid_age,
       pg_catalog.mxid_age(d.datminmxid) as datminmxid_age
from pg_catalog.pg_database d
order by d.oid
