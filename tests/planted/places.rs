//! Where secrets are on a server, one token a place. `{T}` is the place's own token, `{LONG}` begins with it.

/// A place: the versions that have it, how the token gets there, a query that finds it there.
pub(super) struct Place {
    pub(super) since: u32,
    pub(super) until: u32,
    pub(super) plant: &'static str,
    pub(super) proof: &'static str,
}

const fn place(plant: &'static str, proof: &'static str) -> Place {
    Place { since: 12, until: u32::MAX, plant, proof }
}

const fn since(since: u32, plant: &'static str, proof: &'static str) -> Place {
    Place { since, until: u32::MAX, plant, proof }
}

/// Later versions put parameters in place of the constants.
const fn until(until: u32, plant: &'static str, proof: &'static str) -> Place {
    Place { since: 12, until, plant, proof }
}

/// Parameters in postgresql.conf. The first of two lines for one parameter is shown by pg_file_settings only.
pub(super) const CONFIGURATION: [(&str, &str); 10] = [
    ("archive_command", "curl -u backup:{T} %p"),
    ("archive_command", "test -n {T} && cp %p /nowhere/%f"),
    ("primary_conninfo", "host=h user=u password={T}"),
    ("restore_command", "TOKEN={T} test -f %p"),
    ("archive_cleanup_command", "clean --key {T} %r"),
    ("recovery_end_command", "notify '{T}'"),
    ("ssl_passphrase_command", "echo {T}"),
    ("app.jwt_secret", "{T}"),
    ("LOG_LINE_PREFIX", "{T} %m "),
    ("application_name", "postgres://log:{T}@h/d"),
];

/// Lines that somebody has just put into postgresql.conf, with a mistake in the name; and what finds them.
pub(super) const MISTYPED: [(&str, &str); 2] = [
    ("primary_coninfo = 'host=h password={T}'", "select 1 from pg_file_settings where setting ~ '{T}'"),
    ("archive_comand = 'curl -u backup:{T} %p'", "select 1 from pg_file_settings where setting ~ '{T}'"),
];

/// Lines of pg_hba.conf, and what finds them. The servers of the tests know no LDAP, so they say of that one only that.
pub(super) const HBA: [(&str, &str); 3] = [
    (
        "host all all 10.0.0.0/8 ldap ldapserver=l ldapbasedn=\"dc=x\" ldapbindpasswd=\"{T}\"",
        "select 1 where pg_read_file('pg_hba.conf') ~ '{T}'",
    ),
    (
        "host all all 10.0.0.0/8 radius radiusservers=\"127.0.0.1\" radiussecrets=\"{T}\"",
        "select 1 from pg_hba_file_rules where options::text ~ '{T}'",
    ),
    // A mistake, which the server quotes.
    ("host all all 10.0.0.0/8 {T}", "select 1 from pg_hba_file_rules where error ~ '{T}'"),
];

const STATEMENTS: &str = "select 1 from pg_stat_statements where query like '%{T}%'";

