use gonex_task::task;

#[task(crate = gonex_task)]
async fn work() -> u8 {
    let local = std::rc::Rc::new(7);
    std::future::ready(()).await;
    *local
}

fn main() {}
