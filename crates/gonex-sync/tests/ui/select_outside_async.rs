use gonex_sync::{channel, select};

fn main() {
    let (_tx, rx) = channel::<u8>(1);
    select! { recv(rx) -> _ => {} }
}
