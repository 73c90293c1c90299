create role plain login;
create role monitor login in role pg_monitor;
create table orders (id bigint primary key, customer_id bigint not null, placed_at timestamptz not null);
insert into orders select g, g % 1000, now() - g * interval '1 minute' from generate_series(1, 20000) g;
create index orders_customer_id_idx on orders (customer_id);
create index orders_customer_id_idx1 on orders (customer_id);
create table readings (at int not null, value double precision);
insert into readings select g % 500, random() from generate_series(1, 1000) g;
create table events (id bigint generated always as identity, kind text not null, at date not null, primary key (id, at))
  partition by range (at);
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
insert into events (kind, at) select case when g % 10 = 0 then 'click' else 'view' end, date '2026-01-01' + g % 300
from generate_series(1, 5000) g;
create index events_kind on events_2026 (lower(kind)) where kind <> 'view';
create statistics events_kind_at (ndistinct, dependencies) on kind, at from events_2026;
analyze;
