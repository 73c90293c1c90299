-- Rows and keys of many shapes. Each table is then thinned out, vacuumed and analyzed.
create schema layout;
set search_path = layout;
select setseed(0.42);

-- Text of this many characters that does not repeat.
create function words(length int, seed int) returns text language sql immutable as
  $$ select left((select string_agg(md5(seed::text || '.' || part::text), '') from generate_series(0, length / 32) part), length) $$;
create function twice(n bigint) returns bigint language sql immutable as $$ select n * 2 $$;
create type color as enum ('red', 'green', 'blue', 'black');

-- Columns of fixed length, their padding, and nulls.
create table one_int (id int);
insert into one_int select g from generate_series(1, 90000) g;
create index on one_int (id);
create table int_bigint (a int, b bigint);
insert into int_bigint select g, g from generate_series(1, 60000) g;
create index on int_bigint (b); create index on int_bigint (a, b);
create table padded (a bool, b int8, c bool, d timestamptz, e int2, f int8);
insert into padded select true, g, false, now() - g * interval '1 s', g % 30, g from generate_series(1, 50000) g;
create index on padded (d desc); create index on padded (e, d);
create table ordered (b int8, d timestamptz, f int8, e int2, a bool, c bool);
insert into ordered select g, now(), g, g % 300, true, false from generate_series(1, 50000) g;
create index on ordered (e);
create table eight (a int, b int, c int8, d int2, e int8, f bool, g int8, h int);
insert into eight select g, nullif(g % 2, 0), nullif(g % 10, 0), 1, case when g % 10 < 3 then g end, true, g, g from generate_series(1, 40000) g;
create index on eight (b); create index on eight (e) where e is not null; create index on eight (e);
create table twelve (a int, b int, c int8, d int2, e int8, f bool, g int8, h int, i int, j int8, k int, l int);
insert into twelve select g, case when random() < 0.5 then g end, case when random() < 0.1 then g end, 1, case when random() < 0.9 then g end,
  true, case when random() < 0.3 then g end, g, g, g, case when random() < 0.7 then g end, g from generate_series(1, 40000) g;
create index on twelve (b, c); create index on twelve (k);
create table forty (id int);
do $$ begin for n in 1..39 loop execute format('alter table layout.forty add c%s %s', n, (array['int', 'int8', 'int2', 'bool', 'timestamptz'])[1 + n % 5]); end loop; end $$;
insert into forty (id, c1, c2, c3, c5, c6, c10, c20, c38) select g, case when random() < 0.6 then g % 1000 end, 1, true, g, g, g, case when random() < 0.2 then g end, true from generate_series(1, 30000) g;
create index on forty (c1); create index on forty (c20);
create table thirty_texts (id int);
do $$ begin for n in 1..30 loop execute format('alter table layout.thirty_texts add c%s text', n); end loop; end $$;
do $$ begin execute 'insert into layout.thirty_texts select g, ' || (select string_agg(format('case when random() < %s then left(md5((g * %s)::text), 1 + (random() * 12)::int) end', (n % 10) / 10.0, n), ', ') from generate_series(1, 30) n) || ' from generate_series(1, 20000) g'; end $$;
create index on thirty_texts (c3); create index on thirty_texts (c9, c8);

-- Text.
create table texts (id int primary key, body text);
insert into texts select g, words(1 + (random() * 99)::int, g) from generate_series(1, 40000) g;
create index on texts (body);
create table skewed_texts (id int, body text);
insert into skewed_texts select g, words(1 + (power(random(), 6) * 400)::int, g) from generate_series(1, 40000) g;
create index on skewed_texts (body);
create table long_texts (id int, body text);
insert into long_texts select g, words(200 + (random() * 1700)::int, g) from generate_series(1, 8000) g;
create index on long_texts (md5(body));
create table uuid_text (id text primary key, n int);
insert into uuid_text select md5(g::text)::uuid::text, g from generate_series(1, 40000) g;
create table md5_text (id int, digest text);
insert into md5_text select g, md5(g::text) from generate_series(1, 40000) g;
create index on md5_text (digest); create unique index on md5_text (lower(digest));
create table uuids (id uuid primary key, n int);
insert into uuids select md5(g::text)::uuid, g from generate_series(1, 50000) g;
create table codes (id int, code char(6), label varchar(8), name name);
insert into codes select g, 'A' || lpad((g % 50000)::text, 5, '0'), 'L' || lpad((g % 40)::text, 7, '0'), 'n' || lpad(g::text, 6, '0') from generate_series(1, 40000) g;
create index on codes (code); create index on codes (label); create index on codes (name);

