select k.oid, k.conname, k.conrelid, k.contype, k.condeferrable, k.condeferred, k.convalidated, k.conenforced,
       k.conperiod, k.conindid, k.conparentid, k.confrelid, k.confupdtype, k.confdeltype, k.confmatchtype, k.conkey,
       k.confkey, k.conislocal, k.connoinherit
from pg_catalog.pg_constraint k
where k.conrelid >= 16384
  and (k.contype in ('p', 'u', 'f', 'c', 'x') or k.contype = 'n' and not k.convalidated)
