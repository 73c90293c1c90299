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
create table public.zqunknown as select g as zqid from generate_series(1, 20000) g;
do $do$
declare n text;  
begin
  foreach n in array string_to_array('alpha,bravo,charlie,delta,echo,foxtrot,golf,hotel,india,juliett,kilo,lima,mike,oscar', ',') loop
    execute format('create table zqplain.zqtable_%1$s (zqkey_%1$s bigint constraint zqprimary_%1$s primary key, zqcolumn_%1$s text, zqother_%1$s int constraint zqcheck_%1$s check (zqother_%1$s > 0))', n);  
    execute format('create index zqindex_%1$s on zqplain.zqtable_%1$s (zqcolumn_%1$s)', n);  
    execute format('create view zqplain.zqview_%1$s as select zqkey_%1$s as zqlabel_%1$s from zqplain.zqtable_%1$s', n);  
    execute format('create sequence zqplain.zqsequence_%1$s', n);  
    execute format('create type zqplain.zqtype_%1$s as enum (%2$L)', n, 'x');  
    execute format('create domain zqplain.zqdomain_%1$s as int', n);  
    execute format('create function zqplain.zqfunction_%1$s(zqargument_%1$s int) returns int language sql security definer as %2$L', n, 'select 1');  
    execute format('create statistics zqplain.zqstatistics_%1$s on zqkey_%1$s, zqother_%1$s from zqplain.zqtable_%1$s', n);  
    execute format('create policy zqpolicy_%1$s on zqplain.zqtable_%1$s', n);  
    execute format('create publication zqpublication_%1$s for table zqplain.zqtable_%1$s', n);  
    execute format('create schema zqschema_%1$s', n);  
    execute format('create role zqrole_%1$s', n);  
    execute format('create collation zqplain.zqcollation_%1$s from "C"', n);  
  end loop;  
end $do$;
create domain zqplain.money as int;
create table zqplain.zqkeywords (day date, first text, value zqplain.money, zqafter zqplain.zqdomain_alpha);
select zqk.day, zqk.first, zqk.value::zqplain.money, zqafter as zqresult from zqplain.zqkeywords zqk order by 1, first nulls first;
table zqplain.zqkeywords
