use std::future::Future;
use std::pin::Pin;

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

/// What arguments and results of portable calls are: serde can write and read them, and they hold no
/// borrows.
///
/// Implemented for all such types; not for users to implement.
///
/// ```
/// fn travels<T: gonex_task::portable::Portable>() {}
/// travels::<Vec<(String, Option<u8>)>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot travel to another place",
    label = "serde cannot write and read it, or it is not `Send + 'static`",
    note = "arguments and results of a task need `#[derive(serde::Serialize, serde::Deserialize)]`"
)]
pub trait Portable: Serialize + DeserializeOwned + Send + 'static {}

impl<T: Serialize + DeserializeOwned + Send + 'static> Portable for T {}

/// Fails to compile at the type that cannot travel.
pub fn travels<T: Portable>() {}

/// How a task that is an async function is started.
pub type StartFn<A, T> = fn(A) -> Pin<Box<dyn Future<Output = T> + Send>>;
