with building as materialized (
  select b.relid, b.index_relid, b.command from pg_catalog.pg_stat_progress_create_index b
  where b.relid is not null and b.datname = pg_catalog.current_database()
)
select i.indexrelid, i.indrelid, i.indnatts, i.indnkeyatts, i.indisunique, i.indisprimary, i.indisexclusion,
       i.indimmediate, i.indisclustered, i.indisvalid, i.indisready, i.indislive, i.indisreplident, i.indkey,
       i.indcollation, i.indclass, i.indoption, i.indexprs is not null as has_indexprs,
       i.indpred is not null as has_indpred, k.conname,
       i.indexrelid in (select b.index_relid from building b)
             or not i.indisvalid
                and i.indrelid in (select b.relid from building b
                                   where b.index_relid = 0 and b.command like '%CONCURRENTLY') as in_progress
from pg_catalog.pg_index i
left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
where i.indexrelid >= 16384
  and coalesce(i.indrelid in (select c.oid from pg_catalog.pg_class c where c.relkind in ('r', 'p', 'm')), false)
