use std::any::Any;
use std::fmt;
use std::time::Duration;

use gonex_core::Op;

use super::entry::{Entry, OpEntry, RecvEntry, SendEntry};
use super::key::{ArmKey, SendKey};
use super::round::Round;
use super::wait::Wait;
use crate::select::order::{MOST_ARMS, Order};
use crate::select::{AsReceiver, AsSender, Choose, private};
use crate::simulation::step;
use crate::{RecvError, SendError};

/// Waits for whichever of several things can happen first, where only the running program knows how
/// many there are; else [`select!`](crate::select!) reads better.
///
/// Each arm comes with a function that turns what happened into an `R`. The arms stay from one
/// [`wait`](Self::wait) to the next, so a loop builds its select once; they can be added, removed and
/// switched off in between. A channel may be in several arms.
///
/// ```
/// use gonex_sync::{Select, channel};
///
/// let clients: Vec<_> = (0..3).map(|_| channel::<&str>(1)).collect();
/// let mut select = Select::new();
/// for (number, (_, client)) in clients.iter().enumerate() {
///     select.recv(client, move |message| (number, message));
/// }
/// clients[2].0.try_send("hello").unwrap();
/// assert_eq!(select.wait().block(), (2, Ok("hello")));
/// ```
///
/// # Order
/// As with the macro: of several arms that can happen each is as likely as any other, unless the
/// select is [`biased`](Self::biased) or arms have a [`weight`](Self::weight).
///
/// # Ends
/// A receiver or sender is given as such, as a reference, or as an `Option` of either. Those given
/// as such are handles like others: they keep their channel open. A channel that is closed (and, to
/// receive, empty) is always ready, with an error: remove its arm, or the loop turns for nothing.
pub struct Select<'a, R> {
    arms: Vec<Added<'a, R>>,
    next: u64,
    biased: bool,
    weighted: bool,
}

struct Added<'a, R> {
    key: ArmKey,
    weight: u32,
    enabled: bool,
    entry: Box<dyn Entry<R> + 'a>,
}

impl<R> Added<'_, R> {
    fn takes_part(&self) -> bool {
        self.enabled && !self.entry.is_spent()
    }
}

impl<'a, R> Select<'a, R> {
    /// Begins without arms.
    #[must_use]
    pub fn new() -> Self {
        Self { arms: Vec::new(), next: 0, biased: false, weighted: false }
    }

    /// Has the first arm happen that can, in the order in which they were added. Weights then mean
    /// nothing.
    ///
    /// ```
    /// use gonex_sync::{Select, channel};
    ///
    /// let (tx, rx) = channel(100);
    /// tx.send_all(0..100).block().unwrap();
    /// let mut select = Select::new().biased();
    /// select.recv(&rx, |_| "first");
    /// select.recv(&rx, |_| "second");
    /// assert!((0..100).all(|_| select.wait().block() == "first"));
    /// ```
    #[must_use]
    pub fn biased(self) -> Self {
        Self { biased: true, ..self }
    }

    /// Adds an arm that receives.
    ///
    /// # Panics
    /// With more than 255 arms.
    ///
    /// ```
    /// use gonex_sync::{RecvError, Select, channel};
    ///
    /// let (tx, rx) = channel(1);
    /// let mut select = Select::new();
    /// select.recv(rx, |message| message);
    /// tx.try_send(7).unwrap();
    /// assert_eq!(select.wait().block(), Ok(7));
    /// drop(tx);
    /// assert_eq!(select.wait().block(), Err(RecvError::Closed));
    /// ```
    #[track_caller]
    pub fn recv<Rx>(
        &mut self,
        receiver: Rx,
        map: impl FnMut(Result<Rx::Item, RecvError>) -> R + Send + 'a,
    ) -> ArmKey
    where
        Rx: AsReceiver<Item: Send> + Send + 'a,
    {
        self.add(Box::new(RecvEntry { receiver, map }))
    }

    /// Adds an arm that sends a value, which the select keeps until it is sent.
    ///
    /// When the arm has happened its [`slot`](Self::slot) is empty, and the arm rests until there is
    /// a value in it again. When another arm happens the value stays. A closed channel leaves it too.
    ///
    /// # Panics
    /// With more than 255 arms.
    ///
    /// ```
    /// use gonex_sync::{Select, channel};
    ///
    /// let (tx, rx) = channel(1);
    /// let (_idle, never) = channel::<u8>(1);
    /// let mut select = Select::new();
    /// select.recv(never, |_| "received");
    /// let arm = select.send(tx, 1, |sent| if sent.is_ok() { "sent" } else { "closed" });
    /// assert_eq!(select.wait().block(), "sent");
    ///
    /// // Nothing is left to send, so nothing can happen; nor can it while there is no room.
    /// assert_eq!(select.try_now(), None);
    /// select.slot(arm).unwrap().replace(2);
    /// assert_eq!(select.try_now(), None);
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// assert_eq!(select.try_now(), Some("sent"));
    /// ```
    #[track_caller]
    pub fn send<Tx>(
        &mut self,
        sender: Tx,
        value: impl Into<Option<Tx::Item>>,
        map: impl FnMut(Result<(), SendError<()>>) -> R + Send + 'a,
    ) -> SendKey<Tx::Item>
    where
        Tx: AsSender<Item: Send + 'static> + Send + 'a,
    {
        let slot = value.into();
        SendKey::new(self.add(Box::new(SendEntry { sender, slot, map })))
    }

