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
), defaults as materialized (
  select distinct on (d.refobjid) d.refobjid, f.adrelid, f.adnum
  from pg_catalog.pg_attrdef f
  join pg_catalog.pg_depend d
    on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = f.oid
   and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  join pg_catalog.pg_sequence s on s.seqrelid = d.refobjid
  join pg_catalog.pg_class c on c.oid = f.adrelid
  join pg_catalog.pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
  where a.atttypid in ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype,
                       'pg_catalog.int8'::pg_catalog.regtype)
    and f.adbin::pg_catalog.text ~ '^[{]FUNCEXPR :funcid (1574|(480|714) [^{]*:args [(][{]FUNCEXPR :funcid 1574) '
  order by d.refobjid, a.attlen, c.relispartition, f.adrelid, f.adnum
)
select s.seqrelid, t.typname, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
       d.refobjid as owned_by_relid, d.refobjsubid as owned_by_attnum,
       f.adrelid as default_of_relid, f.adnum as default_of_attnum, r.seqrelid is not null as is_read,
       case when r.seqrelid is not null
            then pg_catalog.pg_sequence_last_value(r.seqrelid::pg_catalog.regclass) end as last_value
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
left join pg_catalog.pg_type t on t.oid = s.seqtypid
left join pg_catalog.pg_depend d
  on d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = s.seqrelid and d.objsubid = 0
  and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')
left join defaults f on f.refobjid = s.seqrelid
left join readable r on r.seqrelid = s.seqrelid
where s.seqrelid >= 16384
order by s.seqrelid
