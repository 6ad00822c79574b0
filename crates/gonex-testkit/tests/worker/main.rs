//! The kinds of workers there are keep what workers owe, and the suite finds those that do not.
//! Pools of simulated workers decide as they should, whatever happens.

mod broken;
mod chaos;
mod ends;
mod health;
mod kinds;
mod scaling;
mod support;
