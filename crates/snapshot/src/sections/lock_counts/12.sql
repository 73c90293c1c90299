with l as materialized (
  select k.pid, k.locktype, k.mode, k.granted, k.fastpath,
         pg_catalog.concat_ws('/', k.locktype, k.database, k.relation, k.page, k.tuple, k.transactionid, k.classid, k.objid,
                             k.objsubid) as object
  from pg_catalog.pg_locks k
  where k.pid is distinct from pg_catalog.pg_backend_pid()
    and k.locktype <> 'virtualxid'
    and k.mode <> 'SIReadLock'
), t as materialized (
  select pg_catalog.count(*) as locked_objects
  from (select distinct s.object from l s where not s.fastpath) d
)
select l.pid, l.locktype, l.mode, l.granted, l.fastpath, pg_catalog.count(*) as locks, t.locked_objects
from l
cross join t
group by l.pid, l.locktype, l.mode, l.granted, l.fastpath, t.locked_objects
order by l.pid, l.locktype, l.mode, l.granted, l.fastpath
