with changing as materialized (
  select l.relation, l.pid in (select b.pid from pg_catalog.pg_stat_progress_create_index b) as builds
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.granted and l.mode in ('ShareUpdateExclusiveLock', 'AccessExclusiveLock')
    and l.pid is distinct from pg_catalog.pg_backend_pid()
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), options as materialized (
  select a.attrelid, pg_catalog.array_agg(pg_catalog.concat_ws(' ', a.attnum, pg_catalog.array_to_string(a.attoptions, ' '))
                                          order by a.attnum) as attoptions
  from pg_catalog.pg_attribute a
  where a.attoptions is not null and a.attrelid >= 16384
  group by a.attrelid
)
select i.indexrelid, i.indrelid, i.indnatts, i.indnkeyatts, i.indisunique, i.indisprimary, i.indisexclusion,
       i.indimmediate, i.indisclustered, i.indisvalid, i.indisready, i.indislive, i.indisreplident,
       i.indnullsnotdistinct, i.indkey, i.indcollation, i.indclass, i.indoption,
       i.indexprs is not null as has_indexprs, i.indpred is not null as has_indpred, o.attoptions, k.conname,
       i.indexrelid in (select f.conindid from pg_catalog.pg_constraint f where f.contype = 'f') as is_referenced,
       case when i.indexrelid in (select c.relation from changing c)
              or not i.indisvalid and i.indrelid in (select c.relation from changing c where c.builds) then true
            when i.indisvalid or not pg_catalog.pg_is_in_recovery() then false end as in_progress
from pg_catalog.pg_index i
left join options o on o.attrelid = i.indexrelid
left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
where i.indexrelid >= 16384
  and coalesce(i.indrelid in (select c.oid from pg_catalog.pg_class c where c.relkind in ('r', 'p', 'm')), false)
