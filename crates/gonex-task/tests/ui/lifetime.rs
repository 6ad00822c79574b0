use gonex_task::task;

#[task(crate = gonex_task)]
fn work<'a>(text: &'a str) -> usize {
    text.len()
}

fn main() {}
