select d.datname, case when c.setrole <> 0 then pg_catalog.pg_get_userbyid(c.setrole) end as rolname,
       c.name, case when c.name not like '%.%' or 'NO_SHOW_ALL' <> all (pg_catalog.pg_settings_get_flags(c.name)) then c.setting else '***' end as setting
from (select s.setdatabase, s.setrole, pg_catalog.split_part(u.line, '=', 1) as name,
             pg_catalog.substr(u.line, pg_catalog.strpos(u.line, '=') + 1) as setting
      from pg_catalog.pg_db_role_setting s
      cross join lateral pg_catalog.unnest(s.setconfig) as u (line)) c
left join pg_catalog.pg_database d on d.oid = c.setdatabase
order by c.setdatabase, c.setrole, c.name
