use super::marks::{Class, Mark};

/// A mark that has no partner in its paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lone {
    /// The mark, by its index.
    pub(super) mark: usize,
    pub(super) fault: Fault,
}

/// What is wrong with a lone mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It opens, and another mark opens before anything closes.
    Unclosed,
    /// It opens, and the paragraph ends: a fault unless the next paragraph goes on.
    OpenAtEnd,
    /// It may open or be an apostrophe, and the paragraph ends: never a fault, but it explains a
    /// closing mark that comes later.
    MaybeOpenAtEnd,
    /// It closes, and nothing is open.
    Unopened,
}

impl Fault {
    /// Whether it is a fault whatever follows the paragraph.
    pub(super) fn is_inside(self) -> bool {
        matches!(self, Self::Unclosed | Self::Unopened)
    }
}

/// Pairs the marks of a paragraph so that as few as possible are left alone.
///
/// Each mark leaves two ways to read what stands before it, and adds at most two lone marks to the
/// trail: time and memory grow with the marks and no faster, whatever they are.
#[derive(Debug, Default)]
pub(super) struct Balancer {
    /// Lone marks of all ways tried, each with the one before it on its way.
    trail: Vec<(Lone, Option<usize>)>,
}

/// A way to read the marks so far.
#[derive(Clone, Copy)]
struct Way {
    cost: u32,
    /// The mark that is open.
    open: Option<usize>,
    /// The last lone mark, in the trail.
    last: Option<usize>,
}

/// An open end is the likelier reading: the next paragraph may go on.
const OPEN_AT_END: u32 = 6;
const FAULT: u32 = 8;
/// A closing mark that opens: `he said;" and so on."` is one fault, not two.
const TURNED_CLOSE: u32 = 1;
/// An opening mark that closes: `"Yes, "he said` is one fault, if it explains two.
const TURNED_OPEN: u32 = 7;

impl Balancer {
    /// The lone marks in order.
    pub(super) fn balance(&mut self, marks: &[Mark]) -> Vec<Lone> {
        if nested(marks) {
            return Vec::new();
        }
        self.trail.clear();
        // At most one way with nothing open and one with something open is worth following.
        let mut closed = Some(Way { cost: 0, open: None, last: None });
        let mut open: Option<Way> = None;
        for (index, mark) in marks.iter().enumerate() {
            let (from_closed, from_open) = (closed.take(), open.take());
            let mut keep = |way: Way| {
                let slot = if way.open.is_some() { &mut open } else { &mut closed };
                if slot.is_none_or(|best| way.cost < best.cost) {
                    *slot = Some(way);
                }
            };
            if let Some(way) = from_closed {
                let opened = Way { open: Some(index), ..way };
                match mark.class {
                    Class::Open | Class::Again | Class::Either => keep(opened),
                    Class::MaybeOpen | Class::Maybe => {
                        keep(opened);
                        keep(way);
                    }
                    Class::MaybeClose => keep(way),
                    Class::Close => {
                        let way = self.lone(way, index, Fault::Unopened);
                        keep(way);
                        keep(Way { cost: way.cost + TURNED_CLOSE, open: Some(index), ..way });
                    }
                }
            }
            if let Some(way) = from_open {
                let closed = Way { open: None, ..way };
                match mark.class {
                    Class::Close | Class::Either => keep(closed),
                    Class::MaybeClose | Class::Maybe => {
                        keep(closed);
                        keep(way);
                    }
                    Class::MaybeOpen | Class::Again => keep(way),
                    Class::Open => {
                        let lone = way.open.unwrap_or(index);
                        let way = self.lone(way, lone, Fault::Unclosed);
                        keep(Way { open: Some(index), ..way });
                        keep(Way { cost: way.cost + TURNED_OPEN, open: None, ..way });
                    }
                }
            }
        }
        let maybe = open.filter(|way| closed.is_some_and(|best| way.cost <= best.cost));
        let open = open.and_then(|way| {
            let lone = way.open?;
            Some(Way { cost: way.cost + OPEN_AT_END, ..self.lone(way, lone, Fault::OpenAtEnd) })
        });
        let best = closed.into_iter().chain(open).min_by_key(|way| way.cost);
        let mut lone = self.collect(best.and_then(|way| way.last));
        if let Some(mark) = maybe.and_then(|way| way.open)
            && lone.iter().all(|lone| lone.fault != Fault::OpenAtEnd)
        {
            lone.push(Lone { mark, fault: Fault::MaybeOpenAtEnd });
        }
        lone
    }

