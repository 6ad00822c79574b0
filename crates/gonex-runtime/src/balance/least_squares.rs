/// What it costs to do something of a size, learned from examples: `cost = fixed + rate · size`.
///
/// This is recursive least squares with forgetting. Each example moves the line by its error, along the
/// direction and by the amount that `spread` says: it is the covariance of the two coefficients, large
/// where little is known, and smaller with each example that says something. Dividing it by
/// `FORGET` after each example makes the past fade, so that a cost that drifts is followed; about the last
/// `1 / (1 − FORGET)` examples count.
///
/// An error counts in proportion to the cost: being off by a tenth is as bad for a small task as for a large
/// one. Else the largest would draw the line alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeastSquares {
    fixed: f64,
    rate: f64,
    /// The covariance: of the fixed part, of both, of the rate.
    spread: [f64; 3],
    /// The size of the first example, so that usual sizes are near 1.
    unit: f64,
    /// The average cost of late.
    mean: f64,
    /// The lowest cost of late.
    least: f64,
    examples: u32,
}

/// What remains of the past after each example.
const FORGET: f64 = 0.985;

/// How uncertain the coefficients are at first, and may become while all examples look alike, in squares
/// of the average cost.
const MOST_SPREAD: f64 = 100.0;

/// How much the newest example counts in the average.
const NEWEST: f64 = 0.05;

/// A cost above this is as good as for ever, and so is a size so many times the first.
const MOST: f64 = 1e9;

impl LeastSquares {
    /// Begins with an example, as if the cost were in proportion to the size.
    pub(super) fn new(size: f64, cost: f64) -> Self {
        let cost = cost.clamp(1e-9, MOST);
        let (fixed, rate) = if size > 0.0 { (0.0, cost) } else { (cost, 0.0) };
        let spread = MOST_SPREAD * cost * cost;
        let unit = if size > 0.0 { size } else { 1.0 };
        Self {
            fixed,
            rate,
            spread: [spread, 0.0, spread],
            unit,
            mean: cost,
            least: cost,
            examples: 1,
        }
    }

    /// How many examples there were.
    pub(super) const fn examples(&self) -> u32 {
        self.examples
    }

    /// What it expects.
    pub(super) fn cost(&self, size: f64) -> f64 {
        let line = self.fixed + self.rate * self.scaled(size);
        // A line may cross zero, and a cost does not.
        line.clamp(self.least / 2.0, MOST)
    }

    /// Learns from an example.
    pub(super) fn learn(&mut self, size: f64, cost: f64) {
        let cost = cost.clamp(1e-9, MOST);
        let x = self.scaled(size);
        let expected = self.cost(size);
        let [a, b, c] = self.spread;
        // How uncertain the line is here, beside how noisy an example of such a cost is. That goes by what
        // was expected: were it by what came, long times would count less than short ones.
        let along = [a + b * x, b + c * x];
        let noise = expected * expected;
        let seen = FORGET * noise + along[0] + along[1] * x;
        let gain = along.map(|along| along / seen);
        let error = cost - (self.fixed + self.rate * x);
        self.fixed += gain[0] * error;
        self.rate += gain[1] * error;
        self.mean += (cost - self.mean) * NEWEST;
        self.least = cost.min(self.least * (1.0 + NEWEST));
        self.examples = self.examples.saturating_add(1);
        let known = [a - gain[0] * along[0], b - gain[0] * along[1], c - gain[1] * along[1]];
        self.spread = self.bounded(known.map(|value| value / FORGET));
    }

    fn scaled(&self, size: f64) -> f64 {
        (size / self.unit).min(MOST)
    }

    /// Keeps the uncertainty from growing without end where no example says anything: all have the same
    /// size, say. Rows and columns shrink together, so it stays a covariance.
    fn bounded(&self, [a, b, c]: [f64; 3]) -> [f64; 3] {
        let most = MOST_SPREAD * self.mean * self.mean;
        let shrink = |value: f64| if value > most { (most / value).sqrt() } else { 1.0 };
        let (one, other) = (shrink(a), shrink(c));
        // Rounding must not make it negative.
        [(a * one * one).max(0.0), b * one * other, (c * other * other).max(0.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from 0 to 1 that look like chance.
    fn noise(n: u32) -> f64 {
        (f64::from(n) * 0.618_033_988_75).fract()
    }

    fn learned(examples: u32, cost: impl Fn(f64, u32) -> f64) -> LeastSquares {
        let size = |n| 100.0 + 900.0 * noise(n);
        let mut line = LeastSquares::new(size(0), cost(size(0), 0));
        for n in 1..examples {
            line.learn(size(n), cost(size(n), n));
        }
        line
    }

    fn assert_near(value: f64, expected: f64, within: f64) {
        assert!((value / expected - 1.0).abs() < within, "{value} is not near {expected}");
    }

    #[test]
    fn it_finds_a_line() {
        let line = learned(50, |size, _| 0.002 + 1e-5 * size);
        for size in [10.0, 500.0, 5_000.0] {
            assert_near(line.cost(size), 0.002 + 1e-5 * size, 0.01);
        }
    }

    #[test]
    fn it_finds_a_line_in_noise() {
        let line = learned(400, |size, n| (0.002 + 1e-5 * size) * (0.7 + 0.6 * noise(n * 7 + 3)));
        for size in [100.0, 1_000.0] {
            assert_near(line.cost(size), 0.002 + 1e-5 * size, 0.1);
        }
    }

    #[test]
    fn it_follows_what_changes() {
        let line = learned(800, |size, n| size * if n < 400 { 1e-5 } else { 3e-5 });
        assert_near(line.cost(500.0), 0.015, 0.05);
    }

    #[test]
    fn small_costs_count_as_much_as_large_ones() {
        let mut line = LeastSquares::new(1.0, 1.0);
        for n in 0..400 {
            // Off by a tenth, to one side where it is small and to the other where it is large.
            let (size, cost) = if n % 2 == 0 { (1.0, 1.1) } else { (1_000.0, 900.0) };
            line.learn(size, cost);
        }
        assert_near(line.cost(1.0), 1.1, 0.02);
        assert_near(line.cost(1_000.0), 900.0, 0.02);
    }

    #[test]
    fn without_sizes_it_is_an_average() {
        let mut line = LeastSquares::new(0.0, 1.0);
        (0..500).for_each(|n| line.learn(0.0, if n % 2 == 0 { 1.0 } else { 3.0 }));
        assert_near(line.cost(0.0), 2.0, 0.1);
        // What was never seen does not drift away meanwhile.
        assert!(line.cost(1.0).is_finite());
    }

    #[test]
    fn no_example_breaks_it() {
        let mut line = LeastSquares::new(u64::MAX as f64, 1e300);
        for n in 0..2_000 {
            line.learn([0.0, 1.0, u64::MAX as f64][n % 3], [0.0, 1e-12, 1e300][n / 3 % 3]);
            let cost = line.cost(5.0);
            assert!(cost.is_finite() && cost > 0.0, "{line:?}");
        }
    }
}
