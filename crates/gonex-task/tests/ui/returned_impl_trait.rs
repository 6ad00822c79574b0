use gonex_task::task;

#[task(crate = gonex_task)]
fn work() -> impl Iterator<Item = u8> {
    0..9
}

fn main() {}
