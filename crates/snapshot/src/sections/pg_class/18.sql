select c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relpages, c.reltuples, c.relallvisible, c.relallfrozen,
       c.reltoastrelid, c.relispartition,
       case when c.relfrozenxid <> '0'::pg_catalog.xid then pg_catalog.age(c.relfrozenxid) end as relfrozenxid_age,
       case when c.relminmxid <> '0'::pg_catalog.xid then pg_catalog.mxid_age(c.relminmxid) end as relminmxid_age,
       a.amname, c.reloptions
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_am a on a.oid = c.relam
where c.relkind in ('r', 'p', 'm', 't', 'i', 'I')
  and c.oid >= 16384
  and n.nspname not in ('pg_catalog', 'information_schema')
order by c.oid
