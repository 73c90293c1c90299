select r.oid, r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication,
       r.rolbypassrls, r.rolconnlimit, r.rolvaliduntil,
       array(select distinct g.rolname from pg_catalog.pg_auth_members m
             join pg_catalog.pg_authid g on g.oid = m.roleid
             where m.member = r.oid order by g.rolname)::pg_catalog.text[] as member_of,
       case when r.rolpassword is null then 'none'
            when pg_catalog.left(r.rolpassword, 3) = 'md5' then 'md5'
            when pg_catalog.left(r.rolpassword, 3) = 'SCR' then 'scram-sha-256'
            else 'other' end as password_kind
from pg_catalog.pg_authid r
where r.oid = 10 or r.oid >= 16384
order by r.oid
