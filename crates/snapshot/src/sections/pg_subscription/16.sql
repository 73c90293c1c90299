select s.subname, pg_catalog.pg_get_userbyid(s.subowner) as owner, s.subenabled, s.subslotname, s.subpublications,
       s.subbinary,
       s.substream::pg_catalog.text as substream, s.subtwophasestate, s.subdisableonerr, s.subpasswordrequired,
       s.subrunasowner, s.suborigin
from pg_catalog.pg_subscription s
where s.subdbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
order by s.subname
