select d.datname, case when s.setrole <> 0 then pg_catalog.pg_get_userbyid(s.setrole) end as rolname,
       pg_catalog.split_part(c.setting, '=', 1) as name,
       pg_catalog.substr(c.setting, pg_catalog.strpos(c.setting, '=') + 1) as setting
from pg_catalog.pg_db_role_setting s
cross join lateral pg_catalog.unnest(s.setconfig) as c (setting)
left join pg_catalog.pg_database d on d.oid = s.setdatabase
order by s.setdatabase, s.setrole, c.setting
