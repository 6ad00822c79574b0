//! The contract table: what each operation yields when it is dropped, timed out, cancelled,
//! closed, when something panics, and when its bound is reached.
//!
//! The cells are data; each carries the test that proves it. `docs/contract.md` is generated from
//! them: `GONEX_UPDATE=1 cargo test -p gonex --test contract` writes it anew.

mod cells;
mod cells_channels;
mod cells_component;
mod cells_distribute;
mod cells_groups;
mod cells_layers;
mod cells_locks;
mod cells_place;
mod cells_pool;
mod cells_resilience;
mod cells_select;
mod cells_shared;
mod cells_together;
mod cells_values;
mod support;
mod table;
mod watch;

use std::fmt::Write as _;
use std::path::Path;

use table::{Cell, EVENTS, OPERATIONS};

/// All rows of all files.
fn cells() -> impl Iterator<Item = &'static Cell> {
    [
        cells::CELLS,
        cells_together::CELLS,
        cells_place::CELLS,
        cells_pool::CELLS,
        cells_groups::CELLS,
        cells_channels::CELLS,
        cells_select::CELLS,
        cells_distribute::CELLS,
        cells_layers::CELLS,
        cells_locks::CELLS,
        cells_values::CELLS,
        cells_shared::CELLS,
        cells_resilience::CELLS,
        cells_component::CELLS,
    ]
    .into_iter()
    .flatten()
}

#[test]
fn every_cell_holds() {
    for cell in cells() {
        let Cell { operation, event, result, check } = cell;
        watch::named(&format!("{operation} × {event}: {result}"), *check);
    }
}

#[test]
fn every_operation_meets_every_event_once() {
    for operation in OPERATIONS {
        for event in EVENTS {
            let found = cells().filter(|c| c.operation == *operation && c.event == *event);
            assert_eq!(found.count(), 1, "{operation} × {event}");
        }
    }
    assert_eq!(cells().count(), OPERATIONS.len() * EVENTS.len(), "a cell of no operation");
}

#[test]
fn the_page_says_the_same() {
    let page = render();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/contract.md");
    if std::env::var_os("GONEX_UPDATE").is_some() {
        std::fs::write(&path, &page).expect("docs/ can be written");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == page,
        "docs/contract.md is not what the table says; run\n  \
         GONEX_UPDATE=1 cargo test -p gonex --test contract"
    );
}

fn render() -> String {
    let mut page = String::from(
        "# The contract of every operation\n\n\
         What each operation yields, and what it leaves behind, when it is dropped before it is \
         ready, when a time limit or a cancellation stops it, when the other side closes, when \
         something panics, and when a bound is reached.\n\n\
         This page is generated from `crates/gonex/tests/contract/`, where each cell stands \
         beside the test that proves it.\n",
    );
    for operation in OPERATIONS {
        write!(page, "\n## `{operation}`\n\n| when | then |\n| --- | --- |\n").unwrap();
        for event in EVENTS {
            let cell = cells().find(|c| c.operation == *operation && c.event == *event);
            let result = cell.map_or("", |cell| cell.result);
            writeln!(page, "| {event} | {result} |").unwrap();
        }
    }
    page
}
