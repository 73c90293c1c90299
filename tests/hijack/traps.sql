-- What the owner of a database may put into its schema public: under every name of pg_catalog something that tells the
-- server's log whose it is. Whoever names one without its schema runs it.
create schema extensions;
create extension pg_stat_statements schema extensions;
set check_function_bodies = off;
-- Else the later traps would be made by the earlier ones.
set search_path = pg_catalog, pg_temp;

-- Every function and aggregate, with the arguments it has, and once more with name in place of text: under the usual
-- search path, where pg_catalog comes first, only what fits better is taken.
do $traps$
declare
  made int := 0;
  a_function record;
begin
  for a_function in
    select distinct p.proname, v.arguments, p.proretset, p.prorettype = 'void'::regtype as is_void,
           pg_catalog.format_type(p.prorettype, null) as result
    from pg_catalog.pg_proc p,
         lateral (select array_agg(pg_catalog.format_type(t, null) order by o) as plain
                  from pg_catalog.unnest(p.proargtypes) with ordinality u(t, o)) a,
         lateral (select array_to_string(a.plain, ', ')
                  union select array_to_string(array_replace(a.plain, 'text', 'name'), ', ')) v (arguments)
    where p.pronamespace = 'pg_catalog'::regnamespace and (p.prokind <> 'a' or p.pronargs > 0)
      and not exists (select from pg_catalog.pg_type t
                      where t.oid = any (p.proargtypes::oid[] || p.prorettype) and t.typtype = 'p'
                        and t.typname !~ '^(any.+|record|void)$')
  loop
    begin
      execute pg_catalog.format(
        'create function public.%I(%s) returns %s %s language plpgsql as
         $$ begin raise log ''HIJACKED function %s(%s)''; return%s; end $$',
        a_function.proname, a_function.arguments, case when a_function.proretset then 'setof' end, a_function.result,
        pg_catalog.replace(a_function.proname, '''', ''), pg_catalog.replace(a_function.arguments, '"', ''),
        case when not a_function.proretset and not a_function.is_void then ' null' end);
      made := made + 1;
    exception when others then
      -- A few cannot be written in this language.
      null;
    end;
  end loop;
  if made < 2500 then raise exception 'only % functions', made; end if;
end $traps$;

-- count(*) is the one aggregate that is called without arguments.
create function public.counted(bigint) returns bigint language plpgsql as
  $$ begin raise log 'HIJACKED aggregate count'; return 0; end $$;
create aggregate public.count(*) (sfunc = public.counted, stype = bigint, initcond = '0');

-- Every operator, with the operands it has.
do $traps$
declare
  made int := 0;
  an_operator record;
  is_made boolean;
begin
  for an_operator in
    select o.oprname, o.oid::text as number, pg_catalog.format_type(o.oprresult, null) as result,
           pg_catalog.format_type(nullif(o.oprleft, 0), null) as left_type, pg_catalog.format_type(o.oprright, null) as right_type
    from pg_catalog.pg_operator o
    where o.oprnamespace = 'pg_catalog'::regnamespace and o.oprcode <> 0 and o.oprright <> 0
  loop
    begin
      execute pg_catalog.format(
        'create function public.operator_%s(%s) returns %s language plpgsql as
         $$ begin raise log ''HIJACKED operator %s (%s)''; return null; end $$',
        an_operator.number, pg_catalog.concat_ws(', ', an_operator.left_type, an_operator.right_type), an_operator.result,
        pg_catalog.replace(an_operator.oprname, '%', '%%'),
        pg_catalog.replace(pg_catalog.concat_ws(', ', an_operator.left_type, an_operator.right_type), '"', ''));
      execute pg_catalog.format(
        'create operator public.%s (%s rightarg = %s, function = public.operator_%s)',
        an_operator.oprname, 'leftarg = ' || an_operator.left_type || ',', an_operator.right_type, an_operator.number);
      made := made + 1;
    exception when others then
      null;
    end;
  end loop;
  if made < 600 then raise exception 'only % operators', made; end if;
end $traps$;

-- Every relation, with the columns it has, as far as a view may have them.
create function public.relation_is_read(name text) returns boolean language plpgsql as
  $$ begin raise log 'HIJACKED relation %', name; return true; end $$;
do $traps$
declare
  made int := 0;
  a_relation record;
begin
  for a_relation in
    select c.relname, c.oid::regclass as original,
           (select string_agg(pg_catalog.quote_ident(a.attname), ', ' order by a.attnum) from pg_catalog.pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0
              and pg_catalog.format_type(a.atttypid, null) not in ('anyarray', 'pg_statistic[]')) as columns
    from pg_catalog.pg_class c
    where c.relnamespace in ('pg_catalog'::regnamespace, 'extensions'::regnamespace) and c.relkind in ('r', 'v')
  loop
    execute pg_catalog.format('create view public.%I as select %s from %s where public.relation_is_read(%L)',
      a_relation.relname, a_relation.columns, a_relation.original, a_relation.relname);
    made := made + 1;
  end loop;
  if made < 100 then raise exception 'only % relations', made; end if;
end $traps$;
