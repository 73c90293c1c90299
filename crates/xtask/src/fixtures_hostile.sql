create schema "a.b; drop table orders --";
create table "a.b; drop table orders --"."quote "" and \ and 'tick'" ("column "" one" int, "<script>alert(1)</script>" text);
create index "line
break" on "a.b; drop table orders --"."quote "" and \ and 'tick'" ("column "" one");
create table "</script><img src=x onerror=alert(1)>" (id int primary key);
create table "bidi ‮ name" (id int);
create table "$HOME `id` %s {{statements}}" (id int);

alter table "bidi ‮ name" enable row level security;
create policy "all of it" on "bidi ‮ name" using (true);
create function definer() returns int language sql security definer set search_path = public, pg_temp as 'select 1';
create function on_insert() returns trigger language plpgsql as 'begin return new; end';
create trigger asleep before insert on "bidi ‮ name" for each row execute function on_insert();
alter table "bidi ‮ name" disable trigger asleep;
create publication "some tables" for table "bidi ‮ name";
alter role plain set work_mem = '8MB';
alter role plain set app.token = 'hunter2';
select pg_create_physical_replication_slot('unused');

create subscription "from elsewhere" connection 'host=nowhere password=hunter2' publication p with (connect = false);

begin;
create table prepared (id int);
prepare transaction 'half done: postgres://u:hunter2@h/';
