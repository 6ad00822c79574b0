use gonex_task::task;

#[task(crate = gonex_task, timeout = 30)]
fn work() {}

fn main() {}
