//! Any sequence of steps on a tree of contexts, against a model that has no locks, no timers and no
//! sharing.
#![cfg(not(gonex_loom))]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gonex_core::context::AfterFunc;
use gonex_core::rt::{self, Manual};
use gonex_core::{Canceller, Context, Stop};
use proptest::prelude::*;
use proptest::sample::Index;

#[derive(Clone, Debug)]
enum Step {
    Cancel(Index),
    WithCancel(Index),
    WithTimeout(Index, u64, bool),
    WithValue(Index, u8),
    WithoutCancel(Index),
    AfterFunc(Index),
    Prevent(Index),
    Drop(Index),
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let of = || any::<Index>();
    prop_oneof![
        1 => of().prop_map(Step::Cancel),
        3 => of().prop_map(Step::WithCancel),
        3 => (of(), 0..20_u64, any::<bool>()).prop_map(|(of, by, why)| Step::WithTimeout(of, by, why)),
        1 => (of(), any::<u8>()).prop_map(|(of, value)| Step::WithValue(of, value)),
        1 => of().prop_map(Step::WithoutCancel),
        3 => of().prop_map(Step::AfterFunc),
        1 => of().prop_map(Step::Prevent),
        2 => of().prop_map(Step::Drop),
        2 => (0..10_u64).prop_map(Step::Advance),
    ]
}

/// A context as the model has it.
#[derive(Clone, Default)]
struct Model {
    parent: Option<usize>,
    deadline: Option<(u64, Option<String>)>,
    value: Option<u8>,
    /// What stopped it, in words.
    stopped: Option<String>,
}

struct Function {
    of: usize,
    ran: Arc<AtomicUsize>,
    handle: AfterFunc,
    expected: usize,
}

#[derive(Default)]
struct World {
    now: u64,
    models: Vec<Model>,
    contexts: Vec<Option<(Context, Option<Canceller>)>>,
    functions: Vec<Function>,
    /// Which function can no longer run: prevented, or run.
    settled: Vec<bool>,
}

impl World {
    fn add(&mut self, model: Model, context: Context, canceller: Option<Canceller>) {
        self.models.push(model);
        self.contexts.push(Some((context, canceller)));
        self.pass();
    }

    fn child(&self, of: usize, deadline: Option<(u64, Option<String>)>) -> Model {
        let parent = &self.models[of];
        let earlier = match (&parent.deadline, deadline) {
            (Some(theirs), Some(own)) if own.0 < theirs.0 => Some(own),
            (Some(theirs), _) => Some(theirs.clone()),
            (None, own) => own,
        };
        Model { parent: Some(of), deadline: earlier, ..parent.clone() }
    }

    /// Time has passed, or something was added: deadlines first, functions second.
    fn pass(&mut self) {
        for model in &mut self.models {
            if let Some((at, cause)) = &model.deadline
                && *at <= self.now
                && model.stopped.is_none()
            {
                model.stopped = Some(cause.clone().unwrap_or_else(|| "timed out".to_owned()));
            }
        }
        for (function, settled) in self.functions.iter_mut().zip(&mut self.settled) {
            if !*settled && self.models[function.of].stopped.is_some() {
                *settled = true;
                function.expected = 1;
            }
        }
    }

    fn cancel(&mut self, of: usize, cause: &str) {
        // Parents come before children, so one pass reaches all.
        for index in of..self.models.len() {
            let below = index == of || {
                let mut up = self.models[index].parent;
                while up.is_some_and(|up| up > of) {
                    up = up.and_then(|up| self.models[up].parent);
                }
                up == Some(of)
            };
            if below && self.models[index].stopped.is_none() {
                self.models[index].stopped = Some(cause.to_owned());
            }
        }
        self.pass();
    }

    fn take(&mut self, manual: &Manual, number: usize, step: Step) {
        let of = match &step {
            Step::Cancel(of)
            | Step::WithCancel(of)
            | Step::WithTimeout(of, ..)
            | Step::WithValue(of, _)
            | Step::WithoutCancel(of)
            | Step::AfterFunc(of)
            | Step::Drop(of) => of.index(self.models.len()),
            Step::Prevent(_) | Step::Advance(_) => 0,
        };
        let held = self.contexts[of]
            .as_ref()
            .map(|(context, canceller)| (context.clone(), canceller.clone()));
        match (step, held) {
            (Step::Advance(by), _) => {
                self.now += by;
                manual.advance(Duration::from_secs(by));
                self.pass();
            }
            (Step::Prevent(which), _) if !self.functions.is_empty() => {
                let which = which.index(self.functions.len());
                let prevented = self.functions[which].handle.stop();
                assert_eq!(prevented, !std::mem::replace(&mut self.settled[which], true));
            }
            (Step::Drop(_), Some(_)) if of > 0 => self.contexts[of] = None,
            (Step::Cancel(_), Some((_, Some(canceller)))) => {
                let cause = format!("cancelled in step {number}");
                canceller.cancel(cause.clone());
                self.cancel(of, &cause);
            }
            (Step::WithCancel(_), Some((context, _))) => {
                let (context, canceller) = context.with_cancel();
                self.add(self.child(of, None), context, Some(canceller));
            }
            (Step::WithTimeout(_, by, why), Some((context, _))) => {
                let cause = why.then(|| format!("too long in step {number}"));
                let limit = Duration::from_secs(by);
                let context = match cause.clone() {
                    Some(cause) => context.with_timeout_cause(limit, cause),
                    None => context.with_timeout(limit),
                };
                self.add(self.child(of, Some((self.now + by, cause))), context, None);
            }
            (Step::WithValue(_, value), Some((context, _))) => {
                let model = Model { value: Some(value), ..self.child(of, None) };
                self.add(model, context.with_value(value), None);
            }
            (Step::WithoutCancel(_), Some((context, _))) => {
                let model = Model { value: self.models[of].value, ..Model::default() };
                self.add(model, context.without_cancel(), None);
            }
            (Step::AfterFunc(_), Some((context, _))) => {
                let ran = Arc::new(AtomicUsize::new(0));
                let theirs = ran.clone();
                let handle = context.after_func(move || {
                    theirs.fetch_add(1, Ordering::SeqCst);
                });
                self.functions.push(Function { of, ran, handle, expected: 0 });
                // Its context may never stop any more, but then it never runs either.
                self.settled.push(false);
                self.pass();
            }
            _ => {}
        }
    }

    fn check(&self) {
        for (model, context) in self.models.iter().zip(&self.contexts) {
            let Some((context, _)) = context else { continue };
            let cause = context.cause().map(|cause| cause.to_string());
            assert_eq!(cause, model.stopped);
            let timed_out = context.stopped() == Some(Stop::Timeout);
            let expected = model.stopped.as_ref().is_some_and(|why| !why.starts_with("cancelled"));
            assert_eq!(timed_out, expected);
            assert_eq!(context.value::<u8>().copied(), model.value);
            assert_eq!(context.deadline().is_some(), model.deadline.is_some());
        }
        for function in &self.functions {
            assert_eq!(function.ran.load(Ordering::SeqCst), function.expected);
        }
    }
}

proptest! {
    #[test]
    fn a_tree_does_what_the_model_does(steps in prop::collection::vec(step(), 1..60)) {
        let manual = Arc::new(Manual::new());
        rt::enter(manual.clone(), || {
            let mut world = World::default();
            world.add(Model::default(), Context::background(), None);
            for (number, step) in steps.into_iter().enumerate() {
                world.take(&manual, number, step);
                world.check();
            }
        });
    }
}
