use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Items, the least first, of which nearly all come in order.
///
/// What comes in order is a line, put in at one end and taken at the other, however long it is; what does
/// not is a heap, which costs more the more there is in it, and more still once that fits no cache.
#[derive(Debug)]
pub(super) struct Order<T: Ord> {
    line: VecDeque<T>,
    heap: BinaryHeap<Reverse<T>>,
}

impl<T: Ord> Order<T> {
    pub(super) const fn new() -> Self {
        Self { line: VecDeque::new(), heap: BinaryHeap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.line.len() + self.heap.len()
    }

    pub(super) fn push(&mut self, item: T) {
        if self.line.back().is_none_or(|last| *last <= item) {
            self.line.push_back(item);
        } else {
            self.heap.push(Reverse(item));
        }
    }

    /// The least.
    pub(super) fn peek(&self) -> Option<&T> {
        let apart = self.heap.peek().map(|Reverse(item)| item);
        self.line.front().into_iter().chain(apart).min()
    }

    /// Takes the least.
    pub(super) fn pop(&mut self) -> Option<T> {
        let is_apart = match (self.line.front(), self.heap.peek()) {
            (Some(first), Some(Reverse(apart))) => apart < first,
            (first, _) => first.is_none(),
        };
        if is_apart { self.heap.pop().map(|Reverse(item)| item) } else { self.line.pop_front() }
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.line.retain(&keep);
        self.heap.retain(|Reverse(item)| keep(item));
    }

    pub(super) fn clear(&mut self) {
        self.line.clear();
        self.heap.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_comes_goes_in_order() {
        let mut order = Order::new();
        let mut said = Vec::new();
        // Mostly in order, with some that come too late, and taken now and then.
        for n in 0..200_u32 {
            order.push(if n % 7 == 3 { n / 2 } else { n });
            if n % 3 == 0 {
                let least = order.peek().copied();
                assert_eq!(order.pop(), least);
                said.extend(least);
            }
        }
        order.retain(|n| n % 2 == 0);
        let rest: Vec<u32> = std::iter::from_fn(|| order.pop()).collect();
        assert!(rest.is_sorted() && rest.iter().all(|n| n % 2 == 0), "{rest:?}");
        assert_eq!((said.len(), order.len(), order.peek()), (67, 0, None));
        order.push(1);
        order.clear();
        assert_eq!(order.pop(), None);
    }
}
