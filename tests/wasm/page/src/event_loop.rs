//! The page's own tools, from outside gonex, to set its operations against.

use std::future::Future;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, ms: i32) -> i32;
}

/// Waits for a promise that the page resolves after some milliseconds.
pub(crate) async fn pause(ms: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        set_timeout(&resolve, ms);
    });
    JsFuture::from(promise).await.expect("the page's timer does not reject");
}

/// Starts a task of the page; the future that comes back waits for its end.
pub(crate) fn spawn(task: impl Future<Output = ()> + 'static) -> impl Future<Output = ()> {
    let promise = future_to_promise(async {
        task.await;
        Ok(wasm_bindgen::JsValue::UNDEFINED)
    });
    async {
        JsFuture::from(promise).await.expect("a task that panics ends the page");
    }
}
