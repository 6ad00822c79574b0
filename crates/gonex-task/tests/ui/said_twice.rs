use gonex_task::task;

#[task(crate = gonex_task, idempotent, idempotent)]
fn work() {}

fn main() {}
