use gonex_task::task;

#[task(crate = gonex_task, idempotent = true)]
fn work() {}

fn main() {}
