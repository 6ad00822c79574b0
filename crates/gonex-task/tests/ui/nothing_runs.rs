#![deny(unused_must_use)]
use gonex_task::task;

#[task(crate = gonex_task)]
fn work() -> u8 {
    7
}

fn main() {
    work::call();
}
