select backend_type, state, wait_event_type, wait_event, query_id::pg_catalog.text, pg_catalog.count(*) as samples
from pg_catalog.pg_stat_get_activity(null)
where pid <> pg_catalog.pg_backend_pid()
  and state is distinct from 'idle'
  and wait_event_type is distinct from 'Activity'
group by 1, 2, 3, 4, 5
