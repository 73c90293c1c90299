with locked as materialized (
  select distinct l.relation
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
)
select i.indexrelid, x.relation is not null as is_locked,
       case when x.relation is null then pg_catalog.pg_get_expr(i.indexprs, i.indrelid) end as indexprs,
       case when x.relation is null then pg_catalog.pg_get_expr(i.indpred, i.indrelid) end as indpred
from pg_catalog.pg_index i
left join locked x on x.relation = i.indrelid
where i.indexrelid >= 16384
  and (i.indexprs is not null or i.indpred is not null)
order by i.indexrelid
