use std::sync::mpsc;

use gonex_core::rt;
use gonex_task::PlaceExt;

use super::super::making::Making;

pub(super) fn detach(making: &Making) {
    let place = making.place();
    let (tell, told) = mpsc::channel();
    let theirs = tell.clone();
    place.go(move || theirs.send("closure").expect("somebody listens")).detach();
    assert_eq!(told.recv(), Ok("closure"));
    let future = async move {
        rt::yield_now().await;
        tell.send("future").expect("somebody listens");
    };
    drop(place.go(future));
    assert_eq!(told.recv(), Ok("future"));
}
