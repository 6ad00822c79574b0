use gonex_task::task;

#[task(crate = gonex_task)]
fn work((a, b): (u8, u8)) -> u8 {
    a + b
}

fn main() {}
