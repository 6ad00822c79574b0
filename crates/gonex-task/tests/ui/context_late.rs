use gonex_task::task;

#[task(crate = gonex_task)]
fn work(n: u8, context: &gonex_core::Context) -> u8 {
    let _ = context;
    n
}

fn main() {}
