//! What the page's script sees of the cases.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::cases::{CASES, Case};

#[wasm_bindgen]
extern "C" {
    /// Tells the script what a panic says, before it becomes a trap that says nothing.
    #[wasm_bindgen(js_name = gonexPanicked)]
    fn panicked(message: &str);
}

#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|info| panicked(&info.to_string())));
}

/// The names of all cases, in the order in which they run.
#[wasm_bindgen]
pub fn cases() -> Vec<String> {
    CASES.iter().map(|case| case.name.to_owned()).collect()
}

/// What the panic of a case has to say, if it is one that has to panic.
#[wasm_bindgen]
pub fn panics(name: &str) -> Option<String> {
    find(name).panics.map(str::to_owned)
}

/// Runs one case; what is wrong panics.
#[wasm_bindgen]
pub async fn run(name: String) {
    (find(&name).run)().await;
}

fn find(name: &str) -> &'static Case {
    let case = CASES.iter().find(|case| case.name == name);
    case.unwrap_or_else(|| panic!("there is no case `{name}`; `cases()` lists them"))
}
