use gonex_task::task;

#[task(crate = gonex_task)]
fn work(words: impl Iterator<Item = u8>) -> usize {
    words.count()
}

fn main() {}
