select o.oid, n.nspname, o.opcname, a.amname, o.opcdefault, o.opcintype, t.typname,
       exists (select from pg_catalog.pg_amproc p
               where p.amprocfamily = o.opcfamily and p.amproclefttype = o.opcintype
                 and p.amprocrighttype = o.opcintype and p.amprocnum = 4 and a.amname = 'btree') as deduplicates
from pg_catalog.pg_opclass o
join pg_catalog.pg_am a on a.oid = o.opcmethod
join pg_catalog.pg_namespace n on n.oid = o.opcnamespace
left join pg_catalog.pg_type t on t.oid = o.opcintype
where o.oid in (select pg_catalog.unnest(i.indclass::pg_catalog.oid[])
                from pg_catalog.pg_index i where i.indexrelid >= 16384)
order by o.oid
