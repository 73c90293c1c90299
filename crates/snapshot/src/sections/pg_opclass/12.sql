select o.oid, n.nspname, o.opcname, a.amname, o.opcdefault, o.opcintype,
       (select t.typname from pg_catalog.pg_type t where t.oid = o.opcintype) as typname
from pg_catalog.pg_opclass o
join pg_catalog.pg_am a on a.oid = o.opcmethod
join pg_catalog.pg_namespace n on n.oid = o.opcnamespace
where o.oid in (select pg_catalog.unnest(d.indclass::pg_catalog.oid[])
                from (select distinct i.indclass from pg_catalog.pg_index i where i.indexrelid >= 16384) d)
order by o.oid
