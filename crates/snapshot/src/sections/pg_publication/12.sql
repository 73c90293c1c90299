select p.oid, p.pubname, pg_catalog.pg_get_userbyid(p.pubowner) as owner, p.puballtables, p.pubinsert, p.pubupdate,
       p.pubdelete, p.pubtruncate,
       array(select x.prrelid from pg_catalog.pg_publication_rel x
             where x.prpubid = p.oid order by x.prrelid) as prrelids
from pg_catalog.pg_publication p
order by p.oid
