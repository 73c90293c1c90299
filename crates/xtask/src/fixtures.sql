create role plain login;
create table orders (id bigint primary key, customer_id bigint not null, placed_at timestamptz not null);
insert into orders select g, g % 1000, now() - g * interval '1 minute' from generate_series(1, 20000) g;
create index orders_customer_id_idx on orders (customer_id);
create index orders_customer_id_idx1 on orders (customer_id);
create table readings (at int not null, value double precision);
insert into readings select g % 500, random() from generate_series(1, 1000) g;
analyze;
