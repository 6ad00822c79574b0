use gonex_task::task;

#[task(crate = gonex_task)]
fn work(_: u8) -> u8 {
    7
}

fn main() {}