-- Numbers, documents, arrays and the rest.
create table numerics (id int, free numeric, price numeric(10, 2));
insert into numerics select g, (random() * 100000)::numeric, round((random() * 1000)::numeric, 2) from generate_series(1, 40000) g;
create index on numerics (price); create index on numerics (free);
create table floats (id int, reading float8, day date, span interval);
insert into floats select g, random(), date '2020-01-01' + g % 300, (g % 1000) * interval '1 min' from generate_series(1, 40000) g;
create index on floats (reading); create index on floats (day); create index on floats (span);
create table documents (id int, body jsonb);
insert into documents select g, jsonb_build_object('id', g, 'name', words((random() * 20)::int, g), 'tags', jsonb_build_array(g % 3, g % 7)) from generate_series(1, 30000) g;
create table growing (id int, body jsonb);
insert into growing select g, (select jsonb_object_agg('k' || k, k * g) from generate_series(1, 1 + g % 12) k) from generate_series(1, 15000) g;
create table arrays (id int, ints int[], texts text[]);
insert into arrays select g, (select array_agg(k * g) from generate_series(1, 1 + g % 9) k), array[md5(g::text), 'x'] from generate_series(1, 30000) g;
create index on arrays (ints);
create table addresses (ip inet, day date, span interval, raw bytea, t time, m money);
insert into addresses select '10.0.0.0'::inet + g, date '2020-01-01' + g % 900, g * interval '1 s', decode(md5(g::text), 'hex'), time '00:00' + g * interval '1 s', (g % 1000)::money from generate_series(1, 40000) g;
create index on addresses (ip); create index on addresses (raw); create index on addresses (m);
create table colors (id int, color color, is_new bool, level int2);
insert into colors select g, (array['red', 'green', 'blue', 'black'])[1 + g % 4]::layout.color, g % 20 = 0, g % 5 from generate_series(1, 60000) g;
create index on colors (color); create index on colors (id) where is_new; create index on colors (level, color); create index on colors (is_new);

-- Keys: duplicates, correlation, expressions, predicates.
create table keys (id bigint primary key, few int, ten int, tens int, hundreds int, thousands int, random int, skewed int, clustered int, pair int, sparse int);
create index on keys (random);
insert into keys select g, (random() * 2)::int, (random() * 9)::int, g % 300, (random() * 999)::int, (random() * 40000)::int, (random() * 2000000000)::int,
  (power(random(), 4) * 20000)::int, g / 5, g / 5 * 7, case when random() < 0.05 then (random() * 2000)::int end from generate_series(1, 80000) g;
create index on keys (few); create index on keys (ten); create index on keys (tens); create index on keys (hundreds); create index on keys (thousands);
create index on keys (skewed); create index on keys (clustered); create index on keys (clustered, pair); create index on keys (sparse);
create index on keys (sparse, few); create index on keys (few, ten); create index on keys (ten, hundreds); create index on keys (few) include (id);
create index on keys (hundreds) where few = 1; create index on keys (id) where sparse is null; create index on keys (sparse) where sparse is not null;
create index on keys (layout.twice(id)); create index on keys ((id % 100)); create index on keys (tens, id);
create index on keys (id) with (fillfactor = 50); create index on keys (thousands) with (fillfactor = 70); create index on keys (random, id) with (fillfactor = 100);
create table filled (id int, random int, tens int, label text);
create index on filled (id); create index on filled (random); create index on filled (tens); create index on filled (label); create index on filled (tens, label);
insert into filled select g, (random() * 2000000000)::int, g % 50, words(10, g % 5000) from generate_series(1, 60000) g;
create table key_widths (id int, w10 text, w40 text, w120 text, w400 text, w700 text);
insert into key_widths select g, words(10, g), words(20 + (random() * 40)::int, g), words(120, g), words(100 + (random() * 600)::int, g), words(700, g) from generate_series(1, 9000) g;
create index on key_widths (w10); create index on key_widths (w40); create index on key_widths (w120); create index on key_widths (w400); create index on key_widths (w700);
create table events (id int, customer int, kind text, at timestamptz, note text);
insert into events select g, (random() * 3000)::int, (array['view', 'click', 'order'])[1 + (random() * 2)::int], now() - (80000 - g) * interval '7 s', case when random() < 0.1 then words(30, g) end from generate_series(1, 80000) g;
create index on events (customer); create index on events (customer, at desc); create index on events (kind, at); create index on events (at); create index on events (date(at at time zone 'UTC')); create index on events (note); create index on events (kind) where note is not null;

