use gonex_task::task;

#[task(crate = gonex_task, retry = 3)]
fn work() {}

fn main() {}