    /// Adds an arm that awaits an operation or any other future. It happens once, and is then gone;
    /// when another arm happens it goes on in the next wait.
    ///
    /// # Panics
    /// With more than 255 arms.
    ///
    /// ```
    /// use gonex_sync::Select;
    ///
    /// let mut select = Select::new();
    /// select.op(async { 6 * 7 }, |answer| answer);
    /// select.op(std::future::pending::<u8>(), |_| 0);
    /// assert_eq!(select.wait().block(), 42);
    /// assert_eq!(select.len(), 1);
    /// ```
    #[track_caller]
    pub fn op<F>(&mut self, operation: F, map: impl FnOnce(F::Output) -> R + Send + 'a) -> ArmKey
    where
        F: IntoFuture<Output: Send, IntoFuture: Send + 'a>,
    {
        let future = Some(Box::pin(operation.into_future()));
        self.add(Box::new(OpEntry { future, map: Some(map) }))
    }

    /// Adds an arm that happens once, when so much time has passed since this call.
    ///
    /// # Panics
    /// With more than 255 arms.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_sync::{Select, channel};
    ///
    /// let (_idle, never) = channel::<u8>(0);
    /// let mut select = Select::new();
    /// select.recv(never, |_| "message");
    /// select.after(Duration::from_millis(1), || "silence");
    /// assert_eq!(select.wait().block(), "silence");
    /// ```
    #[track_caller]
    pub fn after(&mut self, limit: Duration, map: impl FnOnce() -> R + Send + 'a) -> ArmKey {
        self.op(private::sleep(limit), |_| map())
    }

    #[track_caller]
    fn add(&mut self, entry: Box<dyn Entry<R> + 'a>) -> ArmKey {
        self.sweep();
        assert!(
            self.arms.len() < MOST_ARMS,
            "a select has at most {MOST_ARMS} arms: remove some, or divide them among several tasks \
             that send into one channel"
        );
        let key = ArmKey(self.next);
        self.next += 1;
        self.arms.push(Added { key, weight: 1, enabled: true, entry });
        key
    }

    /// Forgets the operations that are done.
    fn sweep(&mut self) {
        self.arms.retain(|added| !added.entry.is_spent());
    }

    fn added(&mut self, key: ArmKey) -> Option<&mut Added<'a, R>> {
        self.arms.iter_mut().find(|added| added.key == key && !added.entry.is_spent())
    }

