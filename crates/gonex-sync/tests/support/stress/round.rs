use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use gonex_sync::{ChannelBuilder, Receiver, Sender, channel, unbounded};

use super::chance::Chance;
use super::ledger::{Ledger, Parcel};
use super::parties::Party;
use crate::ways::{Way, drive};

/// A round that makes no progress for so long hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which channels take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rendezvous,
    Bounded,
    Unbounded,
    Lanes,
    Weighted,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] =
        [Self::Rendezvous, Self::Bounded, Self::Unbounded, Self::Lanes, Self::Weighted];

    fn make(self, chance: &mut Chance) -> (Sender<Parcel>, Receiver<Parcel>) {
        let capacity = 1 + chance.below(4) as usize;
        match self {
            Self::Rendezvous => channel(0),
            Self::Bounded => channel(capacity),
            Self::Unbounded => unbounded(),
            Self::Lanes => ChannelBuilder::new().bounded(capacity).lanes(3).build(),
            Self::Weighted => ChannelBuilder::new()
                .weighted(capacity, |parcel: &Parcel| parcel.number % 3)
                .build(),
        }
    }
}

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) length: Duration,
    pub(crate) seed: u64,
    /// The most senders, and the most receivers, of a round.
    pub(crate) threads: usize,
    pub(crate) kinds: Vec<Kind>,
}

/// What has been done.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) rounds: u64,
    pub(crate) received: u64,
}

/// One round, as the seed has drawn it.
#[derive(Debug)]
struct Plan {
    seed: u64,
    kinds: [Kind; 2],
    senders: usize,
    receivers: usize,
    /// Who passes on from a first channel to a second; without them there is one channel.
    relays: usize,
    numbers: usize,
    fickle: bool,
    /// Close the first channel when so many values have been received.
    close_after: Option<u64>,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Plan {
    fn draw(settings: &Settings, seed: u64) -> Self {
        let mut chance = Chance::new(seed, 0);
        let mut kind = || settings.kinds[chance.below(settings.kinds.len() as u64) as usize];
        let kinds = [kind(), kind()];
        let most = settings.threads.max(1) as u64;
        Self {
            seed,
            kinds,
            senders: 1 + chance.below(most) as usize,
            receivers: 1 + chance.below(most) as usize,
            relays: if chance.once_in(2) { 0 } else { 1 + chance.below(2) as usize },
            numbers: 50 + chance.below(200) as usize,
            fickle: !chance.once_in(4),
            close_after: chance.once_in(4).then(|| chance.below(100)),
        }
    }

    /// Runs the round; what is wrong comes back in words.
    fn run(&self, runtime: &tokio::runtime::Handle) -> Result<u64, String> {
        let parties = self.senders + self.relays + self.receivers;
        let ledger = Arc::new(Ledger::new(self.senders, self.numbers, parties));
        let mut chance = Chance::new(self.seed, 1);
        let (tx, first_rx) = self.kinds[0].make(&mut chance);
        let (mut started, (ended, ends)) = (0, mpsc::channel());
        let mut start = |party: Party, run: Box<dyn FnOnce(Party) -> Running + Send>| {
            let ended = ended.clone();
            started += 1;
            match party.way {
                Way::Thread => drop(std::thread::spawn(move || {
                    drive(run(party));
                    ended.send(()).ok();
                })),
                Way::Task => drop(runtime.spawn(async move {
                    run(party).await;
                    ended.send(()).ok();
                })),
            }
        };
        let mut index = 0;
        let mut party = || {
            let way = if chance.once_in(2) { Way::Thread } else { Way::Task };
            let chance = Chance::new(self.seed, 100 + index as u64);
            index += 1;
            Party { way, chance, ledger: ledger.clone(), index: index - 1, fickle: self.fickle }
        };
        for sender in 0..self.senders {
            let numbers = self.numbers;
            let lanes = if self.kinds[0] == Kind::Lanes { 3 } else { 1 };
            let tx = tx.lane(sender % lanes).ok_or("the channel has the lanes it was made with")?;
            start(party(), Box::new(move |party| Box::pin(party.send(tx, sender, numbers))));
        }
        let last_rx = if self.relays == 0 {
            first_rx.clone()
        } else {
            let (second, rx) = self.kinds[1].make(&mut Chance::new(self.seed, 2));
            for _ in 0..self.relays {
                let (from, to) = (first_rx.clone(), second.clone());
                start(party(), Box::new(move |party| Box::pin(party.relay(from, to))));
            }
            rx
        };
        let alone = self.receivers == 1 && self.relays < 2;
        for _ in 0..self.receivers {
            let rx = last_rx.clone();
            start(party(), Box::new(move |party| Box::pin(party.receive(rx, alone))));
        }
        let weak = tx.downgrade();
        drop((tx, ended));

        let (mut ended, mut seen, mut since) = (0, 0, Instant::now());
        let mut closed = false;
        while ended < started {
            match ends.recv_timeout(Duration::from_millis(1)) {
                Ok(()) => ended += 1,
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                // A party that panicked has printed why.
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err("a party panicked".to_owned());
                }
            }
            let received = ledger.received.load(std::sync::atomic::Ordering::Relaxed);
            if !closed && self.close_after.is_some_and(|after| received >= after) {
                closed = true;
                if let Some(tx) = weak.upgrade() {
                    tx.close();
                }
            }
            if received != seen {
                (seen, since) = (received, Instant::now());
            }
            if since.elapsed() > PATIENCE {
                let doing = ledger.all_doing();
                return Err(format!(
                    "nothing has been received for {PATIENCE:?}; senders, relays and receivers: \
                     {doing:?}; first channel: {first_rx:?}, last channel: {last_rx:?}"
                ));
            }
        }
        // What came back when all receivers had been told of the end.
        for parcel in last_rx.try_iter() {
            ledger.received(parcel);
        }
        // A relay that has ended leaves nothing; a value can come back to the first channel only.
        for parcel in first_rx.try_iter() {
            ledger.received(parcel);
        }
        ledger.verdict()?;
        Ok(ledger.received.load(std::sync::atomic::Ordering::Relaxed))
    }
}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs rounds until the time is over; `each_second` is told how far it is. At the first violation
/// it ends, with an explanation.
pub(crate) fn run(
    settings: &Settings,
    mut each_second: impl FnMut(Counts),
) -> Result<Counts, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(settings.threads.clamp(1, 4))
        .enable_time()
        .build()
        .map_err(|error| format!("no runtime for the tasks: {error}"))?;
    let mut seeds = Chance::new(settings.seed, 3);
    let (begin, mut reported) = (Instant::now(), 0);
    let mut counts = Counts::default();
    while begin.elapsed() < settings.length {
        let plan = Plan::draw(settings, seeds.number());
        match plan.run(runtime.handle()) {
            Ok(received) => counts.received += received,
            Err(violation) => {
                // Whoever hangs would keep the runtime from ending.
                runtime.shutdown_background();
                return Err(format!("seed {}: {violation}; the round was {plan}", settings.seed));
            }
        }
        counts.rounds += 1;
        if begin.elapsed().as_secs() > reported {
            reported = begin.elapsed().as_secs();
            each_second(counts);
        }
    }
    Ok(counts)
}
