select p.transaction::pg_catalog.text as transactionid, pg_catalog.age(p.transaction) as transaction_age,
       p.prepared, pg_catalog.pg_get_userbyid(p.ownerid) as owner, d.datname as database
from pg_catalog.pg_prepared_xact() p
left join pg_catalog.pg_database d on d.oid = p.dbid
order by p.prepared, p.transaction::pg_catalog.text
