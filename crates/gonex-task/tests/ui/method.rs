use gonex_task::task;

struct Shop;

impl Shop {
    #[task(crate = gonex_task)]
    fn count(&self) -> usize {
        7
    }
}

fn main() {}
