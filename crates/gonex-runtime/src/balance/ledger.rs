use super::worker::WorkerId;

/// The most workers that are remembered.
const MOST: usize = 8_192;

/// Something about each worker, in the order of their ids.
///
/// It is bounded also where nobody says that workers leave: the oldest goes for a new one.
#[derive(Clone, Debug)]
pub(super) struct Ledger<T> {
    entries: Vec<(WorkerId, T)>,
}

impl<T> Default for Ledger<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> Ledger<T> {
    pub(super) fn get(&self, id: WorkerId) -> Option<&T> {
        let at = self.find(id).ok()?;
        Some(&self.entries[at].1)
    }

    /// What is known of a worker, which is made where nothing is.
    pub(super) fn entry(&mut self, id: WorkerId, make: impl FnOnce(&Self) -> T) -> &mut T {
        let at = match self.find(id) {
            Ok(at) => at,
            Err(_) => {
                let made = make(self);
                if self.entries.len() >= MOST {
                    self.entries.remove(0);
                }
                let at = self.find(id).unwrap_or_else(|at| at);
                self.entries.insert(at, (id, made));
                at
            }
        };
        &mut self.entries[at].1
    }

    pub(super) fn forget(&mut self, id: WorkerId) {
        if let Ok(at) = self.find(id) {
            self.entries.remove(at);
        }
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, value)| value)
    }

    fn find(&self, id: WorkerId) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&id, |&(id, _)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_where_there_are_too_many() {
        let mut ledger = Ledger::default();
        for number in 0..=MOST as u64 {
            *ledger.entry(WorkerId::new(number), |_| 0) += number;
        }
        assert_eq!(ledger.values().count(), MOST);
        assert_eq!(ledger.get(WorkerId::new(0)), None);
        assert_eq!(ledger.get(WorkerId::new(1)), Some(&1));
        ledger.forget(WorkerId::new(1));
        assert_eq!(ledger.get(WorkerId::new(1)), None);
    }
}
