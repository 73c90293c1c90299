with keyed as materialized (
  select l.*, pg_catalog.concat_ws('/', l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid,
                                  l.transactionid, l.classid, l.objid, l.objsubid) as object
  from pg_catalog.pg_locks l
  where l.pid is distinct from pg_catalog.pg_backend_pid()
), waiting as materialized (
  select d.pid, pg_catalog.pg_blocking_pids(d.pid) as blocked_by
  from (select distinct q.pid from keyed q where not q.granted) d
)
select l.pid, l.locktype, l.database, l.relation,
       case when l.relation < 16384 then l.relation::pg_catalog.regclass::pg_catalog.text end as catalog,
       l.page, l.tuple, l.virtualxid, l.transactionid, l.classid, l.objid, l.objsubid, l.virtualtransaction, l.mode, l.granted, l.fastpath, l.waitstart,
       case when not l.granted then w.blocked_by end as blocked_by
from keyed l
left join waiting w on w.pid = l.pid
where l.object in (select q.object from keyed q where not q.granted)
   or l.locktype = 'tuple' and w.pid is not null
   or l.locktype = 'transactionid' and l.pid is null
order by l.pid, l.granted, l.object, l.mode
