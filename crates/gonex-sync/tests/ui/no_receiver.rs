use gonex_sync::{channel, select_block};

fn main() {
    let (tx, rx) = channel::<u8>(1);
    let mut slot = Some(1);
    let _ = (&tx, &rx, &mut slot);
    select_block! { recv(tx) -> _ => {} }
}
