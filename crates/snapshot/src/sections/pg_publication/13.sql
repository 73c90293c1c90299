select p.oid, p.pubname, r.rolname as owner, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate,
       p.pubviaroot,
       array(select x.prrelid from pg_catalog.pg_publication_rel x
             where x.prpubid = p.oid order by x.prrelid) as prrelids
from pg_catalog.pg_publication p
left join pg_catalog.pg_roles r on r.oid = p.pubowner
order by p.oid
