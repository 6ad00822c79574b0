use gonex_task::task;

#[task(crate = gonex_task, idempotent retry = 3)]
fn work() {}

fn main() {}
