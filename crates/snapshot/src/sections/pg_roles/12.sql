select r.oid, r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication,
       r.rolbypassrls, r.rolconnlimit, r.rolvaliduntil,
       array(select distinct g.rolname from pg_catalog.pg_auth_members m
             join pg_catalog.pg_roles g on g.oid = m.roleid
             where m.member = r.oid order by g.rolname)::pg_catalog.text[] as member_of,
       null::pg_catalog.text as password_kind
from pg_catalog.pg_roles r
where r.oid = 10 or r.oid >= 16384
order by r.oid
