//! First come, first served: doubly linked lines over one slab, so that standing in line costs no
//! allocation of its own and leaving it from the middle is quick.

/// An entry's place in the slab.
pub(crate) type Key = usize;

const NONE: u32 = u32::MAX;
const GONE: &str = "an entry is removed once, by who put it there or who serves it";

/// One line: its ends.
#[derive(Debug)]
pub(crate) struct Line {
    first: u32,
    last: u32,
    len: u32,
}

/// The neighbours of an entry that stands in a line.
#[derive(Debug)]
struct Links {
    before: u32,
    after: u32,
}

#[derive(Debug)]
struct Node<E> {
    /// Of a free node, `after` is the next free one.
    links: Links,
    entry: Option<E>,
}

/// Entries, in lines or out of them.
#[derive(Debug)]
pub(crate) struct Entries<E> {
    nodes: Vec<Node<E>>,
    free: u32,
    len: u32,
}

impl Line {
    pub(crate) const fn new() -> Self {
        Self { first: NONE, last: NONE, len: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    pub(crate) fn first(&self) -> Option<Key> {
        (self.first != NONE).then_some(self.first as usize)
    }
}

impl<E> Entries<E> {
    pub(crate) const fn new() -> Self {
        Self { nodes: Vec::new(), free: NONE, len: 0 }
    }

    /// Adds an entry that stands in no line.
    ///
    /// # Panics
    /// With more than 2^32 - 2 of them.
    #[inline]
    pub(crate) fn insert(&mut self, entry: E) -> Key {
        self.len += 1;
        let key = self.free as usize;
        let Some(node) = self.nodes.get_mut(key) else { return self.insert_another(entry) };
        self.free = node.links.after;
        node.entry = Some(entry);
        key
    }

    #[cold]
    fn insert_another(&mut self, entry: E) -> Key {
        let key = self.nodes.len();
        assert!(key < NONE as usize, "fewer than 2^32 - 1 operations wait at once");
        let links = Links { before: NONE, after: NONE };
        self.nodes.push(Node { links, entry: Some(entry) });
        key
    }

    /// Removes an entry, which must stand in no line.
    #[inline]
    pub(crate) fn remove(&mut self, key: Key) -> E {
        let node = &mut self.nodes[key];
        let entry = node.entry.take().expect(GONE);
        node.links.after = self.free;
        self.free = key as u32;
        self.len -= 1;
        // A crowd that has gone should not hold memory for ever.
        if self.len == 0 && self.nodes.len() > 64 {
            *self = Self::new();
        }
        entry
    }

    #[inline]
    pub(crate) fn get(&self, key: Key) -> &E {
        self.nodes[key].entry.as_ref().expect(GONE)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, key: Key) -> &mut E {
        self.nodes[key].entry.as_mut().expect(GONE)
    }

    /// The first entry in a line that is what is wanted.
    pub(crate) fn find(&self, line: &Line, wanted: impl Fn(&E) -> bool) -> Option<Key> {
        let mut at = line.first();
        while let Some(key) = at {
            if wanted(self.get(key)) {
                return Some(key);
            }
            at = self.after(key);
        }
        None
    }

    /// The entry behind this one in its line.
    pub(crate) fn after(&self, key: Key) -> Option<Key> {
        let after = self.nodes[key].links.after;
        (after != NONE).then_some(after as usize)
    }

    pub(crate) fn push_back(&mut self, line: &mut Line, key: Key) {
        let at = key as u32;
        self.nodes[key].links = Links { before: line.last, after: NONE };
        match line.last {
            NONE => line.first = at,
            last => self.nodes[last as usize].links.after = at,
        }
        line.last = at;
        line.len += 1;
    }

    pub(crate) fn push_front(&mut self, line: &mut Line, key: Key) {
        let at = key as u32;
        self.nodes[key].links = Links { before: NONE, after: line.first };
        match line.first {
            NONE => line.last = at,
            first => self.nodes[first as usize].links.before = at,
        }
        line.first = at;
        line.len += 1;
    }

    /// Puts an entry before the first that goes `after` it, or to the end.
    pub(crate) fn put_back(&mut self, line: &mut Line, key: Key, after: impl Fn(&E, &E) -> bool) {
        let mine = self.get(key);
        let Some(next) = self.find(line, |entry| after(entry, mine)) else {
            return self.push_back(line, key);
        };
        let before = self.nodes[next].links.before;
        if before == NONE {
            return self.push_front(line, key);
        }
        self.nodes[key].links = Links { before, after: next as u32 };
        self.nodes[before as usize].links.after = key as u32;
        self.nodes[next].links.before = key as u32;
        line.len += 1;
    }

    /// Takes an entry, which must stand in this line, out of it.
    pub(crate) fn unlink(&mut self, line: &mut Line, key: Key) {
        let Links { before, after } = self.nodes[key].links;
        match before {
            NONE => line.first = after,
            before => self.nodes[before as usize].links.after = after,
        }
        match after {
            NONE => line.last = before,
            after => self.nodes[after as usize].links.before = before,
        }
        line.len -= 1;
    }

    /// Takes the first entry out of a line.
    pub(crate) fn pop_front(&mut self, line: &mut Line) -> Option<Key> {
        let key = line.first()?;
        self.unlink(line, key);
        Some(key)
    }
}

#[cfg(all(test, not(gonex_loom)))]
mod tests {
    use super::*;

    fn keys(entries: &Entries<u8>, line: &Line) -> Vec<Key> {
        std::iter::successors(line.first(), |&key| entries.after(key)).collect()
    }

    #[test]
    fn entries_leave_from_anywhere() {
        let (mut entries, mut line) = (Entries::new(), Line::new());
        let all: Vec<Key> = (0..5).map(|n| entries.insert(n)).collect();
        for &key in &all[..4] {
            entries.push_back(&mut line, key);
        }
        entries.push_front(&mut line, all[4]);
        assert_eq!(keys(&entries, &line), [4, 0, 1, 2, 3]);
        entries.unlink(&mut line, all[1]);
        entries.unlink(&mut line, all[3]);
        assert_eq!(entries.pop_front(&mut line), Some(4));
        assert_eq!(keys(&entries, &line), [0, 2]);
        entries.unlink(&mut line, all[0]);
        entries.unlink(&mut line, all[2]);
        assert!(line.is_empty() && line.first().is_none());
        entries.push_back(&mut line, all[1]);
        assert_eq!(keys(&entries, &line), [1]);
    }

    #[test]
    fn entries_go_back_to_where_they_belong() {
        let (mut entries, mut line) = (Entries::new(), Line::new());
        for number in [2, 0, 3, 1, 4] {
            let key = entries.insert(number);
            entries.put_back(&mut line, key, |one, other| one > other);
        }
        let order: Vec<u8> = keys(&entries, &line).iter().map(|&key| *entries.get(key)).collect();
        assert_eq!((order, line.len()), (vec![0, 1, 2, 3, 4], 5));
        assert_eq!(entries.pop_front(&mut line).map(|key| *entries.get(key)), Some(0));
    }

    #[test]
    fn a_crowd_that_has_gone_leaves_no_memory() {
        let mut entries = Entries::new();
        let all: Vec<Key> = (0..1000).map(|_| entries.insert(0u8)).collect();
        for key in all {
            entries.remove(key);
        }
        assert_eq!(entries.nodes.capacity(), 0);
    }
}
