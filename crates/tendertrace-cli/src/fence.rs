//! Where are files of risky formats read? In a process of its own: a crash, a stack overflow, an
//! endless loop or a hunger for memory there costs that one file and nothing else.
//!
//! Each thread keeps one such process and asks it for file after file; one that fails is replaced.

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use tendertrace::model::{Binary, Budget, Scan};

/// The hidden command of the process that reads.
pub const COMMAND: &str = "read-fenced";

/// How long one file may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Address space of the process that reads.
const MEMORY: u64 = 2 << 30;

/// Bounds of every capture, with risky formats read outside.
pub fn budget() -> Budget {
    Budget { outside: Some(read), ..Budget::default() }
}

thread_local! {
    static WORKER: RefCell<Worker> = RefCell::new(Worker::new(own_command(), PATIENCE));
}

fn read(bytes: &[u8], title: &str) -> Result<Binary, String> {
    WORKER.with(|worker| worker.borrow_mut().ask(Ask::Text, bytes, title))
}

/// The pictures of pages without text, from the page `first` on; see [`tendertrace::read::scans`].
pub fn scans(bytes: &[u8], first: u32) -> Result<Vec<Scan>, String> {
    WORKER.with(|worker| worker.borrow_mut().ask(Ask::Scans, bytes, &first.to_string()))
}

/// What is asked of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Text,
    Scans,
}

impl Ask {
    fn word(self) -> &'static [u8] {
        match self {
            Ask::Text => b"text",
            Ask::Scans => b"scans",
        }
    }
}

fn own_command() -> Vec<OsString> {
    let program = std::env::current_exe().unwrap_or_else(|_| "tendertrace".into());
    vec![program.into(), COMMAND.into()]
}

/// A process that reads, started when it is first needed.
struct Worker {
    command: Vec<OsString>,
    patience: Duration,
    running: Option<(Child, Pipes)>,
}

type Pipes = (ChildStdin, ChildStdout);

impl Worker {
    fn new(command: Vec<OsString>, patience: Duration) -> Worker {
        Worker { command, patience, running: None }
    }

    fn ask<T: DeserializeOwned + Send + 'static>(&mut self, what: Ask, bytes: &[u8], title: &str) -> Result<T, String> {
        let (mut child, pipes) = match self.running.take() {
            Some(running) => running,
            None => self.start().map_err(|error| format!("its reader does not start ({error})"))?,
        };
        match exchange(pipes, question(what, bytes, title), self.patience) {
            Some(Ok((answer, pipes))) => {
                self.running = Some((child, pipes));
                Ok(answer)
            }
            failed => {
                let _ = child.kill();
                let ended = child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
                Err(match failed {
                    None => format!("its reader took longer than {} seconds", self.patience.as_secs_f32()),
                    Some(_) => format!("its reader crashed ({ended})"),
                })
            }
        }
    }

    fn start(&self) -> io::Result<(Child, Pipes)> {
        let mut child = Command::new(&self.command[0])
            .args(&self.command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take()).ok_or_else(|| io::Error::other("no pipes"))?;
        Ok((child, pipes))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Asks and waits; `None` where no answer came in time. The thread that talks ends with the process.
fn exchange<T: DeserializeOwned + Send + 'static>(pipes: Pipes, question: Vec<u8>, patience: Duration) -> Option<io::Result<(T, Pipes)>> {
    let (answer, answered) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = answer.send(talk(pipes, &question));
    });
    answered.recv_timeout(patience).ok()
}

