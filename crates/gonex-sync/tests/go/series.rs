//! Power series, each a channel of coefficients, each operation a party between channels.

use std::ops::{Add, Mul, Neg};

use gonex_sync::{Receiver, Sender, channel, unbounded};

use crate::ways::{Way, wait};
use crate::world::World;
use crate::{Mix, in_each_mix};

/// How many coefficients are looked at.
const TERMS: usize = 12;

/// A fraction in lowest terms, its denominator positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ratio(i128, i128);

impl Ratio {
    fn new(above: i128, below: i128) -> Self {
        let (mut a, mut b) = (above.abs(), below.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let sign = below.signum();
        Self(sign * above / a.max(1), sign * below / a.max(1))
    }
}

impl Add for Ratio {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }
}

impl Mul for Ratio {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::new(self.0 * other.0, self.1 * other.1)
    }
}

impl Neg for Ratio {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0, self.1)
    }
}

type Series = Receiver<Ratio>;

/// Makes parties, every other one in the other way.
struct Network<'a> {
    world: &'a mut World,
    mix: Mix,
    made: usize,
}

impl Network<'_> {
    fn way(&mut self) -> Way {
        self.made += 1;
        if self.made.is_multiple_of(2) { self.mix.receivers } else { self.mix.senders }
    }

    /// A party that sends one coefficient after the other, as long as somebody listens.
    fn party<F>(&mut self, step: impl FnOnce(Way, Sender<Ratio>) -> F) -> Series
    where
        F: Future<Output = Option<()>> + Send + 'static,
    {
        let (tx, rx) = channel(0);
        let way = self.way();
        self.world.go(way, step(way, tx));
        rx
    }

    fn ones(&mut self) -> Series {
        self.party(async |way, tx| {
            loop {
                wait!(way, tx.send(Ratio(1, 1))).ok()?;
            }
        })
    }

    fn add(&mut self, one: Series, other: Series) -> Series {
        self.party(async move |way, tx| {
            loop {
                let sum = wait!(way, one.recv()).ok()? + wait!(way, other.recv()).ok()?;
                wait!(way, tx.send(sum)).ok()?;
            }
        })
    }

    fn negate(&mut self, series: Series) -> Series {
        self.party(async move |way, tx| {
            loop {
                let coefficient = wait!(way, series.recv()).ok()?;
                wait!(way, tx.send(-coefficient)).ok()?;
            }
        })
    }

    fn multiply(&mut self, one: Series, other: Series) -> Series {
        self.party(async move |way, tx| {
            let (mut ones, mut others) = (Vec::new(), Vec::new());
            loop {
                ones.push(wait!(way, one.recv()).ok()?);
                others.push(wait!(way, other.recv()).ok()?);
                let products = ones.iter().zip(others.iter().rev()).map(|(&a, &b)| a * b);
                wait!(way, tx.send(products.fold(Ratio(0, 1), Add::add))).ok()?;
            }
        })
    }

    /// The integral whose first coefficient is `constant`.
    fn integrate(&mut self, series: Series, constant: Ratio) -> Series {
        self.party(async move |way, tx| {
            wait!(way, tx.send(constant)).ok()?;
            for degree in 1.. {
                let coefficient = wait!(way, series.recv()).ok()?;
                wait!(way, tx.send(coefficient * Ratio::new(1, degree))).ok()?;
            }
            None
        })
    }

    /// Two of the same; one may be far ahead of the other. Ends when nobody listens to the second.
    fn split(&mut self, series: Series) -> (Series, Series) {
        let ((one_tx, one), (other_tx, other)) = (unbounded(), channel(0));
        let way = self.way();
        self.world.go(way, async move {
            while let Ok(coefficient) = wait!(way, series.recv()) {
                // Whoever reads the first may have enough.
                wait!(way, one_tx.send(coefficient)).ok();
                if wait!(way, other_tx.send(coefficient)).is_err() {
                    break;
                }
            }
        });
        (one, other)
    }

    /// A series that is made from itself: what is sent into the first end comes out of the second.
    fn knot(&mut self) -> (Sender<Ratio>, Series) {
        unbounded()
    }

    /// Passes a series on into a knot.
    fn tie(&mut self, series: Series, knot: Sender<Ratio>) {
        let way = self.way();
        self.world.go(way, async move {
            while let Ok(coefficient) = wait!(way, series.recv()) {
                if wait!(way, knot.send(coefficient)).is_err() {
                    break;
                }
            }
        });
    }
}

fn take(series: &Series) -> Vec<Ratio> {
    (0..TERMS).map(|_| series.recv().block().unwrap()).collect()
}

fn network(body: impl Fn(&mut Network<'_>)) {
    in_each_mix(|mix, world| body(&mut Network { world, mix, made: 0 }));
}

#[test]
fn the_square_of_ones_counts() {
    network(|network| {
        let (one, other) = (network.ones(), network.ones());
        let square = network.multiply(one, other);
        let expected: Vec<Ratio> = (1..=TERMS as i128).map(|n| Ratio(n, 1)).collect();
        assert_eq!(take(&square), expected);
    });
}

#[test]
fn a_series_that_is_its_own_integral_is_the_exponential() {
    network(|network| {
        let (tx, knot) = network.knot();
        let exponential = network.integrate(knot, Ratio(1, 1));
        let (back, exponential) = network.split(exponential);
        network.tie(back, tx);
        let mut factorial = 1;
        let expected = (0..TERMS as i128).map(|n| {
            factorial *= n.max(1);
            Ratio(1, factorial)
        });
        assert!(take(&exponential).into_iter().eq(expected));
    });
}

#[test]
fn the_squares_of_sine_and_cosine_make_one() {
    network(|network| {
        // sin = ∫ cos, cos = 1 - ∫ sin.
        let (cosine_tx, cosine) = network.knot();
        let sine = network.integrate(cosine, Ratio(0, 1));
        let (sine, sines) = network.split(sine);
        let minus = network.negate(sine);
        let cosine = network.integrate(minus, Ratio(1, 1));
        let (back, cosines) = network.split(cosine);
        network.tie(back, cosine_tx);
        let (one, other) = network.split(sines);
        let sine_squared = network.multiply(one, other);
        let (one, other) = network.split(cosines);
        let cosine_squared = network.multiply(one, other);
        let sum = network.add(sine_squared, cosine_squared);
        let expected = (0..TERMS).map(|n| Ratio(i128::from(n == 0), 1));
        assert!(take(&sum).into_iter().eq(expected));
    });
}
