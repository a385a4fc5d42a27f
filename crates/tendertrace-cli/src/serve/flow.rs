//! How does an answer leave that may be larger than memory? In pieces, as they are written; one that breaks
//! off ends the connection, so that half a file never looks whole.

use super::{Desk, Shared};
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_core::Stream;
use rusqlite::Connection;
use std::io::{self, BufWriter, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Pieces that wait for the reader, and the size of one.
const WAITING: usize = 4;
const PIECE: usize = 1 << 16;

type Piece = io::Result<Bytes>;

/// A file of this name, written by `work` over what may leave the case.
pub fn file<W>(desk: Shared, name: &str, kind: &'static str, work: W) -> Response
where
    W: FnOnce(&Desk, &Connection, &mut dyn Write) -> anyhow::Result<()> + Send + 'static,
{
    let (to, from) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let written = desk.0.connect(true).and_then(|db| {
            let mut out = BufWriter::with_capacity(PIECE, Pieces(to.clone()));
            work(&desk.0, &db, &mut out)?;
            Ok(out.flush()?)
        });
        if let Err(error) = written {
            // The reader may be gone: then nobody is told.
            drop(to.blocking_send(Err(io::Error::other(error))));
        }
    });
    let disposition = format!("attachment; filename=\"{name}\"");
    let head = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition.as_str())];
    (head, Body::from_stream(Flow(from))).into_response()
}

struct Pieces(mpsc::Sender<Piece>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes))).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Flow(mpsc::Receiver<Piece>);

impl Stream for Flow {
    type Item = Piece;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Piece>> {
        self.0.poll_recv(context)
    }
}
