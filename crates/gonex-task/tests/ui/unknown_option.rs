use gonex_task::task;

#[task(crate = gonex_task, once)]
fn work() {}

fn main() {}
