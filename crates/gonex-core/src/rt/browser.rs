use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use std::task::{Wake, Waker};

use js_sys::{Function, Reflect, global};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::timers::{Driven, Timer};
use super::{Parker, Seam, Thread, ThreadOptions};
use crate::Instant;

/// The seam of a page or worker in a browser: time by `performance.now`, timers by one `setTimeout`
/// for each JavaScript thread, chance by `Math.random`.
///
/// Nothing can wait here by parking: whoever would is told what to do instead.
#[derive(Clone, Copy, Debug, Default)]
pub struct Browser;

/// `setTimeout` takes milliseconds as a signed number of 32 bits, and fires at once for more.
const LONGEST: f64 = 2_147_483_647.0;

thread_local! {
    static DRIVER: RefCell<Option<Driver>> = const { RefCell::new(None) };
}

struct Driver {
    timers: Arc<Driven>,
    turn: Closure<dyn Fn()>,
    /// What `setTimeout` returned for the next turn.
    timeout: Option<JsValue>,
}

/// Wakes the driver of this JavaScript thread, which is where timers are added.
struct Again;

impl Wake for Again {
    fn wake(self: Arc<Self>) {
        turn();
    }
}

/// Fires what is due on this thread, and has the event loop come back for the rest.
fn turn() {
    let timers =
        || DRIVER.try_with(|driver| Some(driver.borrow().as_ref()?.timers.clone())).ok()?;
    let Some(timers) = timers() else { return };
    let next = timers.turn(Instant::now(), &Waker::from(Arc::new(Again)));
    DRIVER.with_borrow_mut(|driver| {
        let Some(driver) = driver else { return };
        if let Some(before) = driver.timeout.take() {
            call("clearTimeout", &before, &JsValue::UNDEFINED);
        }
        driver.timeout = next.map(|at| {
            let left = at.saturating_duration_since(Instant::now());
            // Rounded up: a turn too early would only come again.
            let left = (left.as_secs_f64() * 1000.0).ceil().min(LONGEST);
            call("setTimeout", driver.turn.as_ref(), &JsValue::from_f64(left))
        });
    });
}

/// Calls a function that pages and workers have alike.
fn call(name: &str, first: &JsValue, second: &JsValue) -> JsValue {
    let function = Reflect::get(&global(), &JsValue::from_str(name)).ok();
    let function = function.and_then(|function| function.dyn_into::<Function>().ok());
    let called =
        function.and_then(|function| function.call2(&JsValue::UNDEFINED, first, second).ok());
    called.unwrap_or_else(|| panic!("`{name}` is missing here; gonex needs a page or a worker"))
}

impl Seam for Browser {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn park(&self, _: &Arc<Parker>, _: Option<Instant>) {
        panic!(
            "`.block()` cannot wait in a browser: it would stop the page, and what it waits for with \
             it; use `.await` instead"
        );
    }

    fn timer(&self, at: Instant, waker: Waker) -> Timer {
        let timers = DRIVER.with_borrow_mut(|driver| {
            let start = || Driver {
                timers: Arc::new(Driven::new(Instant::now())),
                turn: Closure::new(turn),
                timeout: None,
            };
            driver.get_or_insert_with(start).timers.clone()
        });
        let key = timers.add(at, waker);
        // The first timer finds no driver to wake.
        if DRIVER.with_borrow(|driver| driver.as_ref().is_some_and(|d| d.timeout.is_none())) {
            turn();
        }
        Timer::new(timers, key)
    }

    fn random(&self) -> u64 {
        let half = || (js_sys::Math::random() * 4_294_967_296.0) as u64;
        half() << 32 | half()
    }

    fn spawn_thread(
        &self,
        options: ThreadOptions,
        _: Box<dyn FnOnce() + Send>,
    ) -> io::Result<Thread> {
        let name = options.name;
        let reason = format!(
            "the thread {name:?} cannot be started: a browser has none; hand the work to a Web Worker"
        );
        Err(io::Error::new(io::ErrorKind::Unsupported, reason))
    }
}
