select backend_type, state, wait_event_type, wait_event,
       case when pg_catalog.octet_length(query)
                   < pg_catalog.pg_size_bytes(pg_catalog.current_setting('track_activity_query_size')) - 4
             and bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
             and bytes !~ ';[[:space:];]*[^[:space:];]'
             and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]'
            then query_id::pg_catalog.text end as query_id,
       pg_catalog.count(*) as samples
from (select s.*, pg_catalog.encode(pg_catalog.textsend(s.query), 'escape') as bytes
      from pg_catalog.pg_stat_get_activity(null) s) s
where pid <> pg_catalog.pg_backend_pid()
  and state is distinct from 'idle'
  and wait_event_type is distinct from 'Activity'
group by 1, 2, 3, 4, 5
