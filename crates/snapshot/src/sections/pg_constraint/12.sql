select k.oid, k.conname, k.conrelid, k.contype, k.condeferrable, k.condeferred, k.convalidated,
       nullif(k.conindid, 0) as conindid, nullif(k.conparentid, 0) as conparentid, nullif(k.confrelid, 0) as confrelid,
       nullif(k.confupdtype, ' ') as confupdtype, nullif(k.confdeltype, ' ') as confdeltype,
       nullif(k.confmatchtype, ' ') as confmatchtype, k.conkey, k.confkey, k.conislocal, k.connoinherit
from pg_catalog.pg_constraint k
where k.conrelid >= 16384
  and k.contype in ('p', 'u', 'f', 'c', 'x')
