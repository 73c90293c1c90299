create schema "zqSchema";
create schema zqplain;
create extension pg_stat_statements schema zqplain;
create role zqowner;
create role zqreader in role pg_monitor;
alter role zqreader set search_path = zqplain, public;
grant usage on schema zqplain to zqreader, public;
grant create on schema "zqSchema" to "zqReader x";
create type zqplain.zqmood as enum ('zqlabel', 'other');
create collation zqplain.zqcollation from "C";
create function zqplain.zqfunction(zqargument text) returns text language sql immutable security definer
  set search_path = zqplain, pg_temp as 'select upper(zqargument)';
create table zqplain.zqorders (zqid bigint primary key, "zqEmail x" text collate zqplain.zqcollation, zqfeeling zqplain.zqmood,
  zqtotal numeric constraint zqpositive check (zqtotal > 771177117), name text, zqother bigint);
create table "zqSchema"."zqItems x" (zqid serial, zqorder bigint constraint zqforeign references zqplain.zqorders) with (fillfactor = 70);
create sequence zqplain.zqsequence;
create view zqplain.zqview as select zqid from zqplain.zqorders;
create materialized view zqplain.zqmaterialized as select zqid from zqplain.zqorders;
create index zqindex on zqplain.zqorders (zqplain.zqfunction("zqEmail x"), lower(name)) where zqtotal > 881188118 and name is not null;
create index zqtwin_a on zqplain.zqorders (zqother);
create index zqtwin_b on zqplain.zqorders (zqother);
create statistics zqplain.zqstatistics on zqid, zqtotal from zqplain.zqorders;
create function zqplain.zqtrigger_function() returns trigger language plpgsql as 'begin return new; end';
create trigger zqtrigger before insert on zqplain.zqorders for each row execute function zqplain.zqtrigger_function();
alter table zqplain.zqorders disable trigger zqtrigger;
alter table zqplain.zqorders enable row level security;
create policy zqpolicy on zqplain.zqorders to zqowner using (zqtotal > 991199119);
create publication zqpublication for table zqplain.zqorders;
create subscription zqsubscription connection 'host=zqhost dbname=zqdatabase password=zqsecret' publication zqremote with (connect = false);
alter table zqplain.zqorders owner to zqowner;
insert into zqplain.zqorders select g, 'x', 'other', 771177118 + g, 'x', g from generate_series(1, 30000) g;
insert into "zqSchema"."zqItems x" (zqorder) select g from generate_series(1, 100) g;
update zqplain.zqorders set name = 'y' where name = 'x';
update zqplain.zqorders set name = 'z' where name = 'y';
select zqo.zqid, ZQO.name, count(*) from zqplain.zqorders as zqo join "zqSchema"."zqItems x" zqi on zqi.zqorder = zqo.zqid group by 1, 2 order by zqo.zqid::text limit 3;
with zqcte as (select zqid, date_trunc('day', now()) as zqday from zqplain.zqview) select * from zqcte where zqid = 7;
select pg_create_logical_replication_slot('zqslot', 'test_decoding');
create table public.zqunknown as select g as zqid from generate_series(1, 20000) g
