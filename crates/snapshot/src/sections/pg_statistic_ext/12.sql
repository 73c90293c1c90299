select s.oid, s.stxrelid, n.nspname, s.stxname, s.stxkind::pg_catalog.text[] as stxkind, s.stxkeys,
       v.n_distinct::pg_catalog.text as n_distinct, v.dependencies::pg_catalog.text as dependencies
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
left join pg_catalog.pg_stats_ext v on v.statistics_schemaname = n.nspname and v.statistics_name = s.stxname
where s.oid >= 16384
order by s.oid
