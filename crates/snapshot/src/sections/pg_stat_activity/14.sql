select pid, leader_pid, datid, d.datname, usesysid, pg_catalog.pg_get_userbyid(usesysid) as usename,
       application_name, pg_catalog.host(client_addr) as client_addr,
       backend_start, xact_start, query_start, state_change, wait_event_type, wait_event, state,
       pg_catalog.age(backend_xid) as backend_xid_age,
       pg_catalog.age(backend_xmin) as backend_xmin_age,
       case when pg_catalog.octet_length(query)
                   < pg_catalog.pg_size_bytes(pg_catalog.current_setting('track_activity_query_size')) - 4
            then query_id end as query_id,
       backend_type, query
from pg_catalog.pg_stat_get_activity(null) s
left join pg_catalog.pg_database d on d.oid = s.datid
where pid <> pg_catalog.pg_backend_pid()
order by pid
