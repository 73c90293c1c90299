select s.starelid as relid, s.staattnum as attnum, s.stainherit as inherited, s.stanullfrac as null_frac,
       s.stawidth as avg_width, s.stadistinct as n_distinct,
       case 3 when s.stakind1 then s.stanumbers1[1] when s.stakind2 then s.stanumbers2[1]
            when s.stakind3 then s.stanumbers3[1] when s.stakind4 then s.stanumbers4[1]
            when s.stakind5 then s.stanumbers5[1] end as correlation,
       case when pg_catalog.cardinality(f.freqs) > 20 then f.freqs[1:20] else f.freqs end as most_common_freqs,
       pg_catalog.cardinality(f.freqs) as most_common_count,
       case when pg_catalog.cardinality(f.freqs) > 20
            then (select pg_catalog.sum(x) from pg_catalog.unnest(f.freqs) x) end as most_common_total
from pg_catalog.pg_statistic s
cross join lateral (
  select case 1 when s.stakind1 then s.stanumbers1 when s.stakind2 then s.stanumbers2
                when s.stakind3 then s.stanumbers3 when s.stakind4 then s.stanumbers4
                when s.stakind5 then s.stanumbers5 end as freqs) f
where s.starelid >= 16384
