//! The accept loop: HTTP/1.1 connections, so many at once, each with a limit on the time and the size of a request's head. What is
//! asked over them is the router's business.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::limits::TimeLimits;

/// The largest head of a request, in bytes; a larger one is answered 431.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Headers of a request; more are answered 431.
pub const HEADERS_MAX: usize = 100;
/// Connections at once; more wait to be accepted.
pub const CONNECTIONS_MAX: usize = 4_096;
/// How long to wait when the system has no connection to give.
const PAUSE: Duration = Duration::from_millis(200);

/// Answers until the token is cancelled, then lets the requests under way end.
pub async fn serve(listener: TcpListener, router: Router, limits: TimeLimits, end: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
    let (graceful, places) = (GracefulShutdown::new(), Arc::new(Semaphore::new(CONNECTIONS_MAX)));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = end.cancelled() => break,
        };
        let Some((stream, address)) = accepted else { continue };
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = end.cancelled() => break,
        };
        let router = router.clone();
        let service = service_fn(move |request| answer(router.clone(), request, address));
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended badly");
            }
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn accept(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok((stream, address)) => {
            // Only a hint: answers are sent whole anyway.
            let _ = stream.set_nodelay(true);
            Some((stream, address))
        }
        Err(error) => {
            tracing::debug!(%error, "a connection could not be accepted");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}

async fn answer(
    router: Router,
    request: hyper::Request<Incoming>,
    address: SocketAddr,
) -> Result<hyper::Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(address));
    router.oneshot(request).await
}
