//! How many captures are in memory at once? A batch is closed at whichever comes first: few enough
//! to keep memory flat, enough to keep the cores busy and the disk's syncs rare.

use super::Taken;
use std::time::{Duration, Instant};

const MOST: usize = 256;
const MOST_BYTES: usize = 16 << 20;
const LONGEST: Duration = Duration::from_secs(2);

/// The captures in order, batch by batch; none is empty.
pub fn batches(mut captures: impl Iterator<Item = Taken>) -> impl Iterator<Item = Vec<Taken>> {
    std::iter::from_fn(move || {
        let (mut batch, mut bytes, since) = (Vec::new(), 0, Instant::now());
        for capture in captures.by_ref() {
            bytes += capture.as_ref().map_or(0, |c| c.bytes.len() + c.attachments.iter().map(|a| a.bytes.len()).sum::<usize>());
            batch.push(capture);
            if batch.len() >= MOST || bytes >= MOST_BYTES || since.elapsed() > LONGEST {
                break;
            }
        }
        (!batch.is_empty()).then_some(batch)
    })
}
