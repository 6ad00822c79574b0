use gonex_task::task;

#[task(crate = gonex_task)]
fn work(words: &Vec<String>) -> usize {
    words.len()
}

fn main() {}
