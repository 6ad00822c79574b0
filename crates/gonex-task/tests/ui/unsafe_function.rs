use gonex_task::task;

#[task(crate = gonex_task)]
unsafe fn work(n: u8) -> u8 {
    n
}

fn main() {}
