use gonex_task::task;

#[task(crate = gonex_task, name = "")]
fn work() {}

fn main() {}
