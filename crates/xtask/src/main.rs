//! Is the repository tidy? `cargo run -p xtask -- tidy` prints every breach of the house rules with
//! file and line; the same check runs as a test, so `cargo test` is the whole truth.

mod tidy;
mod weigh;

fn main() -> std::process::ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => report(&tidy::breaches(&tidy::root())),
        Some("weigh") if std::env::args().nth(2).as_deref() == Some("--check") => {
            weigh::check(&tidy::root());
            std::process::ExitCode::SUCCESS
        }
        Some("weigh") => match weigh::write(&tidy::root()) {
            Ok(()) => std::process::ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("rulebook/usages/weights.csv: {error}");
                std::process::ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("usage: cargo run -p xtask -- tidy | weigh [--check]   (weigh: with --release)");
            std::process::ExitCode::from(2)
        }
    }
}

fn report(breaches: &[String]) -> std::process::ExitCode {
    breaches.iter().for_each(|breach| println!("{breach}"));
    println!("{} breaches", breaches.len());
    std::process::ExitCode::from(u8::from(!breaches.is_empty()))
}
