select s.oid, s.stxrelid, n.nspname, s.stxname, s.stxkind::pg_catalog.text[] as stxkind, s.stxkeys,
       s.stxexprs is not null as has_expressions, nullif(s.stxstattarget, -1) as stxstattarget,
       v.stxdinherit as inherited,
       v.stxdndistinct::pg_catalog.text as n_distinct, v.stxddependencies::pg_catalog.text as dependencies
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
left join pg_catalog.pg_statistic_ext_data v on v.stxoid = s.oid
where s.oid >= 16384
order by s.oid
