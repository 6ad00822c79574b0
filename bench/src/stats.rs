//! Medians, and how sure a ratio is.

/// The middle of some values; 0 of none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}

/// A median with the interval that holds it with at least 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

/// The median of the ratios of paired values, with its interval from order statistics, which
/// assumes nothing about the noise: the k-th smallest and k-th largest of n hold the median unless
/// fewer than k of n fair coins fall on one side. With fewer than six pairs no such k exists, and
/// the interval is the whole range.
pub fn paired_ratio(ours: &[f64], theirs: &[f64]) -> Option<Interval> {
    let mut ratios: Vec<f64> =
        ours.iter().zip(theirs).filter(|&(_, &b)| b > 0.0).map(|(a, b)| a / b).collect();
    ratios.sort_by(f64::total_cmp);
    let n = ratios.len();
    let k = coverage_rank(n);
    Some(Interval { low: *ratios.get(k)?, median: median(&ratios), high: *ratios.get(n - 1 - k)? })
}

/// The largest k for which at most 2.5 % lies below on each side.
fn coverage_rank(n: usize) -> usize {
    let mut probability = 0.5f64.powi(i32::try_from(n).unwrap_or(i32::MAX));
    let mut below = probability;
    let mut k = 0;
    while k < n && below <= 0.025 {
        k += 1;
        probability *= (n - k + 1) as f64 / k as f64;
        below += probability;
    }
    k.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_tables() {
        // Standard tables of the sign test: n = 6 → 1st, 10 → 2nd, 20 → 6th, 21 → 6th smallest.
        let ranks: Vec<usize> = [5, 6, 10, 20, 21].into_iter().map(coverage_rank).collect();
        assert_eq!(ranks, [0, 0, 1, 5, 5]);
    }

    #[test]
    fn medians_and_ratios() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[]), 0.0);
        let ratio = paired_ratio(&[2.0, 4.0, 9.0], &[1.0, 2.0, 3.0]).unwrap();
        assert_eq!(ratio, Interval { low: 2.0, median: 2.0, high: 3.0 });
        assert_eq!(paired_ratio(&[], &[]), None);
    }
}
