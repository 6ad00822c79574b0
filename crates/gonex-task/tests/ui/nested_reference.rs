use gonex_task::task;

#[task(crate = gonex_task)]
fn work(words: Vec<&'static str>) -> usize {
    words.len()
}

fn main() {}
