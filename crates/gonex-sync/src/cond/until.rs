/// What a wait goes on for: the next notification, or as long as a closure says. Sealed.
pub trait Until<T>: sealed::Sealed {
    #[doc(hidden)]
    fn waits(&mut self, value: &mut T, called: bool) -> bool;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::NextCall {}
    impl<F> Sealed for super::While<F> {}
}

/// A wait for the next notification.
#[derive(Clone, Copy, Debug)]
pub struct NextCall;

/// A wait as long as a closure says so.
#[derive(Clone, Copy, Debug)]
pub struct While<F>(pub(super) F);

impl<T> Until<T> for NextCall {
    fn waits(&mut self, _: &mut T, called: bool) -> bool {
        !called
    }
}

impl<T, F: FnMut(&mut T) -> bool> Until<T> for While<F> {
    fn waits(&mut self, value: &mut T, _: bool) -> bool {
        (self.0)(value)
    }
}
