use gonex_task::task;

pub struct Order;

#[task(crate = gonex_task)]
fn work(order: Order) -> u8 {
    drop(order);
    7
}

fn main() {}
