//! Plots how the number of workers follows the load, as an SVG: `docs/pool-scaling.svg` is made by
//! `cargo run --example scaling_plot -p gonex-testkit -- docs/pool-scaling.svg`.
//!
//! The workers are simulated, so the plot is the same on every machine.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_runtime::Pool;
use gonex_runtime::pool::scaling::{Predictive, Reactive, ScalingPolicy};
use gonex_testkit::worker::{Beginning, Deed, SimulatedWorkers};

/// How things were at one look: seconds, jobs a second, jobs that waited, workers.
type Look = (f64, f64, usize, usize);

const SECONDS: u64 = 150;
const MOST: usize = 10;

/// A step, a rest, a ramp, and bursts.
fn load(second: u64) -> u64 {
    match second {
        10..40 => 60,
        60..90 => 5 + (second - 60) * 2,
        105..135 if second % 8 < 2 => 60,
        _ => 5,
    }
}

fn trace(policy: impl ScalingPolicy + 'static) -> Vec<Look> {
    let manual = Manual::seeded(7);
    rt::enter(Arc::new(manual.clone()), || {
        let ms = Duration::from_millis;
        let workers = SimulatedWorkers::new(&manual, move |_: &u64| Deed::Takes(ms(100)), |n| n)
            .beginning(move |_| Beginning::After(ms(500)));
        let pool = Pool::builder().scale(1..=MOST).scaling(policy).build_of(workers.kind());
        let pool = pool.expect("simulated workers can be started");
        let mut looks = Vec::new();
        for second in 0..SECONDS {
            let jobs = load(second);
            for n in 0..jobs {
                let handed_in = pool.submit(n).timeout(Duration::ZERO).block();
                handed_in.expect("the queue has room").detach();
                workers.run_for(&pool, Duration::from_secs(1) / jobs as u32);
                if n % jobs.div_ceil(10) == 0 {
                    let at = second as f64 + n as f64 / jobs as f64;
                    looks.push((at, jobs as f64, pool.queue_len(), pool.worker_count()));
                }
            }
        }
        looks
    })
}

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 150.0;
const LEFT: f64 = 60.0;

/// One band of the plot: a line of values as steps, with its name and its largest value.
fn band(svg: &mut String, top: f64, name: &str, color: &str, values: &[(f64, f64)]) {
    let most = values.iter().map(|(_, value)| *value).fold(1.0, f64::max);
    let x = |at: f64| LEFT + at / SECONDS as f64 * (WIDTH - LEFT - 10.0);
    let y = |value: f64| top + HEIGHT - value / most * (HEIGHT - 25.0);
    let mut path = String::new();
    for (n, (at, value)) in values.iter().enumerate() {
        let command = if n == 0 { 'M' } else { 'L' };
        if n > 0 {
            write!(path, "L{:.1} {:.1}", x(*at), y(values[n - 1].1)).ok();
        }
        write!(path, "{command}{:.1} {:.1}", x(*at), y(*value)).ok();
    }
    let base = top + HEIGHT;
    writeln!(
        svg,
        "<text x=\"{LEFT}\" y=\"{:.0}\" font-size=\"13\" fill=\"{color}\">{name}</text>\n\
         <text x=\"{:.0}\" y=\"{:.0}\" font-size=\"11\" text-anchor=\"end\">{most:.0}</text>\n\
         <text x=\"{:.0}\" y=\"{base:.0}\" font-size=\"11\" text-anchor=\"end\">0</text>\n\
         <line x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{base:.0}\" y2=\"{base:.0}\" stroke=\"#999\"/>\n\
         <path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>",
        top + 14.0,
        LEFT - 6.0,
        top + 30.0,
        LEFT - 6.0,
        WIDTH - 10.0,
    )
    .ok();
}

/// A name, a colour, what it is drawn from, and what of each look is drawn.
type Band<'a> = (&'a str, &'a str, &'a [Look], fn(&Look) -> f64);

fn plot(reactive: &[Look], predictive: &[Look]) -> String {
    let total = 5.0 * (HEIGHT + 20.0) + 30.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {total}\" \
         font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    let bands: [Band<'_>; 5] = [
        ("jobs a second, of 100 ms each", "#555", reactive, |look| look.1),
        ("workers, reactive", "#1f6feb", reactive, |look| look.3 as f64),
        ("jobs that wait, reactive", "#b35900", reactive, |look| look.2 as f64),
        ("workers, predictive", "#1f6feb", predictive, |look| look.3 as f64),
        ("jobs that wait, predictive", "#b35900", predictive, |look| look.2 as f64),
    ];
    for (n, (name, color, looks, of)) in bands.into_iter().enumerate() {
        let values: Vec<_> = looks.iter().map(|look| (look.0, of(look))).collect();
        band(&mut svg, 10.0 + n as f64 * (HEIGHT + 20.0), name, color, &values);
    }
    let foot = total - 8.0;
    writeln!(
        svg,
        "<text x=\"{LEFT}\" y=\"{foot}\" font-size=\"11\">0 s to {SECONDS} s</text>\n</svg>"
    )
    .ok();
    svg
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let reactive = trace(Reactive::new());
    let predictive = trace(Predictive::new(Reactive::new(), Duration::from_secs(2)));
    let mean = |looks: &[Look]| {
        looks.iter().map(|look| look.2 as f64).sum::<f64>() / looks.len().max(1) as f64
    };
    println!(
        "jobs that wait, on average: reactive {:.2}, predictive {:.2}",
        mean(&reactive),
        mean(&predictive)
    );
    match std::env::args().nth(1) {
        Some(path) => std::fs::write(path, plot(&reactive, &predictive))?,
        None => println!("name a file to have it plotted"),
    }
    Ok(())
}