fn talk<T: DeserializeOwned>((mut to, mut from): Pipes, question: &[u8]) -> io::Result<(T, Pipes)> {
    to.write_all(question)?;
    to.flush()?;
    let answer = take_block(&mut from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok((serde_json::from_slice(&answer)?, (to, from)))
}

fn question(what: Ask, bytes: &[u8], title: &str) -> Vec<u8> {
    let mut question = Vec::with_capacity(bytes.len() + title.len() + 32);
    for block in [what.word(), title.as_bytes(), bytes] {
        question.extend((block.len() as u64).to_le_bytes());
        question.extend(block);
    }
    question
}

/// A block behind its length; `None` at the end of the stream.
fn take_block(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u64::from_le_bytes(length);
    let mut block = Vec::new();
    from.take(length).read_to_end(&mut block)?;
    if (block.len() as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(block))
}

/// The process that reads: file after file from standard input, until it ends.
pub fn serve() -> anyhow::Result<()> {
    limit_memory();
    let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
    while let Some(what) = take_block(&mut from)? {
        let title = take_block(&mut from)?.context("a question without its title")?;
        let bytes = take_block(&mut from)?.context("a title without its file")?;
        let title = String::from_utf8_lossy(&title);
        let answer = match what == Ask::Scans.word() {
            true => serde_json::to_vec(&tendertrace::read::scans(&bytes, title.parse().unwrap_or(1)))?,
            false => serde_json::to_vec(&tendertrace::read::read_binary(&bytes, &title))?,
        };
        to.write_all(&(answer.len() as u64).to_le_bytes())?;
        to.write_all(&answer)?;
        to.flush()?;
    }
    Ok(())
}

/// Where the system can: an allocation beyond the limit ends this process and nothing else.
fn limit_memory() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let maximum = getrlimit(Resource::As).maximum;
        let _ = setrlimit(Resource::As, Rlimit { current: Some(maximum.map_or(MEMORY, |m| m.min(MEMORY))), maximum });
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn stand_in(script: &str, patience: Duration) -> Worker {
        Worker::new(vec!["sh".into(), "-c".into(), script.into()], patience)
    }

    /// Long enough on a busy machine; short for what never answers.
    const LONG: Duration = Duration::from_secs(30);
    const SHORT: Duration = Duration::from_millis(500);

    #[test]
    fn a_crash_a_loop_and_nonsense_cost_one_file_each() {
        for (script, says) in [
            ("kill -SEGV $$", "crashed"),
            ("cat > /dev/null & kill -ABRT $$", "crashed"),
            ("exit 3", "crashed"),
            ("exec sleep 60", "longer than"),
            ("while :; do :; done", "longer than"),
            ("printf '\\377\\377\\377\\377\\377\\377\\377\\377'", "crashed"),
            ("printf '\\002\\000\\000\\000\\000\\000\\000\\000{}'", "crashed"),
        ] {
            let patience = if says == "crashed" { LONG } else { SHORT };
            let said = stand_in(script, patience).ask::<Binary>(Ask::Text, &vec![0; 1 << 20], "题").unwrap_err();
            assert!(said.contains(says), "{script}: {said}");
        }
    }

    #[test]
    fn the_next_file_gets_a_new_process() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("crashed");
        let answer = serde_json::to_string(&Binary { media_type: "application/pdf".into(), ..Binary::default() }).unwrap();
        let file = folder.path().join("answer");
        std::fs::write(&file, [&(answer.len() as u64).to_le_bytes()[..], answer.as_bytes()].concat()).unwrap();
        let script =
            format!("if [ -e {0} ]; then cat {1}; exec sleep 60; else touch {0}; kill -SEGV $$; fi", mark.display(), file.display());
        let mut worker = stand_in(&script, LONG);
        assert!(worker.ask::<Binary>(Ask::Text, b"%PDF-", "").is_err());
        assert_eq!(worker.ask::<Binary>(Ask::Text, b"%PDF-", "").unwrap().media_type, "application/pdf");
    }

    #[test]
    fn blocks_come_back_and_cut_ones_are_errors() {
        let question = question(Ask::Text, "公告".as_bytes(), "题");
        let mut from = &question[..];
        assert_eq!(take_block(&mut from).unwrap().unwrap(), b"text");
        assert_eq!(take_block(&mut from).unwrap().unwrap(), "题".as_bytes());
        assert_eq!(take_block(&mut from).unwrap().unwrap(), "公告".as_bytes());
        assert!(take_block(&mut from).unwrap().is_none());
        assert!(take_block(&mut &question[..9]).is_err());
    }
}
