//! The forms of the pipeline: read, parse, transform, aggregate, write.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use gonex::profile::{Profiler, Recorder};
use gonex::{Pool, channel, thread};

use crate::measured::{Failure, Form};
use crate::record::{Block, Blocks, Done, Totals};

/// So many blocks wait between one stage and the next, at most.
const WAITING: usize = 8;
/// How many tasks transform, where all is tasks: enough that reading and writing never wait for one.
const TASKS: usize = 4;

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) totals: Totals,
    /// From when a block was read to when it was written: the median, and 99 of 100.
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// Where all forms end: what is done is written, and added up.
struct Sink {
    to: File,
    totals: Totals,
    latency: Recorder,
    profiler: Profiler,
}

impl Sink {
    fn create(path: &Path) -> io::Result<Self> {
        let profiler = Profiler::new();
        let latency = profiler.recorder("block");
        Ok(Self { to: File::create(path)?, totals: Totals::default(), latency, profiler })
    }

    fn take(&mut self, done: &Done) -> io::Result<()> {
        self.to.write_all(&done.lines)?;
        self.totals.add(&done.totals);
        self.latency.record(done.read_at.elapsed());
        Ok(())
    }

    fn finish(self) -> Ran {
        let report = self.profiler.report();
        let (p50, p99) = report.total("block").map_or_else(Default::default, |of| (of.p50, of.p99));
        Ran { totals: self.totals, p50, p99 }
    }
}

/// Runs a form over a file of records, into another file.
pub(crate) fn run(form: Form, from: &Path, to: &Path) -> Result<Ran, Failure> {
    let blocks = Blocks::of(File::open(from)?);
    let sink = Sink::create(to)?;
    match form {
        Form::Sequential => sequential(blocks, sink),
        Form::EventLoop | Form::EventLoops => form.tokio()?.block_on(in_tasks(blocks, sink)),
        Form::Gonex => with_gonex(blocks, sink),
    }
}

fn sequential(blocks: Blocks<File>, mut sink: Sink) -> Result<Ran, Failure> {
    for block in blocks {
        sink.take(&block?.process())?;
    }
    Ok(sink.finish())
}

/// A task reads, some transform, and this one writes; between them are channels.
async fn in_tasks(blocks: Blocks<File>, mut sink: Sink) -> Result<Ran, Failure> {
    let (to_transform, blocks_in) = channel::<Block>(WAITING);
    let (to_write, done_in) = channel::<Done>(WAITING);
    let reading = tokio::spawn(async move {
        for block in blocks {
            to_transform.send(block?).await.map_err(|_| "nobody transforms")?;
        }
        Ok::<_, Failure>(())
    });
    for _ in 0..TASKS {
        let (blocks_in, to_write) = (blocks_in.clone(), to_write.clone());
        tokio::spawn(async move {
            while let Ok(block) = blocks_in.recv().await {
                if to_write.send(block.process()).await.is_err() {
                    break;
                }
            }
        });
    }
    drop((blocks_in, to_write));
    // They come in the order in which they are done. No more can be early than are under way.
    let (mut next, mut early) = (0, BTreeMap::new());
    while let Ok(done) = done_in.recv().await {
        early.insert(done.number, done);
        while let Some(done) = early.remove(&next) {
            sink.take(&done)?;
            next += 1;
        }
    }
    reading.await??;
    Ok(sink.finish())
}

/// A thread reads, a pool transforms and keeps the order, and this thread writes.
fn with_gonex(blocks: Blocks<File>, mut sink: Sink) -> Result<Ran, Failure> {
    let (tx, rx) = channel(WAITING);
    let read = move || {
        for block in blocks {
            tx.send(block?).block().map_err(|_| "nobody transforms")?;
        }
        Ok::<_, Failure>(())
    };
    let mut reading = thread::builder().name("reader").spawn(read)?;
    let pool = Pool::new(Block::process)?;
    let mut done = pool.stream(rx.into_stream());
    while let Some(done) = done.next().block() {
        sink.take(&done?)?;
    }
    reading.join().block()??;
    Ok(sink.finish())
}
