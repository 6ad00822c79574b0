use gonex_task::task;

#[task(crate = gonex_task, timeout = "30 parsecs")]
fn work() {}

fn main() {}
