use gonex_task::task;

#[task(crate = gonex_task)]
struct Work;

fn main() {}
