//! Streams that watch what passes: bytes below TLS, the cause of a failure above it.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use agent_logic::event::Traffic;
use agent_logic::failure::SendFailure;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::cause;

/// Bytes above TCP.
#[derive(Debug, Default)]
pub(super) struct Meter {
    up: AtomicU64,
    down: AtomicU64,
}

impl Meter {
    pub(super) fn traffic(&self) -> Traffic {
        Traffic { up: self.up.load(Ordering::Relaxed), down: self.down.load(Ordering::Relaxed) }
    }

    fn count(counter: &AtomicU64, bytes: usize) {
        counter.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// Counts what passes through `S`.
#[derive(Debug)]
pub(super) struct Metered<S> {
    inner: S,
    meter: Arc<Meter>,
}

impl<S> Metered<S> {
    pub(super) const fn new(inner: S, meter: Arc<Meter>) -> Self {
        Self { inner, meter }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let done = ready!(Pin::new(&mut self.inner).poll_read(cx, buffer));
        Meter::count(&self.meter.down, buffer.filled().len().saturating_sub(before));
        Poll::Ready(done)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, bytes))?;
        Meter::count(&self.meter.up, written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// The first failure of a stream, kept because HTTP may report only that something failed.
#[derive(Clone, Debug, Default)]
pub(super) struct FirstFailure(Arc<Mutex<Option<SendFailure>>>);

impl FirstFailure {
    pub(super) fn take(&self) -> Option<SendFailure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn keep(&self, failure: SendFailure) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
    }
}

/// Keeps the first failure of `S`, a TLS stream.
///
/// A server that refuses our certificate, or answers before it has heard us out, writes and closes. A write of
/// ours may meet the close before anyone has read what stands before it, so a write fails only once reading
/// has ended too. It does end: what breaks writing closes the connection, and a deadline bounds it all.
#[derive(Debug)]
pub(super) struct Watched<S> {
    inner: S,
    first: FirstFailure,
    read_to_end: bool,
}

impl<S> Watched<S> {
    pub(super) const fn new(inner: S, first: FirstFailure) -> Self {
        Self { inner, first, read_to_end: false }
    }

    fn written<T>(&self, done: io::Result<T>) -> Poll<io::Result<T>> {
        match done {
            Err(_) if !self.read_to_end => Poll::Pending,
            Err(error) => {
                self.first.keep(cause::of_stream(&error));
                Poll::Ready(Err(error))
            }
            Ok(value) => Poll::Ready(Ok(value)),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let done = ready!(Pin::new(&mut self.inner).poll_read(cx, buffer));
        if let Err(error) = &done {
            self.first.keep(cause::of_stream(error));
        }
        self.read_to_end |= done.is_err() || buffer.filled().len() == before;
        Poll::Ready(done)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let done = ready!(Pin::new(&mut self.inner).poll_write(cx, bytes));
        self.written(done)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = ready!(Pin::new(&mut self.inner).poll_flush(cx));
        self.written(done)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
