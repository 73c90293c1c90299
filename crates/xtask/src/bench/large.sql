create schema load;

do $$
begin
  for n in 1..TABLES loop
    execute format('create table load.t%s (id int primary key, customer_id int not null, status text, amount numeric(10,2),
      placed_at timestamptz, note text, kind int, flags int)', n);
    execute format('insert into load.t%s select g, g %% 10, ''open'', g, now(), ''note '' || g, g %% 3, 0
      from generate_series(1, 20) g', n);
    execute format('create index on load.t%s (customer_id)', n);
    execute format('create index on load.t%s (status, placed_at)', n);
    if n % 200 = 0 then
      commit;
    end if;
  end loop;
end
$$;

analyze;

select pg_stat_statements_reset();

do $$
begin
  for n in 1..STATEMENTS loop
    execute format('select count(*) as c%s from load.t%s where customer_id = 1 and status = ''open''', n, 1 + n % TABLES);
  end loop;
end
$$;
