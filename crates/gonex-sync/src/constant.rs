//! Functions that are `const`, except under loom and shuttle, whose types cannot be made so.

macro_rules! constant {
    ($(#[$meta:meta])* $visibility:vis const fn $($rest:tt)*) => {
        #[cfg(not(any(gonex_loom, gonex_shuttle)))]
        $(#[$meta])*
        $visibility const fn $($rest)*
        #[cfg(any(gonex_loom, gonex_shuttle))]
        $(#[$meta])*
        $visibility fn $($rest)*
    };
}

pub(crate) use constant;
