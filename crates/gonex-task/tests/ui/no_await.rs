use gonex_task::task;

#[task(crate = gonex_task)]
fn work() -> u8 {
    7
}

fn main() {
    let _ = async { work::call().await };
}
