select p.oid, p.pubname, pg_catalog.pg_get_userbyid(p.pubowner) as owner, p.puballtables, p.pubinsert, p.pubupdate,
       p.pubdelete, p.pubtruncate,
       p.pubviaroot,
       array(select x.prrelid from pg_catalog.pg_publication_rel x
             where x.prpubid = p.oid order by x.prrelid) as prrelids,
       array(select x.pnnspid from pg_catalog.pg_publication_namespace x
             where x.pnpubid = p.oid order by x.pnnspid) as pnnspids,
       exists (select from pg_catalog.pg_publication_rel x
               where x.prpubid = p.oid and x.prqual is not null) as has_row_filters
from pg_catalog.pg_publication p
order by p.oid
