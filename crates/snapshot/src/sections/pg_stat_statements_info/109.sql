select dealloc, stats_reset
from {{pg_stat_statements}}_info()