    fn lone(&mut self, way: Way, mark: usize, fault: Fault) -> Way {
        self.trail.push((Lone { mark, fault }, way.last));
        let cost = if fault == Fault::OpenAtEnd { 0 } else { FAULT };
        Way { cost: way.cost + cost, last: Some(self.trail.len() - 1), ..way }
    }

    fn collect(&self, mut last: Option<usize>) -> Vec<Lone> {
        let mut lone = Vec::new();
        while let Some(&(mark, before)) = last.and_then(|at| self.trail.get(at)) {
            lone.push(mark);
            last = before;
        }
        lone.reverse();
        lone
    }
}

/// Whether the sure marks nest without rest, which is what nearly every paragraph does.
fn nested(marks: &[Mark]) -> bool {
    let mut depth = 0usize;
    for mark in marks {
        match mark.class {
            Class::Open => depth += 1,
            Class::Either if depth == 0 => depth += 1,
            Class::Close if depth == 0 => return false,
            Class::Close | Class::Either => depth -= 1,
            Class::MaybeClose => {}
            Class::Again | Class::MaybeOpen | Class::Maybe => return false,
        }
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lone(classes: &[Class]) -> Vec<(usize, Fault)> {
        let marks: Vec<Mark> =
            (0..).zip(classes).map(|(at, &class)| Mark { at, len: 1, class }).collect();
        Balancer::default().balance(&marks).iter().map(|lone| (lone.mark, lone.fault)).collect()
    }

    #[test]
    fn pairs_leave_nothing() {
        use Class::{Close, Either, MaybeClose, Open};
        assert_eq!(lone(&[]), []);
        assert_eq!(lone(&[Open, Close, Open, Close]), []);
        assert_eq!(lone(&[Open, Open, Close, Close]), []);
        assert_eq!(lone(&[Open, MaybeClose, Close]), []);
        assert_eq!(lone(&[Either, Either]), []);
    }

    #[test]
    fn a_mark_that_may_open_is_remembered() {
        use Class::{Close, MaybeClose, MaybeOpen, Open};
        assert_eq!(lone(&[Open, MaybeClose]), [(0, Fault::MaybeOpenAtEnd)]);
        assert_eq!(lone(&[Open, Close, MaybeOpen]), [(2, Fault::MaybeOpenAtEnd)]);
        assert_eq!(lone(&[MaybeOpen, Close]), []);
    }

    #[test]
    fn a_mark_turned_the_wrong_way_is_one_fault() {
        use Class::{Close, Open};
        assert_eq!(lone(&[Open, Close, Close, Close]), [(2, Fault::Unopened)]);
        assert_eq!(lone(&[Open, Open, Open, Close]), [(0, Fault::Unclosed)]);
    }

    #[test]
    fn a_line_of_a_letter_may_open_again() {
        use Class::{Again, Close, Open};
        assert_eq!(lone(&[Open, Again, Again, Close]), []);
        assert_eq!(lone(&[Again, Close, Again, Close]), []);
        assert_eq!(lone(&[Open, Open, Again]), [(0, Fault::Unclosed), (1, Fault::OpenAtEnd)]);
    }

    #[test]
    fn the_lone_mark_is_found() {
        use Class::{Close, MaybeOpen, Open};
        assert_eq!(lone(&[Open, Open, Close]), [(0, Fault::Unclosed)]);
        assert_eq!(lone(&[Open, Close, Close]), [(2, Fault::Unopened)]);
        assert_eq!(lone(&[Open, Close, Open]), [(2, Fault::OpenAtEnd)]);
        assert_eq!(lone(&[MaybeOpen, Close, Close]), [(2, Fault::Unopened)]);
    }
}
