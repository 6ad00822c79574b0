use gonex_task::task;

#[task(crate = gonex_task)]
fn work(n: u8) -> u8
where
    u8: Copy,
{
    n
}

fn main() {}
