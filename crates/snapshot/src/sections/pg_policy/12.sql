select p.polrelid, p.polname, p.polcmd, p.polpermissive,
       array(select coalesce(r.rolname, 'public') from pg_catalog.unnest(p.polroles) u (oid)
             left join pg_catalog.pg_roles r on r.oid = u.oid order by 1)::pg_catalog.text[] as roles,
       p.polqual is not null as has_qual,
       p.polqual::pg_catalog.text
         like '{CONST :consttype 16 %:constisnull false %:constvalue 1 [ 1 %' as qual_is_true,
       p.polwithcheck is not null as has_with_check,
       p.polwithcheck::pg_catalog.text
         like '{CONST :consttype 16 %:constisnull false %:constvalue 1 [ 1 %' as with_check_is_true
from pg_catalog.pg_policy p
order by p.polrelid, p.polname
