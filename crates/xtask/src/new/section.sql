select e.oid, e.evtname, e.evtevent, pg_catalog.pg_get_userbyid(e.evtowner) as owner, e.evtfoid, e.evtenabled
from pg_catalog.pg_event_trigger e
order by e.oid
