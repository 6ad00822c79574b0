use gonex_task::task;

#[task(crate = gonex_task, name = 7)]
fn work() {}

fn main() {}
