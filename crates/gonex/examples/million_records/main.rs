//! A million records through a pipeline, in four forms: read, parse, transform, aggregate, write; one after
//! the other; in async tasks, on one event loop and on one for each core; and with gonex, where a thread
//! reads, a pool transforms, and results come back in order.
//!
//! ```text
//! cargo run --release -p gonex --example million_records
//! ```
//!
//! It writes about 300 MB below the folder for temporary files. `docs/programs-performance.md` has the table
//! that it printed, and what that says.

#[path = "../measured/mod.rs"]
mod measured;

mod forms;
mod record;

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use forms::run;
use measured::{Child, Failure, Form, Table, Usage, cores, percent, span, told};

const RECORDS: u64 = 1_000_000;
/// Each form runs so often, in turn, and its best run counts: the others were disturbed.
const RUNS: usize = 3;

/// One form, as its process told it.
struct Measured {
    form: Form,
    wall: Duration,
    p50: Duration,
    p99: Duration,
    usage: Usage,
    /// Of all that it has written and added up.
    digest: u64,
}

impl Measured {
    fn cpu_share(&self) -> Option<f64> {
        Some(self.usage.cpu?.as_secs_f64() / (self.wall.as_secs_f64() * cores() as f64))
    }
}

fn generate(count: u64, path: &Path) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    record::generate(count, &mut file)?;
    file.flush()
}

/// What tells whether two forms have written and added up the same.
fn digest(written: &Path, totals: &record::Totals) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    let mut file = File::open(written)?;
    let mut part = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            break;
        }
        // Byte by byte the same, however much was read at once.
        part[..read].iter().for_each(|&byte| hasher.write_u8(byte));
    }
    hasher.write(format!("{totals:?}").as_bytes());
    Ok(hasher.finish())
}

/// In the process of a form: runs it and tells about it.
fn be_form(form: Form, from: &Path, to: &Path) -> Result<(), Failure> {
    let start = Instant::now();
    let ran = run(form, from, to)?;
    println!("wall_us {}", start.elapsed().as_micros());
    // Before anything is read again.
    let usage = Usage::now();
    println!("p50_us {}", ran.p50.as_micros());
    println!("p99_us {}", ran.p99.as_micros());
    println!("digest {}", digest(to, &ran.totals)?);
    println!("rejected {}", ran.totals.rejected);
    told(usage);
    Ok(())
}

fn measure(form: Form, from: &Path, to: &Path) -> Result<Measured, Failure> {
    let text = |path: &Path| path.to_str().map(str::to_owned).ok_or("a path that is no text");
    let mut child = Child::start(&["run", &form.to_string(), &text(from)?, &text(to)?])?;
    let wall = Duration::from_micros(child.read("wall_us")?);
    let p50 = Duration::from_micros(child.read("p50_us")?);
    let p99 = Duration::from_micros(child.read("p99_us")?);
    let digest = child.read("digest")?;
    let _: u64 = child.read("rejected")?;
    Ok(Measured { form, wall, p50, p99, usage: child.finish()?, digest })
}

/// Refuses forms that do not agree.
fn agreed(measured: &[Measured]) -> Result<(), Failure> {
    let Some(first) = measured.first() else { return Ok(()) };
    match measured.iter().find(|other| other.digest != first.digest) {
        Some(other) => Err(format!("{} and {} do not agree", first.form, other.form).into()),
        None => Ok(()),
    }
}

