with locked as materialized (
  select distinct l.relation
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), parents as materialized (
  select distinct on (i.inhrelid) i.inhrelid, i.inhparent, i.inhdetachpending from pg_catalog.pg_inherits i order by i.inhrelid, i.inhseqno
), members as materialized (
  select d.objid, e.extname
  from pg_catalog.pg_depend d
  join pg_catalog.pg_extension e on e.oid = d.refobjid
  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and d.deptype = 'e'
), changed as materialized (
  select c.oid, pg_catalog.pg_stat_get_mod_since_analyze(c.oid) as changes
  from pg_catalog.pg_class c
  where c.relkind in ('r', 'm', 't') and c.oid >= 16384 and pg_catalog.pg_stat_get_mod_since_analyze(c.oid) >= 100
), outdated as materialized (
  select x.oid, x.changes from changed x
  union all
  select i.indexrelid, x.changes from changed x join pg_catalog.pg_index i on i.indrelid = x.oid
), measured as materialized (
  select l.oid, pg_catalog.pg_relation_size(l.oid::pg_catalog.regclass) as bytes
  from (select c.oid from pg_catalog.pg_class c
        left join outdated x on x.oid = c.oid
        where c.relkind in ('r', 'm', 't', 'i') and c.oid >= 16384
          and c.oid not in (select y.relation from locked y)
        order by greatest(c.relpages + coalesce(x.changes, 0) / 100, 127) desc, c.relkind = 'i',
                 coalesce(pg_catalog.pg_stat_get_last_vacuum_time(c.oid), pg_catalog.pg_stat_get_last_autovacuum_time(c.oid),
                          pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                          pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)) is not null,
                 x.oid is null, c.oid
        limit 1000) l
)
select c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, nullif(c.reltablespace, 0) as reltablespace,
       c.relnatts, c.relpages, c.reltuples,
       c.relallvisible, c.relallfrozen,
       case when c.relfilenode <> 0
            then coalesce(m.bytes, c.relpages * (select pg_catalog.current_setting('block_size')::pg_catalog.int8))
       end as size_bytes,
       case when c.relfilenode = 0 then null when m.bytes is not null then 'pg_relation_size'
            when c.oid in (select x.relation from locked x) then 'locked' else 'relpages' end as size_source,
       nullif(c.reltoastrelid, 0) as reltoastrelid, c.relispartition, p.inhparent, p.inhdetachpending,
       c.relfilenode not in (0, c.oid) as is_rewritten, c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
       case when c.relfrozenxid <> '0'::pg_catalog.xid then pg_catalog.age(c.relfrozenxid) end as relfrozenxid_age,
       case when c.relminmxid <> '0'::pg_catalog.xid then pg_catalog.mxid_age(c.relminmxid) end as relminmxid_age,
       a.amname, c.reloptions, e.extname,
       case when c.relkind in ('r', 'p', 'm', 'f')
            then array(select x.privilege_type from pg_catalog.aclexplode(c.relacl) x where x.grantee = 0 order by 1)
       end as public_privileges
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_am a on a.oid = c.relam
left join parents p on p.inhrelid = c.oid
left join measured m on m.oid = c.oid
left join members e on e.objid = c.oid
where c.relkind in ('r', 'p', 'm', 't', 'i', 'I', 'S', 'v', 'f')
  and c.oid >= 16384
  and n.nspname not in ('pg_catalog', 'information_schema')
  and not (c.relkind = 'i' and n.nspname like 'pg\_toast%'
           and c.oid not in (select i.indexrelid from pg_catalog.pg_index i where not i.indisvalid))
