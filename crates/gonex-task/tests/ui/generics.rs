use gonex_task::task;

#[task(crate = gonex_task)]
fn work<T: Clone>(value: T) -> T {
    value
}

fn main() {}
