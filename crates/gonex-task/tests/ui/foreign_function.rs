use gonex_task::task;

#[task(crate = gonex_task)]
extern "C" fn work(n: u8) -> u8 {
    n
}

fn main() {}
