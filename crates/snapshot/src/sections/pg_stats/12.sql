select c.oid as relid, a.attnum, s.inherited, s.null_frac, s.avg_width, s.n_distinct, s.correlation,
       (s.most_common_freqs)[1:20] as most_common_freqs,
       pg_catalog.cardinality(s.most_common_freqs) as most_common_count,
       case when pg_catalog.cardinality(s.most_common_freqs) > 20
            then (select pg_catalog.sum(f) from pg_catalog.unnest(s.most_common_freqs) f) end as most_common_total
from pg_catalog.pg_stats s
join pg_catalog.pg_namespace n on n.nspname = s.schemaname
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = s.attname
where s.tablename = any (array(select l.relname from pg_catalog.pg_class l
                               where l.relkind in ('r', 'm', 'p', 'i') and l.oid >= 16384
                                 and (l.relkind <> 'i' or l.oid in (select i.indexrelid from pg_catalog.pg_index i
                                                                    where i.indexprs is not null))
                               order by l.relpages desc, l.oid limit 1000))
  and c.oid >= 16384
