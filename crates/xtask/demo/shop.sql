-- The schema of a small shop, as a small team would have grown it.

create extension pg_stat_statements;

create table customers (
    id bigint generated always as identity primary key,
    email text not null unique,
    name text not null,
    city text not null,
    created_at timestamptz not null default now()
);

create table products (
    id bigint generated always as identity primary key,
    sku text not null unique,
    name text not null,
    price numeric(10, 2) not null check (price > 0),
    stock integer not null
);

create table orders (
    id bigint generated always as identity primary key,
    customer_id bigint not null references customers,
    status text not null default 'new',
    placed_at timestamptz not null default now()
);
create index orders_customer_id_idx on orders (customer_id);
create index orders_placed_at_idx on orders (placed_at);

create table order_items (
    order_id bigint not null references orders,
    line integer not null,
    product_id bigint not null references products,
    quantity integer not null check (quantity > 0),
    price numeric(10, 2) not null,
    primary key (order_id, line)
);
create index order_items_product_id_idx on order_items (product_id);

create table payments (
    id bigint generated always as identity primary key,
    order_id bigint not null references orders,
    method text not null,
    amount numeric(10, 2) not null,
    paid_at timestamptz not null default now()
);
create index payments_order_id_idx on payments (order_id);

create table stock_movements (
    id bigint generated always as identity primary key,
    product_id bigint not null references products,
    change integer not null,
    reason text not null,
    moved_at timestamptz not null default now()
);
create index stock_movements_product_id_idx on stock_movements (product_id);

create table sessions (
    token text primary key,
    customer_id bigint not null references customers,
    cart jsonb not null,
    seen_at timestamptz not null default now()
);
create index sessions_customer_id_idx on sessions (customer_id);
