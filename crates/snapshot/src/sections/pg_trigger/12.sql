select t.oid, t.tgrelid, t.tgname, t.tgenabled, t.tgisinternal, nullif(t.tgconstraint, 0) as tgconstraint
from pg_catalog.pg_trigger t
where t.tgenabled = 'D'
  and t.tgrelid >= 16384
order by t.oid
