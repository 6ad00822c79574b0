//! The service: does as it is told, and takes no more than it can hold.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::error_handling::HandleErrorLayer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use gonex_resilience::bulkhead::BulkheadConfig;
use gonex_resilience::limit::TokenBucketConfig;
use gonex_resilience::{Bulkhead, TokenBucket};
use gonex_sync::WatchSender;
use tokio::net::TcpListener;
use tower::{BoxError, ServiceBuilder};

/// So many requests are served at once.
pub(crate) const PLACES: usize = 8;

/// What it does to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Answers them.
    Well,
    /// Says at once that it cannot.
    Fails,
    /// Says nothing until it is told to do something else.
    Stalls,
}

impl Mode {
    pub(crate) const ALL: [Self; 3] = [Self::Well, Self::Fails, Self::Stalls];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Fails => "fails",
            Self::Stalls => "stalls",
        }
    }
}

/// What became of the requests that reached it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Served {
    pub(crate) answered: u32,
    pub(crate) failed: u32,
    /// Were not answered before the client went away.
    pub(crate) stalled: u32,
    /// Had no place.
    pub(crate) turned_away: u32,
}

#[derive(Default)]
struct Counts {
    answered: AtomicU32,
    failed: AtomicU32,
    stalled: AtomicU32,
    turned_away: AtomicU32,
}

fn count(counter: &AtomicU32) {
    counter.fetch_add(1, Ordering::Relaxed);
}

#[derive(Clone)]
struct Shared {
    mode: Arc<WatchSender<Mode>>,
    counts: Arc<Counts>,
}

/// A running server; it ends with its runtime.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    bulkhead: Bulkhead,
    counts: Arc<Counts>,
}

impl Server {
    /// Starts one on a port of its own.
    pub(crate) async fn start() -> Result<Self, Box<dyn Error>> {
        let shared =
            Shared { mode: Arc::new(WatchSender::new(Mode::Well)), counts: Arc::default() };
        let limiter = TokenBucket::new(TokenBucketConfig::per_second(10_000))?.max_waiting(100);
        let bulkhead = Bulkhead::new(BulkheadConfig::without_queue(PLACES))?;
        let counts = shared.counts.clone();
        let guards = ServiceBuilder::new()
            .layer(HandleErrorLayer::new(move |refused: BoxError| {
                count(&counts.turned_away);
                std::future::ready((StatusCode::TOO_MANY_REQUESTS, refused.to_string()))
            }))
            .map_err(BoxError::from)
            .layer(limiter)
            .layer(bulkhead.clone());
        let (page, command) = (get(page).layer(guards), put(command));
        let router = Router::new().route("/page", page).route("/mode/{name}", command);
        let counts = shared.counts.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = axum::serve(listener, router.with_state(shared)).into_future();
        tokio::spawn(server);
        Ok(Self { address, bulkhead, counts })
    }

    /// What it has done since it was asked last.
    pub(crate) fn take_served(&self) -> Served {
        let take = |counter: &AtomicU32| counter.swap(0, Ordering::Relaxed);
        Served {
            answered: take(&self.counts.answered),
            failed: take(&self.counts.failed),
            stalled: take(&self.counts.stalled),
            turned_away: take(&self.counts.turned_away),
        }
    }

    /// How many places are free.
    pub(crate) fn free_places(&self) -> usize {
        self.bulkhead.available()
    }
}

/// Counts a request that nobody waits for any more.
struct Stalled(Arc<Counts>);

impl Drop for Stalled {
    fn drop(&mut self) {
        count(&self.0.stalled);
    }
}

async fn page(State(shared): State<Shared>) -> (StatusCode, &'static str) {
    let mode = *shared.mode.borrow();
    match mode {
        Mode::Well => {
            count(&shared.counts.answered);
            (StatusCode::OK, "a page")
        }
        Mode::Fails => {
            count(&shared.counts.failed);
            (StatusCode::SERVICE_UNAVAILABLE, "down")
        }
        Mode::Stalls => {
            let _counted = Stalled(shared.counts.clone());
            // The connection is closed when its client has gone, and this is dropped then.
            let mut told = shared.mode.subscribe();
            let _ = told.wait_until(|mode| *mode != Mode::Stalls).await;
            (StatusCode::SERVICE_UNAVAILABLE, "too late")
        }
    }
}

async fn command(State(shared): State<Shared>, Path(name): Path<String>) -> StatusCode {
    let Some(mode) = Mode::ALL.into_iter().find(|mode| mode.name() == name) else {
        return StatusCode::NOT_FOUND;
    };
    shared.mode.send_replace(mode);
    StatusCode::NO_CONTENT
}
