/// What becomes of a new key where there are as many as there may be and none is at rest.
///
/// ```
/// use gonex_resilience::limit::AtBound;
///
/// assert_eq!(AtBound::default(), AtBound::Refuse);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AtBound {
    /// It is refused: nobody gets more than the limit, whoever floods with keys.
    #[default]
    Refuse,
    /// It takes the place of the one that was asked for least lately, which begins anew should it come
    /// back, and so may get more than its limit.
    EvictOldest,
}