fn compare() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (from, to) = (folder.path().join("records.csv"), folder.path().join("records.json"));
    generate(RECORDS, &from)?;
    let megabytes = fs::metadata(&from)?.len() as f64 / 1e6;
    println!(
        "{RECORDS} records, {megabytes:.0} MB; {} cores; the best of {RUNS} runs each",
        cores()
    );
    println!(
        "latencies are those of blocks of 64 KiB, from when one was read to when it was written\n"
    );
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        for form in Form::ALL {
            runs.push(measure(form, &from, &to)?);
        }
    }
    agreed(&runs)?;
    runs.sort_by_key(|run| run.wall);
    let best = Form::ALL.map(|form| runs.iter().find(|run| run.form == form));
    let best: Vec<&Measured> = best.into_iter().flatten().collect();
    let mut table = Table::new(["form", "time", "records/s", "CPU", "peak", "p50", "p99"]);
    for run in &best {
        let peak = run.usage.peak_bytes;
        table.add([
            run.form.to_string(),
            span(run.wall),
            format!("{:.0}", RECORDS as f64 / run.wall.as_secs_f64()),
            percent(run.cpu_share()),
            peak.map_or("–".to_owned(), |bytes| format!("{:.1} MB", bytes as f64 / 1e6)),
            span(run.p50),
            span(run.p99),
        ]);
    }
    println!("{table}");
    print!("{}", beside_the_seeds(&best));
    Ok(())
}

/// What the seeds hope for, beside what was measured.
fn beside_the_seeds(best: &[&Measured]) -> Table {
    let of = |form| best.iter().copied().find(|run| run.form == form);
    let mut table =
        Table::new(["to sequential", "seeds, workers", "event-loop", "event-loops", "gonex"]);
    let Some(base) = of(Form::Sequential) else { return table };
    let others = [Form::EventLoop, Form::EventLoops, Form::Gonex].map(of);
    let row = |name: &str, seeds: &str, value: &dyn Fn(&Measured) -> Option<String>| {
        let told = |run: &Option<&Measured>| run.and_then(value).unwrap_or_else(|| "–".to_owned());
        [name.to_owned(), seeds.to_owned()]
            .into_iter()
            .chain(others.iter().map(told))
            .collect::<Vec<_>>()
    };
    table.add(row("times as fast", "4.00", &|run| {
        Some(format!("{:.2}", base.wall.as_secs_f64() / run.wall.as_secs_f64()))
    }));
    table.add(row("CPU", "25 % → 95 %", &|run| {
        Some(format!("{} → {}", percent(base.cpu_share()), percent(run.cpu_share())))
    }));
    table.add(row("peak of memory", "1.20", &|run| {
        Some(format!("{:.2}", run.usage.peak_bytes? as f64 / base.usage.peak_bytes? as f64))
    }));
    table
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(),
        ["run", form, from, to] => be_form(form.parse()?, Path::new(from), Path::new(to)),
        _ => Err("this takes no arguments; it starts itself as `run FORM FROM TO`".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_write_and_add_up_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        generate(20_000, &from).unwrap();
        let digests = Form::ALL.map(|form| {
            let ran = run(form, &from, &to).unwrap();
            assert_eq!((ran.totals.records, ran.totals.rejected), (19_998, 2), "{form}");
            assert_eq!(ran.totals.countries.len(), 6, "{form}");
            assert!(ran.p50 <= ran.p99 && ran.p99 > Duration::ZERO, "{form}");
            digest(&to, &ran.totals).unwrap()
        });
        assert!(digests.iter().all(|other| *other == digests[0]), "{digests:?}");
    }

    #[test]
    fn forms_that_do_not_agree_are_refused() {
        let measured = |form, digest| Measured {
            form,
            wall: Duration::from_secs(1),
            p50: Duration::ZERO,
            p99: Duration::ZERO,
            usage: Usage::default(),
            digest,
        };
        let same = [measured(Form::Sequential, 1), measured(Form::Gonex, 1)];
        assert!(agreed(&same).is_ok());
        let other = [measured(Form::Sequential, 1), measured(Form::Gonex, 2)];
        assert!(agreed(&other).unwrap_err().to_string().contains("sequential and gonex"));
        assert_eq!(same[0].cpu_share(), None);
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("nothing"), folder.path().join("to"));
        assert!(run(Form::Gonex, &from, &to).is_err());
    }
}
