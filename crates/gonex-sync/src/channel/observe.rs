//! What both ends of a channel can be asked and told.

/// Writes the methods that senders and receivers have in common.
macro_rules! observers {
    ($handle:ident, lane: $lane:expr) => {
        impl<T> $handle<T> {
            /// Closes the channel: nothing more goes in, and what is inside can still be received.
            /// Those who wait to send get their value back.
            ///
            /// Says whether it was open; closing twice does no harm.
            ///
            /// ```
            /// let (tx, rx) = gonex_sync::channel(2);
            /// tx.try_send(1).unwrap();
            /// assert!(rx.close());
            /// assert!(!tx.close());
            /// assert!(tx.try_send(2).unwrap_err().is_closed());
            /// assert_eq!(rx.try_recv(), Ok(1));
            /// ```
            pub fn close(&self) -> bool {
                self.shared.close()
            }

            /// Whether the channel is closed: by hand, or because all handles of one end are gone.
            ///
            /// ```
            /// let (tx, rx) = gonex_sync::channel::<u8>(2);
            /// assert!(!tx.is_closed() && !rx.is_closed());
            /// tx.close();
            /// assert!(tx.is_closed() && rx.is_closed());
            /// ```
            #[must_use]
            pub fn is_closed(&self) -> bool {
                self.shared.is_closed()
            }

            /// The number of values inside, which may have changed when it is returned.
            ///
            /// ```
            /// let (tx, rx) = gonex_sync::channel(2);
            /// tx.try_send(1).unwrap();
            /// assert_eq!((tx.len(), rx.len()), (1, 1));
            /// ```
            #[must_use]
            pub fn len(&self) -> usize {
                self.shared.len()
            }

            /// Whether no value is inside.
            ///
            /// ```
            /// let (tx, rx) = gonex_sync::channel::<u8>(2);
            /// assert!(tx.is_empty() && rx.is_empty());
            /// ```
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Whether a send would have to wait for room; always at capacity 0.
            ///
            /// Of a channel with several lanes a sender tells about its own, and a receiver about
            /// the first.
            ///
            /// ```
            /// let (tx, rx) = gonex_sync::channel(1);
            /// assert!(!tx.is_full());
            /// tx.try_send(1).unwrap();
            /// assert!(tx.is_full() && rx.is_full());
            /// ```
            #[must_use]
            pub fn is_full(&self) -> bool {
                self.shared.is_full($lane(self))
            }

            /// How many values fit, or how much weight; `None` without a bound. The lanes of a
            /// channel count together.
            ///
            /// ```
            /// assert_eq!(gonex_sync::channel::<u8>(3).0.capacity(), Some(3));
            /// assert_eq!(gonex_sync::unbounded::<u8>().1.capacity(), None);
            /// ```
            #[must_use]
            pub fn capacity(&self) -> Option<usize> {
                self.shared.capacity()
            }

            /// The number of senders.
            ///
            /// ```
            /// let (tx, rx) = gonex_sync::channel::<u8>(1);
            /// let more = tx.clone();
            /// assert_eq!((tx.sender_count(), rx.sender_count()), (2, 2));
            /// # drop(more);
            /// ```
            #[must_use]
            pub fn sender_count(&self) -> usize {
                self.shared.count(crate::channel::shared::End::Sending)
            }

            /// The number of receivers.
            ///
            /// ```
            /// let (tx, rx) = gonex_sync::channel::<u8>(1);
            /// let more = rx.clone();
            /// assert_eq!((tx.receiver_count(), rx.receiver_count()), (2, 2));
            /// # drop(more);
            /// ```
            #[must_use]
            pub fn receiver_count(&self) -> usize {
                self.shared.count(crate::channel::shared::End::Receiving)
            }

            /// Whether it is a handle of the same end of the same channel.
            ///
            /// ```
            /// let (tx, rx) = gonex_sync::channel::<u8>(1);
            /// let (other_tx, other_rx) = gonex_sync::channel::<u8>(1);
            /// assert!(tx.same_channel(&tx.clone()) && !tx.same_channel(&other_tx));
            /// assert!(rx.same_channel(&rx.clone()) && !rx.same_channel(&other_rx));
            /// ```
            #[must_use]
            pub fn same_channel(&self, other: &Self) -> bool {
                std::sync::Arc::ptr_eq(&self.shared, &other.shared)
            }
        }
    };
}

pub(super) use observers;
