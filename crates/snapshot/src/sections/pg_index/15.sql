with changing as materialized (
  select l.relation, l.pid in (select b.pid from pg_catalog.pg_stat_progress_create_index b) as builds
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.granted and l.mode in ('ShareUpdateExclusiveLock', 'AccessExclusiveLock')
    and l.pid is distinct from pg_catalog.pg_backend_pid()
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), copies as materialized (
  select c.oid, i.indrelid, c.relname, pg_catalog.substring(c.relname::pg_catalog.text, '^(.+)_cc[no][el][wd][0-9]*$') as stem
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  where not i.indisvalid
), replaced as materialized (
  select distinct on (c.oid) c.oid, o.oid as indexrelid
  from copies c
  join pg_catalog.pg_index i on i.indrelid = c.indrelid and i.indexrelid <> c.oid
  join pg_catalog.pg_class o on o.oid = i.indexrelid
  where o.relname = c.stem
     or pg_catalog.octet_length(c.relname::pg_catalog.text) between 60 and 63
        and pg_catalog.starts_with(o.relname::pg_catalog.text, c.stem)
        and o.oid not in (select x.oid from copies x where x.stem is not null)
  order by c.oid, o.relname = c.stem desc, o.oid
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
            when i.indisvalid or not pg_catalog.pg_is_in_recovery() then false end as in_progress,
       r.indexrelid as copy_of
from pg_catalog.pg_index i
join pg_catalog.pg_class t on t.oid = i.indrelid
left join replaced r on r.oid = i.indexrelid
left join options o on o.attrelid = i.indexrelid
left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
where i.indexrelid >= 16384
  and (t.relkind in ('r', 'p', 'm') or t.relkind = 't' and not i.indisvalid)
