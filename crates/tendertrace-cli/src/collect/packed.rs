//! Which files lie in a RAR or 7-Zip archive? Where bsdtar is installed (libarchive-tools), it turns them into a
//! TAR stream in a process of its own, which is read and bounded like any; without it they are a gap that says
//! what to install.

use std::io::{self, BufRead, BufReader, Seek as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

const PROGRAM: &str = "bsdtar";
/// How long one archive may take.
const PATIENCE: Duration = Duration::from_secs(300);
const MAGIC: [&[u8]; 2] = [b"Rar!\x1A\x07", b"7z\xBC\xAF\x27\x1C"];

/// Whether a file begins as RAR and 7-Zip archives do, and there is a program that opens them.
pub fn opens(head: &[u8]) -> bool {
    MAGIC.iter().any(|magic| head.starts_with(magic)) && is_installed()
}

/// Whether the program that opens them is there.
fn is_installed() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| Command::new(PROGRAM).arg("--version").stdin(Stdio::null()).output().is_ok())
}

/// The program at work on one archive.
pub struct Unpacking {
    child: Arc<Mutex<Child>>,
    _ended: Sender<()>,
}

/// The archive's files as a TAR stream, and the program that writes it.
pub fn as_tar(bytes: &[u8]) -> io::Result<(Box<dyn BufRead + Send>, Unpacking)> {
    // The program must move about in the archive, so it gets a file; this one has no name.
    let mut spool = tempfile::tempfile()?;
    spool.write_all(bytes)?;
    spool.rewind()?;
    let mut child = Command::new(PROGRAM)
        .args(["--format", "pax", "-cf", "-", "@-"])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::from(spool))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let child = Arc::new(Mutex::new(child));
    let (ended, waits) = channel::<()>();
    let watched = child.clone();
    std::thread::spawn(move || {
        if waits.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let _ = lock(&watched).kill();
        }
    });
    Ok((Box::new(BufReader::new(output)), Unpacking { child, _ended: ended }))
}

impl Unpacking {
    /// Why it did not come to the archive's end, once nobody reads any more.
    pub fn failure(&self) -> Option<String> {
        let status = lock(&self.child).wait().ok()?;
        let says = |what: &str| Some(format!("{what}; what came before was read: unpack the archive yourself"));
        match status.code() {
            Some(0) => None,
            Some(_) => says("the archive is damaged or encrypted"),
            // Ended by us after its time, or because its reader had enough.
            None => says("the archive was not read to its end"),
        }
    }
}

impl Drop for Unpacking {
    fn drop(&mut self) {
        let mut child = lock(&self.child);
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn lock(child: &Mutex<Child>) -> MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}
