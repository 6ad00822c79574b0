//! Waiting for whichever of several operations can happen first.

mod arm;
mod choose;
mod dynamic;
#[doc(hidden)]
pub mod glance;
mod lines;
mod macros;
mod op_arm;
mod order;
mod recv_arm;
mod send_arm;
mod ticket;

pub(crate) use ticket::Seat;

pub use arm::{Arm, Arms};
pub use choose::Choose;
pub use dynamic::{ArmKey, Select, SendKey, Wait};
#[doc(hidden)]
pub use macros::{happened, private};
pub use op_arm::OpArm;
pub use order::Order;
pub use recv_arm::{AsReceiver, RecvArm};
pub use send_arm::{AsSender, SendArm};
