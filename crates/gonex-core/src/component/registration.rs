use std::fmt;
use std::sync::{Arc, Weak};

use super::parts::Parts;

/// A component's place in a [`Registry`](super::Registry); dropping it takes the component off the
/// list, without stopping it.
///
/// It belongs into the handle by which the component is used: see [the module](super).
///
/// ```
/// # use std::sync::Arc;
/// # use gonex_core::component::{Component, Lifecycle, Registry};
/// # use gonex_core::{Instant, Op};
/// # struct Cache;
/// # impl Component for Cache {
/// #     fn name(&self) -> &str { "pages" }
/// #     fn kind(&self) -> &str { "cache" }
/// #     fn stop(self: Arc<Self>, _deadline: Instant) -> Op<Lifecycle> { Lifecycle::done() }
/// #     fn is_running(&self) -> bool { true }
/// # }
/// let registry = Registry::new();
/// let registration = registry.register(Arc::new(Cache))?;
/// assert_eq!(registration.name(), "pages");
/// drop(registration);
/// assert!(registry.get("pages").is_none());
/// # Ok::<(), gonex_core::component::RegisterError>(())
/// ```
#[must_use = "dropping it takes the component off the list"]
pub struct Registration {
    parts: Weak<Parts>,
    /// Taken by who keeps the component on the list.
    number: Option<u64>,
    name: Arc<str>,
}

impl Registration {
    pub(super) fn new(parts: &Arc<Parts>, number: u64, name: Arc<str>) -> Self {
        Self { parts: Arc::downgrade(parts), number: Some(number), name }
    }

    /// The component's name.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use gonex_core::component::{Component, Lifecycle, Registry};
    /// # use gonex_core::{Instant, Op};
    /// # struct Cache;
    /// # impl Component for Cache {
    /// #     fn name(&self) -> &str { "pages" }
    /// #     fn kind(&self) -> &str { "cache" }
    /// #     fn stop(self: Arc<Self>, _deadline: Instant) -> Op<Lifecycle> { Lifecycle::done() }
    /// #     fn is_running(&self) -> bool { true }
    /// # }
    /// assert_eq!(Registry::new().register(Arc::new(Cache))?.name(), "pages");
    /// # Ok::<(), gonex_core::component::RegisterError>(())
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Leaves the component on the list, until it is unregistered by name or shut down.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use gonex_core::component::{Component, Lifecycle, Registry};
    /// # use gonex_core::{Instant, Op};
    /// # struct Cache;
    /// # impl Component for Cache {
    /// #     fn name(&self) -> &str { "pages" }
    /// #     fn kind(&self) -> &str { "cache" }
    /// #     fn stop(self: Arc<Self>, _deadline: Instant) -> Op<Lifecycle> { Lifecycle::done() }
    /// #     fn is_running(&self) -> bool { true }
    /// # }
    /// let registry = Registry::new();
    /// registry.register(Arc::new(Cache))?.keep();
    /// assert!(registry.get("pages").is_some());
    /// # Ok::<(), gonex_core::component::RegisterError>(())
    /// ```
    pub fn keep(mut self) {
        self.number = None;
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Registration").field(&self.name).finish()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Some(number) = self.number.take()
            && let Some(parts) = self.parts.upgrade()
        {
            parts.remove(number);
        }
    }
}