/// What is planted by a statement, in this order.
pub(super) const PLACES: &[Place] = &[
    // It runs across a reset, so its own entry keeps its constants.
    place("select pg_stat_statements_reset(), '{T}'", STATEMENTS),
    // Settings of roles, databases and both, and one that the server keeps.
    place("alter role reader set app.token = '{T}'", "select 1 from pg_db_role_setting where setconfig::text ~ '{T}'"),
    place(
        "alter database postgres set app.token = '{T}'",
        "select 1 from pg_db_role_setting where setconfig::text ~ '{T}'",
    ),
    place("alter role reader set cron.token = '{T}'", "select 1 from pg_db_role_setting where setconfig::text ~ '{T}'"),
    place(
        "alter role reader in database postgres set app.token = '{T}'",
        "select 1 from pg_db_role_setting where setconfig::text ~ '{T}'",
    ),
    place("alter system set restore_command = 'test -f {T}'", "select 1 from pg_file_settings where setting ~ '{T}'"),
    // Foreign data.
    place(
        "create foreign data wrapper wrapper options (api_key '{T}')",
        "select 1 from pg_foreign_data_wrapper where fdwoptions::text ~ '{T}'",
    ),
    place(
        "create server remote foreign data wrapper postgres_fdw options (host 'h', dbname '{T}')",
        "select 1 from pg_foreign_server where srvoptions::text ~ '{T}'",
    ),
    place(
        "create user mapping for reader server remote options (user 'u', password '{T}')",
        "select 1 from pg_user_mapping where umoptions::text ~ '{T}'",
    ),
    place(
        "create foreign table far (id int) server remote options (table_name '{T}')",
        "select 1 from pg_foreign_table where ftoptions::text ~ '{T}'",
    ),
    place(
        "alter foreign table far alter id options (column_name '{T}')",
        "select 1 from pg_attribute where attfdwoptions::text ~ '{T}'",
    ),
    place(
        "create server files foreign data wrapper file_fdw; create foreign table report (line text) server files options (program 'curl https://h/?sig={T}')",
        "select 1 from pg_foreign_table where ftoptions::text ~ '{T}'",
    ),
    // Replication.
    place(
        "create subscription sub connection 'host=h dbname=d password={T}' publication p with (connect = false, slot_name = none)",
        "select 1 from pg_subscription where subconninfo ~ '{T}'",
    ),
    since(
        15,
        "create table sent (note text); create publication pub for table sent where (note <> '{T}')",
        "select 1 from pg_publication_rel where pg_get_expr(prqual, prrelid) ~ '{T}'",
    ),
    // Expressions and bodies.
    place(
        "create table defaulted (note text default '{T}')",
        "select 1 from pg_attrdef where pg_get_expr(adbin, adrelid) ~ '{T}'",
    ),
    place(
        "create table checked (note text check (note <> '{T}'))",
        "select 1 from pg_constraint where pg_get_constraintdef(oid) ~ '{T}'",
    ),
    place(
        "create table generated (note text, other text generated always as (note || '{T}') stored)",
        "select 1 from pg_attrdef where pg_get_expr(adbin, adrelid) ~ '{T}'",
    ),
    place(
        "create table filled (id int); insert into filled values (1); alter table filled add note text default '{T}'",
        "select 1 from pg_attribute where attmissingval::text ~ '{T}'",
    ),
    place(
        "create table listed (note text) partition by list (note); create table listed_1 partition of listed for values in ('{T}')",
        "select 1 from pg_class where pg_get_expr(relpartbound, oid) ~ '{T}'",
    ),
    place(
        "create table ranged (note text) partition by range (note); create table ranged_1 partition of ranged for values from ('{T}') to (maxvalue)",
        "select 1 from pg_class where pg_get_expr(relpartbound, oid) ~ '{T}'",
    ),
    place(
        "create table keyed (note text) partition by hash ((note || '{T}'))",
        "select 1 from pg_partitioned_table where pg_get_expr(partexprs, partrelid) ~ '{T}'",
    ),
    place(
        "create index on notes ((note || '{T}'))",
        "select 1 from pg_index where pg_get_indexdef(indexrelid) ~ '{T}'",
    ),
    place(
        "create index on notes (id) where note <> '{T}'",
        "select 1 from pg_index where pg_get_indexdef(indexrelid) ~ '{T}'",
    ),
    place(
        "create policy one on notes using (note <> '{T}')",
        "select 1 from pg_policy where pg_get_expr(polqual, polrelid) ~ '{T}'",
    ),
    place(
        "create policy two on notes for insert with check (note <> '{T}')",
        "select 1 from pg_policy where pg_get_expr(polwithcheck, polrelid) ~ '{T}'",
    ),
    place(
        "create trigger one before insert on notes for each row when (new.note <> '{T}') execute function fire(); alter table notes disable trigger one",
        "select 1 from pg_trigger where pg_get_triggerdef(oid) ~ '{T}'",
    ),
    place(
        "create trigger two before insert on notes for each row execute function fire('{T}'); alter table notes disable trigger two",
        "select 1 from pg_trigger where encode(tgargs, 'escape') ~ '{T}'",
    ),
    place(
        "create rule quiet as on update to notes where new.note = '{T}' do nothing",
        "select 1 from pg_rules where definition ~ '{T}'",
    ),
    place(
        "create domain code as text check (value <> '{T}')",
        "select 1 from pg_constraint where pg_get_constraintdef(oid) ~ '{T}'",
    ),
    place("create domain word as text default '{T}'", "select 1 from pg_type where typdefault ~ '{T}'"),
    place("create type mood as enum ('{T}', 'fine')", "select 1 from pg_enum where enumlabel = '{T}'"),
    place("create view seen as select '{T}'::text as note", "select 1 from pg_views where definition ~ '{T}'"),
    place(
        "create materialized view kept as select '{T}'::text as note",
        "select 1 from pg_matviews where definition ~ '{T}'",
    ),
    place(
        "create function body() returns text language sql security definer as $$ select '{T}'::text $$",
        "select 1 from pg_proc where prosrc ~ '{T}'",
    ),
    place(
        "create function argument(note text default '{T}') returns text language sql security definer as $$ select $1 $$",
        "select 1 from pg_proc where pg_get_function_arguments(oid) ~ '{T}'",
    ),
    place(
        "create function configured() returns text language sql security definer set app.key = '{T}' as $$ select ''::text $$",
        "select 1 from pg_proc where proconfig::text ~ '{T}'",
    ),
    place(
        "create procedure proceed() language plpgsql security definer as $$ begin perform '{T}'; end $$",
        "select 1 from pg_proc where prosrc ~ '{T}'",
    ),
    since(
        14,
        "create statistics expressed on (note || '{T}'), id from notes",
        "select 1 from pg_stats_ext_exprs where expr ~ '{T}'",
    ),
    // Comments.
    place("comment on table notes is 'password {T}'", "select 1 from pg_description where description ~ '{T}'"),
    place("comment on column notes.note is 'password {T}'", "select 1 from pg_description where description ~ '{T}'"),
    place("comment on database postgres is 'password {T}'", "select 1 from pg_shdescription where description ~ '{T}'"),
    place("comment on role reader is 'password {T}'", "select 1 from pg_shdescription where description ~ '{T}'"),
    // Rows, and what ANALYZE copies of them.
    place(
        "create table secrets (note text); insert into secrets values ('{T}')",
        "select 1 from secrets where note = '{T}'",
    ),
    place("select lo_from_bytea(0, '{T}')", "select 1 from pg_largeobject where encode(data, 'escape') = '{T}'"),
    place(
        "create table common (note text); insert into common select '{T}' from generate_series(1, 99)",
        "select 1 from pg_stats where most_common_vals::text ~ '{T}'",
    ),
    place(
        "create table spread (note text); insert into spread select '{T}' || g from generate_series(1, 999) g",
        "select 1 from pg_stats where histogram_bounds::text ~ '{T}'",
    ),
    place(
        "create table tagged (tags text[]); insert into tagged select array['{T}', g::text] from generate_series(1, 99) g",
        "select 1 from pg_stats where most_common_elems::text ~ '{T}'",
    ),
    place(
        "create table paired (a text, b text); insert into paired select '{T}', g % 2 from generate_series(1, 99) g; create statistics pairs (mcv) on a, b from paired",
        "select 1 from pg_stats_ext where most_common_vals::text ~ '{T}'",
    ),
    place(
        "create table told (note text); insert into told select '{T}' from generate_series(1, 99); create index told_note on told (upper(note))",
        "select 1 from pg_stats where tablename = 'told_note' and most_common_vals::text ~ '{T}'",
    ),
    place(
        "begin; create table paid (id int); prepare transaction 'pay {T}'",
        "select 1 from pg_prepared_xacts where gid ~ '{T}'",
    ),
    // Statements that pg_stat_statements keeps as they are.
    place("create role locked login password '{T}'", STATEMENTS),
    place("alter role locked password '{T}'", STATEMENTS),
    place("create user mapping for public server remote options (password '{T}')", STATEMENTS),
    place("alter server remote options (set host '{T}')", STATEMENTS),
    place(
        "create subscription later connection 'password={T}' publication p with (connect = false, slot_name = none)",
        STATEMENTS,
    ),
    place("copy (select 1) to program 'cat > /dev/null # {T}'", STATEMENTS),
    place("copy (select id from notes where note = '{T}') to program 'cat > /dev/null'", STATEMENTS),
    place("do $$ begin perform '{T}'; end $$", STATEMENTS),
    until(15, "create temp table short as select '{T}'::text as note", STATEMENTS),
    until(15, "select '{T}'::text as note into temp table shorter", STATEMENTS),
    until(15, "explain select 1 from notes where note = '{T}'", STATEMENTS),
    place("notify told, '{T}'", STATEMENTS),
    until(15, "call accept('{T}')", STATEMENTS),
    until(15, "begin; declare pointer cursor for select '{T}'; commit", STATEMENTS),
    place("alter type mood add value '{T}'", STATEMENTS),
    place("alter table notes alter note set default '{T}'", STATEMENTS),
    place("alter domain code add check (value <> '{T}')", STATEMENTS),
    place("select count(*) from notes /* {T} */ where id > 1", STATEMENTS),
    place("select count(*) from notes where id > 2 -- {T}\n and id < 9", STATEMENTS),
    place("update /* {T} */ notes set note = '' where id = 3", STATEMENTS),
    place("with /* /* {T} */ it's */ w as (select 1) select count(*) from w", STATEMENTS),
];

/// What sessions show while they sleep: what is run, and a query that finds it.
pub(super) const SESSIONS: [(&str, &str); 5] = [
    ("set application_name = 'job postgres://u:{T}@h/d'; select pg_sleep(3600)", "application_name ~ '{T}'"),
    // Cut off inside of its quotes.
    ("select pg_sleep(3600), '{LONG}", "query ~ '{T}' and length(query) > 1000"),
    ("prepare p (text) as select pg_sleep(3600), $1; execute p('{T}')", "query ~ '{T}'"),
    ("select pg_sleep(3600), $tag$ {T} $tag$, E'\\'{T}', U&'{T}', N'{T}' -- {T}", "query ~ '{T}'"),
    ("do $$ begin perform pg_sleep(3600), '{T}'; end $$", "query ~ '{T}'"),
];
