-- Two years of trade: about 200,000 rows. No random numbers, so that every demo starts from the same shop.

insert into customers (email, name, city, created_at)
select 'customer' || i || '@example.com', 'Customer ' || i,
       (array['Graz', 'Lyon', 'Porto', 'Turku', 'Ghent', 'Brno', 'Split'])[1 + i % 7],
       now() - interval '2 years' + i * interval '2 hours'
from generate_series(1, 8000) i;

insert into products (sku, name, price, stock)
select 'SKU-' || lpad(i::text, 5, '0'), 'Product ' || i, 3 + (i * 37 % 9700) / 100.0, 100000
from generate_series(1, 1500) i;

insert into orders (customer_id, status, placed_at)
select 1 + i * 7919 % 8000, case when i % 40 = 0 then 'cancelled' else 'shipped' end,
       now() - interval '2 years' + i * interval '30 minutes'
from generate_series(1, 30000) i;

insert into order_items (order_id, line, product_id, quantity, price)
select o, line, 1 + (o * 31 + line * 577) % 1500, 1 + (o + line) % 3, 3 + (o * 37 % 9700) / 100.0
from generate_series(1, 30000) o, generate_series(1, 1 + o % 4) line;

insert into payments (order_id, method, amount, paid_at)
select i, (array['card', 'invoice', 'transfer'])[1 + i % 3], 10 + (i * 53 % 20000) / 100.0,
       now() - interval '2 years' + i * interval '30 minutes'
from generate_series(1, 30000) i
where i % 40 <> 0;

insert into sessions (token, customer_id, cart)
select md5(i::text), 1 + i % 8000, jsonb_build_object('items', jsonb_build_array(i % 1500, i % 700), 'step', 'cart')
from generate_series(1, 20000) i;

-- What a careful team does after a load. The faults come after this.
vacuum (analyze) customers, products, orders, order_items, payments, sessions;