-- Order lines and orders: rows of one key lie together.
create table orders (o_id int primary key, o_cust int, o_status char(1), o_total numeric(15, 2), o_date date, o_priority char(15), o_clerk char(15), o_comment varchar(79));
insert into orders select g * 4, 1 + (random() * 4999)::int, (array['O', 'F', 'P'])[1 + (random() * 2)::int], round((random() * 300000)::numeric, 2), date '1992-01-01' + (random() * 2400)::int, (1 + g % 5) || '-URGENT', 'Clerk#' || lpad((g % 1000)::text, 9, '0'), words(19 + (random() * 59)::int, g) from generate_series(1, 30000) g;
create index on orders (o_cust); create index on orders (o_date);
create table lines (l_order int, l_line int, l_part int, l_qty numeric(15, 2), l_price numeric(15, 2), l_flag char(1), l_ship date, l_mode char(10), l_comment varchar(44), primary key (l_order, l_line));
insert into lines select g * 4, n, 1 + (random() * 19999)::int, 1 + (random() * 49)::int, round((random() * 100000)::numeric, 2), (array['N', 'R', 'A'])[1 + (random() * 2)::int], date '1992-01-01' + (random() * 2500)::int, (array['AIR', 'RAIL', 'SHIP', 'TRUCK'])[1 + (random() * 3)::int], words(10 + (random() * 33)::int, g) from generate_series(1, 18000) g, generate_series(1, 1 + g % 7) n;
create index on lines (l_order); create index on lines (l_part); create index on lines (l_ship); create index on lines (l_part, l_order);
create table films (film_id serial primary key, title varchar(255), description text, year int, language_id int2, rate numeric(4, 2), length int2, cost numeric(5, 2), rating text, updated timestamptz default now(), features text[]);
insert into films (title, description, year, language_id, rate, length, cost, rating, features) select upper(words(8 + g % 12, g)), words(60 + g % 60, g), 2006, 1, 2.99, g % 180, 19.99, (array['PG', 'G', 'NC-17', 'PG-13', 'R'])[1 + g % 5], array['Trailers', 'Deleted Scenes'] from generate_series(1, 20000) g;
create index on films (title); create index on films (language_id); create index on films (rating, year);
create table tracks (id int primary key, name varchar(200), album int, media int, genre int, composer varchar(220), ms int, bytes int, price numeric(10, 2));
insert into tracks select g, words(5 + (random() * 30)::int, g), g / 12, 1 + g % 5, 1 + (random() * 24)::int, case when random() < 0.7 then words(10 + (random() * 40)::int, g % 800) end, g, g, 0.99 from generate_series(1, 35000) g;
create index on tracks (album); create index on tracks (genre); create index on tracks (composer);

-- Storage.
create table fill_10 (id int, v text) with (fillfactor = 10);
create table fill_30 (id int, v text) with (fillfactor = 30);
create table fill_50 (id int primary key, v text) with (fillfactor = 50);
create table fill_80 (id int, v text) with (fillfactor = 80);
create table fill_90 (id int, v text) with (fillfactor = 90);
insert into fill_10 select g, md5(g::text) from generate_series(1, 5000) g;
insert into fill_30 select g, md5(g::text) from generate_series(1, 20000) g;
insert into fill_50 select g, md5(g::text) from generate_series(1, 30000) g;
insert into fill_80 select g, md5(g::text) from generate_series(1, 30000) g;
insert into fill_90 select g, md5(g::text) from generate_series(1, 30000) g;
create table toast_compressible (id int primary key, body text);
insert into toast_compressible select g, repeat('abc', 1000 + g % 1000) from generate_series(1, 10000) g;
create table toast_out (id int primary key, body text);
insert into toast_out select g, words(6000, g) from generate_series(1, 4000) g;
create table toast_external (id int, body text);
alter table toast_external alter body set storage external;
insert into toast_external select g, repeat('x', 3000) from generate_series(1, 6000) g;
create table toast_mixed (id int, body text);
insert into toast_mixed select g, words(case when g % 5 = 0 then 5000 else 20 + g % 60 end, g) from generate_series(1, 15000) g;
create table dropped (a int, b text, c int8, d text);
insert into dropped select g, md5(g::text), g, 'x' from generate_series(1, 20000) g;
alter table dropped drop b;
insert into dropped select g, g, 'y' from generate_series(1, 20000) g;
create table added (a int, b text);
insert into added select g, md5(g::text) from generate_series(1, 30000) g;
alter table added add c int8 default 7;
create materialized view summary as select g id, md5(g::text) digest, g % 100 n from generate_series(1, 30000) g;
create index on summary (n);
