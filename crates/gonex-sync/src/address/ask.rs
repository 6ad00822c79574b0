use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};

use super::{AskError, SendTo};
use crate::oneshot::OneshotReceiver;

/// The kind of [`Address::ask`](crate::Address::ask) and [`AddressBook::ask`](crate::AddressBook::ask).
#[must_use = "a question is not asked until it is awaited or blocked on"]
pub struct Ask<M, R> {
    /// Until the question is sent.
    question: Option<SendTo<M>>,
    answer: OneshotReceiver<R>,
}

impl<M, R> Ask<M, R> {
    pub(super) fn new(question: SendTo<M>, answer: OneshotReceiver<R>) -> Self {
        Self { question: Some(question), answer }
    }
}

impl<M, R> fmt::Debug for Ask<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").field("asked", &self.question.is_none()).finish_non_exhaustive()
    }
}

impl<M, R> Kind for Ask<M, R> {
    type Output = Result<R, AskError<M>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(question) = &mut self.question {
            let Poll::Ready(sent) = question.go_on(cx) else { return Poll::Pending };
            self.question = None;
            sent.map_err(AskError::NotSent)?;
        }
        self.answer.poll(cx).map_err(|_| AskError::Unanswered)
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        if let Some(mut question) = self.question.take() {
            question.give_up(stop.clone()).map_err(AskError::NotSent)?;
            // It went out just now, and so will not be answered in time.
        }
        match self.answer.try_recv() {
            Ok(answer) => Ok(answer),
            Err(crate::TryRecvError::Closed) => Err(AskError::Unanswered),
            Err(crate::TryRecvError::Empty) => Err(AskError::NotYet(stop)),
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        match &self.question {
            Some(question) => question.subject(),
            None => Subject::new("wait for an answer of").of("address"),
        }
    }
}