    /// The slot of an arm that sends: to put the next value in, or to take back what was not sent.
    /// `None` if there is no such arm any more.
    ///
    /// ```
    /// use gonex_sync::{Select, channel};
    ///
    /// let (tx, _rx) = channel(0);
    /// let mut select = Select::new();
    /// let arm = select.send(tx, "nobody comes".to_owned(), |_| ());
    /// assert_eq!(select.try_now(), None);
    /// let back = select.slot(arm).and_then(Option::take);
    /// assert_eq!(back.as_deref(), Some("nobody comes"));
    /// ```
    pub fn slot<T: 'static>(&mut self, arm: SendKey<T>) -> Option<&mut Option<T>> {
        self.added(arm.arm)?.entry.slot().and_then(<dyn Any>::downcast_mut)
    }

    /// Tries an arm first with a chance in proportion to its weight: 1 where nothing else is said, and
    /// 0 puts it behind all others. Says whether there is such an arm.
    ///
    /// ```
    /// use gonex_sync::{Select, unbounded};
    ///
    /// let (tx, rx) = unbounded();
    /// tx.send_all(0..300).block().unwrap();
    /// let mut select = Select::new();
    /// select.recv(&rx, |_| 0);
    /// let heavy = select.recv(&rx, |_| 1);
    /// assert!(select.weight(heavy, 9));
    /// let heavies: i32 = (0..300).map(|_| select.wait().block()).sum();
    /// assert!(heavies > 200, "{heavies}");
    /// ```
    pub fn weight(&mut self, arm: impl Into<ArmKey>, weight: u32) -> bool {
        let Some(added) = self.added(arm.into()) else { return false };
        added.weight = weight;
        self.weighted = true;
        true
    }

    /// Switches an arm off, or on again. Says whether there is such an arm.
    ///
    /// ```
    /// use gonex_sync::{Select, channel};
    ///
    /// let (tx, rx) = channel(1);
    /// tx.try_send(1).unwrap();
    /// let mut select = Select::new();
    /// let arm = select.recv(rx, |message| message);
    /// select.enable(arm, false);
    /// assert_eq!(select.try_now(), None);
    /// select.enable(arm, true);
    /// assert_eq!(select.try_now(), Some(Ok(1)));
    /// ```
    pub fn enable(&mut self, arm: impl Into<ArmKey>, enabled: bool) -> bool {
        self.added(arm.into()).map(|added| added.enabled = enabled).is_some()
    }

    /// Removes an arm, with what it holds: the end of its channel, the value in its slot, or the
    /// operation. Says whether there was such an arm.
    ///
    /// ```
    /// use gonex_sync::{Select, channel};
    ///
    /// let (tx, rx) = channel::<u8>(1);
    /// let mut select = Select::new();
    /// let arm = select.recv(rx, |_| ());
    /// assert!(select.remove(arm));
    /// assert!(tx.is_closed() && !select.remove(arm));
    /// ```
    pub fn remove(&mut self, arm: impl Into<ArmKey>) -> bool {
        let arm = arm.into();
        self.sweep();
        let found = self.arms.iter().position(|added| added.key == arm);
        found.map(|at| self.arms.remove(at)).is_some()
    }

    /// The number of arms, those that are switched off included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arms.iter().filter(|added| !added.entry.is_spent()).count()
    }

    /// Whether there are no arms.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits until one of the arms happens, and yields what its function made of it.
    ///
    /// Where none takes part it waits for ever. When it has to wait, each arm takes a small block of
    /// memory for that time. The function runs when all lines have been left.
    ///
    /// # Cancel safety
    /// Dropped while it waits, or stopped by a limit, it has done nothing: no value is lost, and slots
    /// are as they were. At capacity 0 a receiver may have accepted a value just before: a select under
    /// limits then yields that arm, and one that is dropped leaves its slot empty. When the ambient
    /// context stops, it unwinds to the border of the task; under limits it yields `Err`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::Stop;
    /// use gonex_sync::{Select, channel};
    ///
    /// let (tx, rx) = channel(0);
    /// let mut select = Select::new();
    /// select.recv(&rx, |message| message);
    /// assert_eq!(select.wait().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
    ///
    /// let sender = std::thread::spawn(move || tx.send("hello").block());
    /// assert_eq!(select.wait().block(), Ok("hello"));
    /// assert!(sender.join().unwrap().is_ok());
    /// ```
    #[track_caller]
    pub fn wait(&mut self) -> Op<Wait<'_, 'a, R>> {
        self.sweep();
        Op::new(Wait::new(self))
    }

    /// Has one of the arms happen if one can now, and yields what its function made of it.
    ///
    /// `None` means that there was a moment at which none could happen. Futures are asked once.
    ///
    /// ```
    /// use gonex_sync::{Select, channel};
    ///
    /// let (tx, rx) = channel(1);
    /// let mut select = Select::new();
    /// select.recv(rx, |message| message);
    /// assert_eq!(select.try_now(), None);
    /// tx.try_send(7).unwrap();
    /// assert_eq!(select.try_now(), Some(Ok(7)));
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_now(&mut self) -> Option<R> {
        step("try to", "select");
        self.sweep();
        if let Some(outcome) = self.attempt(true) {
            return Some(outcome);
        }
        let mut choose = self.begin();
        let happened = choose.now()?;
        Some(choose.arms.arms[happened].outcome())
    }

    /// Tries each arm without preparing to wait; with `glance`, only those that look ready. Nothing is
    /// tried where there is a future, which could not be polled here: so the order is kept.
    pub(super) fn attempt(&mut self, glance: bool) -> Option<R> {
        if self.arms.iter().any(|added| added.takes_part() && !added.entry.is_channel()) {
            return None;
        }
        let order = self.order(|_| true);
        order.find(self.arms.len(), |index| {
            let added = &mut self.arms[index];
            if added.takes_part() { added.entry.attempt(glance) } else { None }
        })
    }

    /// Prepares the arms that take part for a wait, after an [attempt](Self::attempt).
    pub(super) fn begin(&mut self) -> Choose<'_, Round<'_, R>> {
        let order = self.order(Added::takes_part);
        let part = self.arms.iter_mut().filter(|added| added.takes_part());
        let arms = part.map(|added| added.entry.begin()).collect();
        Choose::after_glance(Round { arms }, order, true)
    }

    fn order(&self, part: impl Fn(&Added<'a, R>) -> bool) -> Order {
        match (self.biased, self.weighted) {
            (true, _) => Order::Biased,
            (false, false) => Order::Fair,
            (false, true) => {
                let part = self.arms.iter().filter(|added| part(added));
                Order::weighted(part.map(|added| added.weight))
            }
        }
    }
}

impl<R> Default for Select<'_, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> fmt::Debug for Select<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Select").field("arms", &self.len()).finish_non_exhaustive()
    }
}
