use gonex_task::work::{IterMarker, TupleMarker};
use gonex_task::{Handle, IntoTask, Place, Spec};

/// Tasks whose results are of one type: anything that iterates over closures, or over futures, such
/// as an array; or a tuple of two to eight of either.
///
/// `Marker` is always inferred.
///
/// ```
/// use gonex_runtime::go_race;
///
/// assert_eq!(go_race([|| 7]).block(), Ok(7));
/// assert_eq!(go_race((|| 7, async { 7 })).block(), Ok(7));
/// ```
pub trait IntoAlike<Marker> {
    /// What each of them yields.
    type Output: Send + 'static;

    /// Starts them all at a place, as tasks of which this is known.
    fn start(self, spec: &Spec, place: &impl Place) -> Vec<Handle<Self::Output>>;
}

impl<I, M> IntoAlike<IterMarker<M>> for I
where
    I: IntoIterator,
    I::Item: IntoTask<M>,
{
    type Output = <I::Item as IntoTask<M>>::Output;

    fn start(self, spec: &Spec, place: &impl Place) -> Vec<Handle<Self::Output>> {
        // An iterator that panics does so before anything has started.
        let work: Vec<_> = self.into_iter().collect();
        work.into_iter().map(|work| work.start(spec.clone(), place)).collect()
    }
}

macro_rules! tuples {
    ($(($($work:ident $marker:ident),+))+) => {$(
        impl<T, $($work, $marker),+> IntoAlike<TupleMarker<($($marker,)+)>> for ($($work,)+)
        where
            T: Send + 'static,
            $($work: IntoTask<$marker, Output = T>,)+
        {
            type Output = T;

            #[expect(non_snake_case, reason = "named after their types")]
            fn start(self, spec: &Spec, place: &impl Place) -> Vec<Handle<T>> {
                let ($($work,)+) = self;
                vec![$($work.start(spec.clone(), place)),+]
            }
        }
    )+};
}

tuples! {
    (A MA, B MB)
    (A MA, B MB, C MC)
    (A MA, B MB, C MC, D MD)
    (A MA, B MB, C MC, D MD, E ME)
    (A MA, B MB, C MC, D MD, E ME, F MF)
    (A MA, B MB, C MC, D MD, E ME, F MF, G MG)
    (A MA, B MB, C MC, D MD, E ME, F MF, G MG, H MH)
}
