use crate::topology::Topology;

use super::builder::{BufferPoolBuilder, BufferPoolError};
use super::pool::BufferPool;

/// A pool of buffers for each memory node, so that workers that stay on a node use memory that is near.
///
/// The system takes memory from the node of the thread that touches it first; a buffer goes back to the
/// pool that it came from, on whichever node it is dropped. With one node there is one pool.
///
/// ```
/// use gonex_runtime::buffers::{BufferPool, NodeBuffers};
/// use gonex_runtime::topology::Topology;
///
/// let topology = Topology::read();
/// let buffers = NodeBuffers::new(&topology, &BufferPool::builder()).unwrap();
/// let buffer = buffers.on(Some(topology.nodes[0].id)).take(100);
/// assert!(buffer.capacity() >= 100);
/// ```
#[derive(Clone, Debug)]
pub struct NodeBuffers {
    /// In the order of the nodes; at least one.
    pools: Vec<(u32, BufferPool)>,
}

impl NodeBuffers {
    /// Makes a pool for each node of a machine, with the bytes of the builder divided among them.
    ///
    /// # Errors
    /// As [`BufferPoolBuilder::build`], if the share of a node makes no sense.
    pub fn new(topology: &Topology, builder: &BufferPoolBuilder) -> Result<Self, BufferPoolError> {
        let nodes = topology.nodes.len().max(1);
        let share = builder.clone().max_bytes(builder.max_bytes / nodes);
        let share = share.per_thread(builder.per_thread.min(builder.max_bytes / nodes));
        let pool = |node: u32| Ok((node, share.clone().build()?));
        let first = topology.nodes.first().map_or(0, |node| node.id);
        let others = topology.nodes.iter().skip(1).map(|node| node.id);
        let pools = std::iter::once(first).chain(others).map(pool).collect::<Result<_, _>>()?;
        Ok(Self { pools })
    }

    /// The pool of a node; that of the first one for a worker that stays on none, or on one that is not
    /// known.
    #[must_use]
    pub fn on(&self, node: Option<u32>) -> &BufferPool {
        let found = self.pools.iter().find(|(id, _)| Some(*id) == node);
        &found.unwrap_or(&self.pools[0]).1
    }

    /// How many pools there are.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.pools.len()
    }
}
