use std::fmt;

/// A policy that stands around work: it makes other work of it.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::{Retry, Timeout};
/// use gonex_resilience::stack::{Chain, Identity, Layer};
///
/// let chain = Chain::new(Identity, Timeout::new(Duration::from_secs(5))?);
/// assert_eq!(Layer::<()>::describe(&chain), ["time-out: 5s for each call"]);
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
pub trait Layer<W> {
    /// What it makes of the work.
    type Work;

    /// Stands around work.
    fn wrap(&self, inner: W) -> Self::Work;

    /// What it does, in words; a line for each policy, the outermost first.
    fn describe(&self) -> Vec<String>;
}

/// No policy: the work as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity;

impl<W> Layer<W> for Identity {
    type Work = W;

    fn wrap(&self, inner: W) -> W {
        inner
    }

    fn describe(&self) -> Vec<String> {
        Vec::new()
    }
}

/// One policy around another.
#[derive(Clone)]
pub struct Chain<A, B> {
    outer: A,
    inner: B,
}

impl<A, B> Chain<A, B> {
    /// Puts one around another.
    ///
    /// ```
    /// use gonex_resilience::stack::{Chain, Identity, Layer};
    ///
    /// assert_eq!(Chain::new(Identity, Identity).wrap(7), 7);
    /// ```
    pub fn new(outer: A, inner: B) -> Self {
        Self { outer, inner }
    }
}

impl<A, B> fmt::Debug for Chain<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chain")
    }
}

impl<W, A, B> Layer<W> for Chain<A, B>
where
    B: Layer<W>,
    A: Layer<B::Work>,
{
    type Work = A::Work;

    fn wrap(&self, inner: W) -> A::Work {
        self.outer.wrap(self.inner.wrap(inner))
    }

    fn describe(&self) -> Vec<String> {
        let mut lines = self.outer.describe();
        lines.extend(self.inner.describe());
        lines
    }
}
