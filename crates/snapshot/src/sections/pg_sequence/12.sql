with locked as materialized (
  select distinct l.relation
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), readable as materialized (
  select s.seqrelid
  from pg_catalog.pg_sequence s
  join pg_catalog.pg_class c on c.oid = s.seqrelid
  where s.seqrelid >= 16384
    and s.seqrelid not in (select x.relation from locked x)
    and (c.relpersistence = 'p' or not pg_catalog.pg_is_in_recovery())
    and not pg_catalog.pg_is_other_temp_schema(c.relnamespace)
    and pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT, USAGE')
  order by s.seqmax, s.seqrelid
  limit 1000
)
select s.seqrelid, t.typname, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
       d.refobjid as owned_by_relid, d.refobjsubid as owned_by_attnum, r.seqrelid is not null as is_read,
       case when r.seqrelid is not null
            then pg_catalog.pg_sequence_last_value(r.seqrelid::pg_catalog.regclass) end as last_value
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
left join pg_catalog.pg_type t on t.oid = s.seqtypid
left join pg_catalog.pg_depend d
  on d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = s.seqrelid and d.objsubid = 0
  and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')
left join readable r on r.seqrelid = s.seqrelid
where s.seqrelid >= 16384
order by s.seqrelid
