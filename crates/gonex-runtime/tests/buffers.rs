//! Buffers come back, threads pass them on, and no more are kept than may be.

use std::sync::mpsc;
use std::thread;

use gonex_runtime::buffers::{BufferPool, BufferPoolBuilder, NodeBuffers, SizeClasses};
use gonex_runtime::topology::Topology;

const SIZE: usize = 4096;

fn exact(buffers: usize, per_thread: usize) -> BufferPoolBuilder {
    BufferPool::builder()
        .classes(SizeClasses::Exact(SIZE))
        .max_bytes(buffers * SIZE)
        .per_thread(per_thread * SIZE)
}

#[test]
fn a_buffer_comes_back_empty() {
    let pool = exact(4, 4).build().unwrap();
    let mut buffer = pool.take(10);
    buffer.extend_from_slice(b"secret");
    let address = buffer.as_ptr();
    drop(buffer);
    let again = pool.take(SIZE);
    assert_eq!((again.len(), again.as_ptr()), (0, address));
    let stats = pool.stats();
    assert_eq!((stats.made, stats.reused, stats.kept, stats.let_go), (1, 1, 1, 0));
}

#[test]
fn no_more_is_kept_than_may_be() {
    for per_thread in [0, 1, 3, 10] {
        let pool = exact(10, per_thread).build().unwrap();
        let buffers: Vec<_> = (0..25).map(|_| pool.take(SIZE)).collect();
        drop(buffers);
        let stats = pool.stats();
        assert_eq!((stats.kept, stats.let_go), (10, 15), "{per_thread} a thread: {stats:?}");
        assert!(stats.bytes <= 10 * SIZE, "{stats:?}");
        let again: Vec<_> = (0..25).map(|_| pool.take(SIZE)).collect();
        assert_eq!(pool.stats().reused, 10, "{per_thread} a thread");
        drop(again);
    }
}

#[test]
fn the_bound_holds_for_all_threads_together() {
    let pool = exact(16, 4).build().unwrap();
    // More threads than can be promised something: the last ones keep nothing for themselves.
    thread::scope(|scope| {
        let (ready, all) = mpsc::channel();
        let stay: Vec<_> = (0..6)
            .map(|_| {
                let (ready, pool) = (ready.clone(), &pool);
                let (leave, left) = mpsc::channel::<()>();
                scope.spawn(move || {
                    drop((0..8).map(|_| pool.take(SIZE)).collect::<Vec<_>>());
                    ready.send(()).unwrap();
                    // Until all have kept what they could.
                    left.recv().unwrap_err();
                });
                leave
            })
            .collect();
        for _ in &stay {
            all.recv().unwrap();
        }
        let stats = pool.stats();
        assert!(stats.bytes <= 16 * SIZE, "{stats:?}");
        assert_eq!(stats.kept + stats.let_go, 48, "{stats:?}");
    });
}

#[test]
fn what_one_thread_makes_and_another_drops_goes_round() {
    let pool = exact(64, 8).build().unwrap();
    let (give, take) = mpsc::sync_channel(4);
    thread::scope(|scope| {
        let producer = &pool;
        scope.spawn(move || (0..1_000).for_each(|_| give.send(producer.take(SIZE)).unwrap()));
        take.into_iter().for_each(drop);
    });
    let stats = pool.stats();
    assert_eq!(stats.made + stats.reused, 1_000);
    assert!(stats.made <= 64, "they come back by way of all: {stats:?}");
}

#[test]
fn a_thread_that_ends_leaves_its_buffers_to_the_next() {
    let pool = exact(1_000, 2).build().unwrap();
    for _ in 0..200 {
        thread::scope(|scope| {
            scope.spawn(|| drop(pool.take(SIZE))).join().unwrap();
        });
    }
    let stats = pool.stats();
    assert_eq!((stats.made + stats.reused, stats.let_go), (200, 0), "{stats:?}");
    // The places of threads that have ended are taken again; those of other tests come between.
    assert!(stats.made < 100, "{stats:?}");
}

#[test]
fn what_fits_no_class_is_not_kept() {
    let pool = BufferPool::builder()
        .classes(SizeClasses::PowersOfTwo { smallest: 1024, largest: 4096 })
        .build()
        .unwrap();
    drop(pool.take(5_000));
    assert_eq!((pool.stats().oversized, pool.stats().let_go), (1, 1));
    let mut grows = pool.take(1_024);
    grows.resize(2_000, 7);
    drop(grows);
    // It doubled, so it is of the next class now.
    assert_eq!(pool.take(2_000).len(), 0);
    assert_eq!(pool.stats().reused, 1);
    let mut exchanged = pool.take(1_024);
    *exchanged = vec![1; 3];
    drop(exchanged);
    assert_eq!(pool.stats().let_go, 2);
    assert_eq!(pool.take(1_000).into_vec().capacity(), 1_024);
    assert_eq!(pool.stats().let_go, 3);
}

#[test]
fn an_owned_buffer_outlives_its_pool() {
    let pool = exact(4, 4).build().unwrap();
    let mut buffer = pool.take_owned(SIZE);
    drop(pool);
    buffer.push(1);
    assert_eq!(*buffer, [1]);
}

#[test]
fn what_is_trimmed_is_gone() {
    let pool = exact(8, 0).build().unwrap();
    drop((0..8).map(|_| pool.take(SIZE)).collect::<Vec<_>>());
    assert_eq!(pool.stats().bytes, 8 * SIZE);
    pool.trim();
    assert_eq!(pool.stats().bytes, 0);
    drop(pool.take(SIZE));
    assert_eq!((pool.stats().made, pool.stats().reused), (9, 0));
}

#[test]
fn all_that_makes_no_sense_is_said_at_once() {
    let none = BufferPool::builder().classes(SizeClasses::Custom(Vec::new())).build().unwrap_err();
    assert_eq!(none.to_string(), "there are no size classes; name at least one");
    let many = SizeClasses::Custom((0..100).collect());
    let refused = BufferPool::builder().classes(many).max_bytes(10).build().unwrap_err();
    let reasons: Vec<&str> = refused.reasons().collect();
    assert!(reasons[0].starts_with("100 size classes"), "{refused}");
    assert!(reasons[1].starts_with("a size class of 0 bytes"), "{refused}");
    assert!(reasons[2].starts_with("a buffer of 99 bytes"), "{refused}");
    assert!(reasons[3].starts_with("no thread can keep 1048576 bytes"), "{refused}");
}

#[test]
fn each_node_has_its_own() {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("sys/devices/system/cpu/online", "0-1"),
        ("sys/devices/system/node/node0/cpulist", "0"),
        ("sys/devices/system/node/node2/cpulist", "1"),
    ] {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let topology = Topology::read_below(root.path());
    let buffers = NodeBuffers::new(&topology, &exact(8, 8)).unwrap();
    assert_eq!(buffers.nodes(), 2);
    drop((0..8).map(|_| buffers.on(Some(2)).take(SIZE)).collect::<Vec<_>>());
    assert_eq!(buffers.on(Some(2)).stats().kept, 4, "a node has its share of the bytes");
    assert_eq!(buffers.on(Some(0)).stats().kept, 0);
    assert_eq!(buffers.on(None).sizes(), [SIZE]);
    let starved = NodeBuffers::new(&topology, &exact(1, 1)).unwrap_err();
    assert!(starved.to_string().contains("would never be kept"), "{starved}");
}
