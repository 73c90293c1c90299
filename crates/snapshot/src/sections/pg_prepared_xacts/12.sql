select pg_catalog.age(transaction) as transaction_age,
       pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.textsend(gid)), 'hex'), 16) as gid_hash,
       prepared, owner, database
from pg_catalog.pg_prepared_xacts
order by prepared, gid
