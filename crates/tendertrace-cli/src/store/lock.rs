//! Who is writing? One program at a time, by a lock of the operating system: it ends with the
//! process that holds it, however that ends, so nothing stale has to be cleared by hand.

use super::clock;
use anyhow::{Context as _, bail};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

/// Held as long as the case is written to.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Takes the case's lock, or says who has it.
pub fn take(folder: &Path) -> anyhow::Result<Lock> {
    let path = folder.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .with_context(|| format!("opening {}; is the folder writable?", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => bail!(
            "{} is being written to by another tendertrace ({}); wait until it has ended, or stop it: nothing will be lost",
            folder.display(),
            holder(&mut file),
        ),
        Err(TryLockError::Error(error)) => return Err(error).with_context(|| format!("locking {}", path.display())),
    }
    file.set_len(0)?;
    writeln!(file, "process {} since {}", std::process::id(), clock::now())?;
    Ok(Lock { _file: file })
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    match (read, text.trim()) {
        (Ok(_), text) if !text.is_empty() => text.to_string(),
        _ => "its process number is not known".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_writer_is_told_who_the_first_is_and_a_dropped_lock_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let first = take(folder.path()).unwrap();
        let refused = take(folder.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        drop(first);
        take(folder.path()).unwrap();
    }
}
