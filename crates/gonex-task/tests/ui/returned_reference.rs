use gonex_task::task;

#[task(crate = gonex_task)]
fn work() -> &'static str {
    "a"
}

fn main() {}
