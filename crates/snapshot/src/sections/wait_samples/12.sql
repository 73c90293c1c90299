select a.backend_type, d.datname, pg_catalog.pg_get_userbyid(a.usesysid) as usename, a.application_name, a.state,
       a.wait_event_type, a.wait_event, null::pg_catalog.text as query_id, a.samples
from (select s.backend_type, s.datid, s.usesysid, s.application_name, s.state, s.wait_event_type, s.wait_event,
             pg_catalog.count(*) as samples
      from pg_catalog.pg_stat_get_activity(null) s
      where s.pid <> pg_catalog.pg_backend_pid()
        and s.backend_type is not null
        and s.state is distinct from 'idle'
        and s.wait_event_type is distinct from 'Activity'
      group by 1, 2, 3, 4, 5, 6, 7) a
left join pg_catalog.pg_database d on d.oid = a.datid
