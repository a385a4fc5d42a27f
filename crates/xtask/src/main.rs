//! Is the repository tidy? `cargo run -p xtask -- tidy` prints every breach of the house rules with
//! file and line; the same check runs as a test, so `cargo test` is the whole truth.

mod tidy;

fn main() -> std::process::ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => report(&tidy::breaches(&tidy::root())),
        _ => {
            eprintln!("usage: cargo run -p xtask -- tidy");
            std::process::ExitCode::from(2)
        }
    }
}

fn report(breaches: &[String]) -> std::process::ExitCode {
    breaches.iter().for_each(|breach| println!("{breach}"));
    println!("{} breaches", breaches.len());
    std::process::ExitCode::from(u8::from(!breaches.is_empty()))
}
