//! The server: a request waits for a lookup, as for a database, and computes something.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gonex::{Mutex, OneshotReceiver, aio, go};

use crate::measured::{Failure, Form};

/// How long a lookup takes, in which nobody computes.
pub(crate) const LOOKUP: Duration = Duration::from_millis(5);

/// What a request computes: nothing of use, for a time that is the same on each call.
pub(crate) fn work(id: u64, rounds: u32) -> u64 {
    (0..rounds).fold(id, |sum, _| {
        let mixed = (sum ^ (sum >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) ^ (mixed >> 31)
    })
}

async fn lookup(id: u64) -> u64 {
    tokio::time::sleep(LOOKUP).await;
    id
}

/// `GET /work/7`, computed in the task that serves the request.
async fn in_task(State(rounds): State<u32>, Path(id): Path<u64>) -> String {
    let id = lookup(id).await;
    work(id, rounds).to_string()
}

/// The same, computed on gonex's workers, while the task waits and its thread serves others.
async fn on_workers(State(rounds): State<u32>, Path(id): Path<u64>) -> Response {
    let id = lookup(id).await;
    match go(move || work(id, rounds)).await {
        Ok(answer) => answer.to_string().into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Lets one request in after the other.
async fn one_by_one(State(turn): State<Arc<Mutex<()>>>, request: Request, next: Next) -> Response {
    let _turn = turn.lock().await;
    next.run(request).await
}

fn router(form: Form, rounds: u32) -> Router {
    let router = Router::new().route("/health", get(async || "well"));
    let router = match form {
        Form::Gonex => router.route("/work/{id}", get(on_workers)),
        _ => router.route("/work/{id}", get(in_task)),
    };
    let router = router.with_state(rounds);
    match form {
        Form::Sequential => router.layer(from_fn_with_state(Arc::new(Mutex::new(())), one_by_one)),
        _ => router,
    }
}

/// Serves until it is told to stop, or nobody is left who could, and what was asked is answered.
pub(crate) fn serve(
    form: Form,
    rounds: u32,
    listener: TcpListener,
    mut stop: OneshotReceiver<()>,
) -> Result<(), Failure> {
    listener.set_nonblocking(true)?;
    let serving = async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let stopped = async move { drop(stop.recv().await) };
        axum::serve(listener, router(form, rounds)).with_graceful_shutdown(stopped).await
    };
    match form {
        Form::Gonex => aio::block_on(serving)?,
        _ => form.tokio()?.block_on(serving)?,
    }
    Ok(())
}
