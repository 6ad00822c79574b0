//! Functions that are `const`, except under loom, whose types cannot be made so.

macro_rules! constant {
    ($(#[$meta:meta])* $visibility:vis const fn $($rest:tt)*) => {
        #[cfg(not(gonex_loom))]
        $(#[$meta])*
        $visibility const fn $($rest)*
        #[cfg(gonex_loom)]
        $(#[$meta])*
        $visibility fn $($rest)*
    };
}

pub(crate) use constant;
