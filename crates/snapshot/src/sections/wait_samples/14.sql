select a.backend_type, d.datname, pg_catalog.pg_get_userbyid(a.usesysid) as usename, a.application_name, a.state,
       a.wait_event_type, a.wait_event, a.query_id::pg_catalog.text, a.samples
from (select s.backend_type, s.datid, s.usesysid, s.application_name, s.state, s.wait_event_type, s.wait_event,
             case when pg_catalog.octet_length(s.query)
                         < pg_catalog.pg_size_bytes(pg_catalog.current_setting('track_activity_query_size')) - 4
                   and bytes ~* '^([[:space:](]|--[^[:cntrl:]]*[[:cntrl:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*(delete|insert|merge|select|table|update|values|with)[[:>:]]'
                   and bytes !~ ';[[:space:];]*[^[:space:];]'
                   and pg_catalog.regexp_replace(bytes, '(insert|merge)[[:space:]]+into', '', 'gi') !~* '[[:<:]]into[[:>:]]'
                  then s.query_id end as query_id,
             pg_catalog.count(*) as samples
      from (select t.*, pg_catalog.encode(pg_catalog.textsend(t.query), 'escape') as bytes
            from pg_catalog.pg_stat_get_activity(null) t) s
      where s.pid <> pg_catalog.pg_backend_pid()
        and s.backend_type is not null
        and s.state is distinct from 'idle'
        and s.wait_event_type is distinct from 'Activity'
      group by 1, 2, 3, 4, 5, 6, 7, 8) a
left join pg_catalog.pg_database d on d.oid = a.datid
