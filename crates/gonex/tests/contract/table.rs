/// What one operation does at one event, and the proof.
pub(crate) struct Cell {
    pub(crate) operation: &'static str,
    pub(crate) event: &'static str,
    pub(crate) result: &'static str,
    pub(crate) check: fn(),
}

pub(crate) const EVENTS: &[&str] =
    &["drop", "time-out", "cancel", "close", "panic", "bound reached"];

pub(crate) const OPERATIONS: &[&str] = &[
    "context.done()",
    "context.after_func(f)",
    "rt::sleep(..)",
    "rt::yield_now()",
    "aio::operation(future)",
    "handle.join()",
    "handle.await",
    "batch.join_all()",
    "batch.join_each()",
    "go_all(..)",
    "place.go(work)",
    "place.submit(task)",
    "place.go(call)",
    "place.go_all(..)",
    "place.map(items, make)",
    "go_race(..)",
    "try_go_all(..)",
    "go_all_outcomes(..)",
    "go_with_retry(..)",
    "go_all_with_retry(..)",
    "go_parallel(..)",
    "group.spawn(work)",
    "group.wait()",
    "group.wait_each()",
    "group.next()",
    "try_group.wait()",
    "scoped_handle.join()",
    "retry.call(work)",
    "pool.submit(job)",
    "pool.submit_batch(jobs)",
    "sender.send(value)",
    "sender.send(value) at capacity 0",
    "sender.send_all(values)",
    "sender.send_acked(value)",
    "sender.reserve()",
    "permit.send(value)",
    "receiver.recv()",
    "receiver.recv_many(into, limit)",
    "receiver.iter()",
    "receiver.stream()",
    "sender.sink()",
    "select! { .. }",
    "select.wait()",
    "distributor.broadcast(value)",
    "distributor.scatter(values)",
    "distributor.route(key).send(value)",
    "distributor.balance()",
    "collector.recv()",
    "collector.gather()",
    "semaphore.acquire(n)",
    "mutex.lock()",
    "rw_mutex.read()",
    "rw_mutex.write()",
    "reader.upgrade()",
    "once.get_or_init(make)",
    "cond.wait(guard)",
    "cond.wait_for(guard, limit)",
    "wait_group.wait()",
    "barrier.wait()",
    "timer.fired()",
    "ticker.tick()",
    "singleflight.run(key, call)",
    "oneshot_receiver.recv()",
    "oneshot_sender.closed()",
    "watch_receiver.changed()",
    "watch_sender.closed()",
    "broadcast_sender.send(value)",
    "broadcast_receiver.recv()",
    "shared.write(value)",
    "shared.update(f)",
    "shared_map.write(key, value)",
    "shared_map.update(key, f)",
    "shared_map.remove(key)",
    "address.send(message)",
    "address.ask(question)",
    "address_book.broadcast(message)",
    "component.stop(deadline)",
    "registry.shutdown_all(deadline)",
    "runtime.shutdown(deadline)",
];

/// Writes a row of cells. A cell whose event cannot occur says why, and has nothing to prove.
macro_rules! cells {
    ($($operation:literal { $($event:literal: $result:literal $(=> $check:expr)?;)+ })+) => {
        pub(crate) const CELLS: &[$crate::table::Cell] = &[$($(
            $crate::table::Cell {
                operation: $operation,
                event: $event,
                result: $result,
                check: $crate::table::cells!(@check $($check)?),
            },
        )+)+];
    };
    (@check $check:expr) => { $check };
    (@check) => { || {} };
}

pub(crate) use cells;
