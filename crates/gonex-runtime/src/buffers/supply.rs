use super::builder::{BufferPoolBuilder, BufferPoolError};
use super::classes::SizeClasses;
use super::current::set_current;
use super::nodes::NodeBuffers;
use super::pool::BufferPool;
use crate::topology::Topology;

/// Where the workers of a pool get their buffers from.
#[derive(Clone, Debug)]
pub(crate) enum Supply {
    /// All from the same pool.
    Shared(BufferPool),
    /// All on a memory node from the same pool.
    PerNode(NodeBuffers),
    /// Each from a pool of its own.
    PerWorker(BufferPoolBuilder),
}

impl Supply {
    /// One pool for all workers.
    ///
    /// # Errors
    /// If these pools make no sense.
    pub(crate) fn shared(builder: BufferPoolBuilder) -> Result<Self, BufferPoolError> {
        Ok(Self::Shared(builder.build()?))
    }

    /// A pool for each memory node of a machine, which keep so many bytes in all, for so many threads in all.
    ///
    /// # Errors
    /// If these pools make no sense.
    pub(crate) fn per_node(
        topology: &Topology,
        bytes: usize,
        threads: usize,
    ) -> Result<Self, BufferPoolError> {
        let nodes = topology.nodes.len().max(1);
        // The sizes are those that fit into the share of a node.
        let share = (bytes / nodes).max(1);
        let builder = BufferPoolBuilder::keeping(share, threads.div_ceil(nodes));
        let builder = builder.max_bytes(share.saturating_mul(nodes));
        Ok(Self::PerNode(NodeBuffers::new(topology, &builder)?))
    }

    /// A pool for each worker.
    ///
    /// # Errors
    /// If these pools make no sense.
    pub(crate) fn per_worker(builder: BufferPoolBuilder) -> Result<Self, BufferPoolError> {
        builder.clone().build()?;
        Ok(Self::PerWorker(builder))
    }

    /// Gives this thread, which is a worker on such a node, the pool that is for it.
    pub(crate) fn enter(&self, node: Option<u32>) {
        let pool = match self {
            Self::Shared(pool) => Some(pool.clone()),
            Self::PerNode(pools) => Some(pools.on(node).clone()),
            // It was built before, to see whether it can be.
            Self::PerWorker(builder) => builder.clone().build().ok(),
        };
        pool.into_iter().for_each(set_current);
    }
}

impl BufferPoolBuilder {
    /// A pool that keeps so many bytes, shared by so many threads, with the usual sizes as far as they fit.
    pub(crate) fn keeping(bytes: usize, threads: usize) -> Self {
        let most = 1 << bytes.max(1).ilog2();
        let classes =
            SizeClasses::PowersOfTwo { smallest: most.min(1 << 10), largest: most.min(1 << 20) };
        // Half of it is for threads alone, so that what one has too much of can go to another.
        let smallest = most.min(1 << 10);
        let per_thread = (bytes / threads.max(1) / 2).min(1 << 20);
        // Less than one buffer would be no use to a thread, and missing from what all share.
        let per_thread = if per_thread < smallest { 0 } else { per_thread };
        Self::default().classes(classes).max_bytes(bytes).per_thread(per_thread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::{Cpus, Node};

    #[test]
    fn the_bytes_are_divided_among_the_nodes_whatever_fits_into_a_share() {
        let node = |id| Node { id, cpus: Cpus::new(), memory: None };
        let two = Topology { nodes: vec![node(0), node(1)], ..Topology::default() };
        for bytes in [2, 1_001, 100_000, 1 << 20, 64 << 20] {
            let supply = Supply::per_node(&two, bytes, 3).unwrap();
            let Supply::PerNode(pools) = supply else { panic!("{supply:?}") };
            assert_eq!(pools.nodes(), 2);
            for id in [0, 1] {
                let pool = pools.on(Some(id));
                let largest = *pool.sizes().last().unwrap();
                assert!(largest <= bytes / 2, "{bytes}: {pool:?}");
                drop([(); 3].map(|()| pool.take(largest)));
                let kept = pool.stats().bytes;
                assert!((1..=bytes / 2).contains(&kept), "{bytes}: {kept} are kept");
            }
        }
    }

    #[test]
    fn any_number_of_bytes_makes_a_pool_that_keeps_no_more() {
        for bytes in [1, 2, 1_000, 1_024, 65_536, 100_000, 1 << 20, 64 << 20] {
            for threads in [1, 2, 64] {
                let pool = BufferPoolBuilder::keeping(bytes, threads).build().unwrap();
                assert!(pool.sizes().iter().all(|&size| size <= bytes), "{bytes}: {pool:?}");
                drop([(); 3].map(|()| pool.take(1)));
                assert!(pool.stats().bytes <= bytes, "{bytes} for {threads}: {pool:?}");
                assert!(pool.stats().kept > 0, "{bytes} for {threads}: {pool:?}");
            }
        }
    }
}
