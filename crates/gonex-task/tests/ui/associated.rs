use gonex_task::task;

struct Shop;

impl Shop {
    #[task(crate = gonex_task)]
    fn open(name: String) -> Self {
        drop(name);
        Self
    }
}

fn main() {}
