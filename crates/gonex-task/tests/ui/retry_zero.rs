use gonex_task::task;

#[task(crate = gonex_task, idempotent, retry = 0)]
fn work() {}

fn main() {}
