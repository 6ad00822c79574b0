//! Channels: values on their way from one task or thread to another.

mod acks;
mod batch;
mod block;
mod builder;
mod entry;
mod error;
mod list;
pub(crate) mod locked;
pub(crate) mod luck;
mod observe;
mod permit;
mod receiver;
mod recv;
mod ring;
mod ringed;
mod send;
mod send_acked;
mod sender;
pub(crate) mod shared;
mod solo;
mod spare;
pub(crate) mod state;
mod store;
mod stream;
pub(crate) mod through;
pub(crate) mod waiting;

pub use batch::{RecvMany, SendAll, Unsent};
pub use builder::{ChannelBuilder, channel, unbounded};
pub use error::{AckError, RecvError, ReserveError, SendError, TryRecvError, TrySendError};
pub use permit::{Permit, Reserve};
pub use receiver::{Receiver, WeakReceiver};
pub use recv::Recv;
pub use send::Send;
pub use send_acked::SendAcked;
pub use sender::{Sender, WeakSender};
pub use stream::{IntoIter, IntoStream, Iter, RecvStream, SendSink, TryIter};
