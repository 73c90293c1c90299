-- What went wrong over the years, one fault a paragraph. Each of them is one that real servers have.

-- Somebody added an index for a slow page and did not see that it was there.
create index orders_by_customer on orders (customer_id);

-- Autovacuum "made the shop slow", so it was turned off for the busiest table. Now its dead rows are never removed.
alter table sessions set (autovacuum_enabled = off);
update sessions set seen_at = now(), cart = cart || '{"step": "address"}';
update sessions set seen_at = now(), cart = cart || '{"step": "payment"}' where customer_id % 2 = 0;

-- A bulk import with autovacuum off, never turned on again and never analysed: the planner guesses.
alter table stock_movements set (autovacuum_enabled = off);
insert into stock_movements (product_id, change, reason, moved_at)
select 1 + i * 17 % 1500, 1 - i % 5, 'import', now() - interval '1 year' + i * interval '10 minutes'
from generate_series(1, 40000) i;

-- A setting that somebody changed and that still waits for a restart.
alter system set max_connections = 200;
select pg_reload_conf();
