create schema "a.b; drop table orders --";
create table "a.b; drop table orders --"."quote "" and \ and 'tick'" ("column "" one" int, "<script>alert(1)</script>" text);
create index "line
break" on "a.b; drop table orders --"."quote "" and \ and 'tick'" ("column "" one");
create table "</script><img src=x onerror=alert(1)>" (id int primary key);
create table "bidi ‮ name" (id int);
create table "$HOME `id` %s {{statements}}" (id int);
