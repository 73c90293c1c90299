//! The shop's customers: several connections that order, browse and ask for reports until they are told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use fastrand::Rng;
use tokio_postgres::{Client, Config, NoTls};

const CHECKOUTS: u64 = 4;
const CUSTOMERS: u64 = 8000;
const PRODUCTS: u64 = 1500;

/// The revenue of each customer and month: sorts and groups more than work_mem holds, so it spills to disk.
const REVENUE: &str = "select c.city, c.name, date_trunc('month', o.placed_at) as month, p.name as product,
           sum(i.quantity * i.price) as revenue
    from order_items i
    join orders o on o.id = i.order_id
    join customers c on c.id = o.customer_id
    join products p on p.id = i.product_id
    where o.status = $1
    group by c.city, c.name, month, p.name
    order by revenue desc, c.name
    limit 100";

/// Searches a column that has no index.
const SEARCH: &str = "select id, placed_at from orders where status = $1 order by placed_at desc limit 20";

/// Load that runs on a thread of its own.
pub(super) struct Load {
    state: Arc<State>,
    thread: JoinHandle<Result<()>>,
}

#[derive(Default)]
struct State {
    stop: AtomicBool,
    orders: AtomicU64,
}

impl State {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }
}

impl Load {
    /// Opens the shop.
    pub(super) fn start(dsn: &str) -> Self {
        let state = Arc::new(State::default());
        let (dsn, shared) = (dsn.to_owned(), Arc::clone(&state));
        Self { state, thread: std::thread::spawn(move || run(&dsn, &shared)) }
    }

    /// Closes it, waits for the last customer and returns how many orders were placed.
    pub(super) fn stop(self) -> Result<u64> {
        self.state.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.join().map_err(|_| anyhow!("the load of the demo panicked"))?;
        ended.context("the load of the demo failed")?;
        Ok(self.state.orders.load(Ordering::Relaxed))
    }
}

fn run(dsn: &str, state: &Arc<State>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut tasks = vec![tokio::spawn(ask_for_reports(connect(dsn, "shop-reports").await?, Arc::clone(state)))];
        for number in 1..=CHECKOUTS {
            let client = connect(dsn, "shop-web").await?;
            tasks.push(tokio::spawn(check_out(client, Dice::new(number), Arc::clone(state))));
        }
        for task in tasks {
            task.await??;
        }
        Ok(())
    })
}

async fn connect(dsn: &str, application: &str) -> Result<Client> {
    let mut config: Config = dsn.parse()?;
    let (client, connection) = config.application_name(application).connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Customers who look around, fill a cart and order.
async fn check_out(mut client: Client, mut dice: Dice, state: Arc<State>) -> Result<()> {
    while state.goes_on() {
        let customer = dice.below(CUSTOMERS);
        client.query("select name, city from customers where id = $1", &[&customer]).await?;
        let seen =
            "update sessions set seen_at = now(), cart = cart || '{\"step\": \"confirm\"}' where customer_id = $1";
        client.execute(seen, &[&customer]).await?;
        place_order(&mut client, customer, &mut dice).await?;
        state.orders.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

async fn place_order(client: &mut Client, customer: i64, dice: &mut Dice) -> Result<()> {
    let mut products = [dice.below(PRODUCTS), dice.below(PRODUCTS), dice.below(PRODUCTS)];
    // Always in the same order, or two orders would lock each other out.
    products.sort_unstable();
    let order = client.transaction().await?;
    let row = order.query_one("insert into orders (customer_id) values ($1) returning id", &[&customer]).await?;
    let id: i64 = row.get(0);
    for (line, product) in (1i32..).zip(&products) {
        order.execute("update products set stock = stock - 1 where id = $1", &[product]).await?;
        let item = "insert into order_items select $1, $2, id, 1, price from products where id = $3";
        order.execute(item, &[&id, &line, product]).await?;
        let movement = "insert into stock_movements (product_id, change, reason) values ($1, -1, 'sale')";
        order.execute(movement, &[product]).await?;
    }
    let payment = "insert into payments (order_id, method, amount)
                   select $1, 'card', sum(quantity * price) from order_items where order_id = $1";
    order.execute(payment, &[&id]).await?;
    order.commit().await?;
    Ok(())
}

/// The office, which looks at figures all day.
async fn ask_for_reports(client: Client, state: Arc<State>) -> Result<()> {
    while state.goes_on() {
        client.query(REVENUE, &[&"shipped"]).await?;
        for _ in 0..5 {
            client.query(SEARCH, &[&"cancelled"]).await?;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

/// Even numbers, the same in every demo.
struct Dice(Rng);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// An id from 1 to `count`.
    fn below(&mut self, count: u64) -> i64 {
        i64::try_from(self.0.u64(1..=count)).unwrap_or(1)
    }
}
