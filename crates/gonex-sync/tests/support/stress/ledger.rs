use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

/// A value on its way: who sent it, and the how manieth of that sender it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parcel {
    pub(crate) sender: usize,
    pub(crate) number: usize,
}

const SENT: u8 = 1;
/// Its send was given up, and may have been done.
const UNSURE: u8 = 2;
const RECEIVED: u8 = 4;

/// What has become of each value.
pub(crate) struct Ledger {
    marks: Vec<Vec<AtomicU8>>,
    violation: Mutex<Option<String>>,
    violated: AtomicBool,
    /// What each party does now, for the report of a hang.
    pub(crate) doing: Vec<Mutex<&'static str>>,
    pub(crate) received: AtomicU64,
}

impl Ledger {
    pub(crate) fn new(senders: usize, numbers: usize, parties: usize) -> Self {
        let row = || (0..numbers).map(|_| AtomicU8::new(0)).collect();
        Self {
            marks: (0..senders).map(|_| row()).collect(),
            violation: Mutex::new(None),
            violated: AtomicBool::new(false),
            doing: (0..parties).map(|_| Mutex::new("starts")).collect(),
            received: AtomicU64::new(0),
        }
    }

    fn mark(&self, parcel: Parcel, mark: u8) -> u8 {
        self.marks[parcel.sender][parcel.number].fetch_or(mark, Ordering::SeqCst)
    }

    pub(crate) fn sent(&self, parcel: Parcel) {
        self.mark(parcel, SENT);
    }

    pub(crate) fn unsure(&self, parcel: Parcel) {
        self.mark(parcel, UNSURE);
    }

    pub(crate) fn received(&self, parcel: Parcel) {
        self.received.fetch_add(1, Ordering::Relaxed);
        if self.mark(parcel, RECEIVED) & RECEIVED != 0 {
            self.violate(format!("{parcel:?} was received twice"));
        }
    }

    pub(crate) fn violate(&self, what: String) {
        self.violated.store(true, Ordering::SeqCst);
        self.violation.lock().unwrap().get_or_insert(what);
    }

    pub(crate) fn is_violated(&self) -> bool {
        self.violated.load(Ordering::SeqCst)
    }

    /// The first violation, or what is wrong in the end.
    pub(crate) fn verdict(&self) -> Result<(), String> {
        if let Some(violation) = self.violation.lock().unwrap().take() {
            return Err(violation);
        }
        for (sender, row) in self.marks.iter().enumerate() {
            for (number, mark) in row.iter().enumerate() {
                let mark = mark.load(Ordering::SeqCst);
                let parcel = Parcel { sender, number };
                if mark & (SENT | RECEIVED) == SENT {
                    return Err(format!("{parcel:?} was sent and never received"));
                }
                if mark == RECEIVED {
                    return Err(format!(
                        "{parcel:?} was received, and its send said it was not sent"
                    ));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn all_doing(&self) -> Vec<&'static str> {
        self.doing.iter().map(|doing| *doing.lock().unwrap()).collect()
    }
}
