use gonex_task::task;

#[task(crate = gonex_task)]
fn work(words: &mut Vec<String>) {
    words.clear();
}

fn main() {}
