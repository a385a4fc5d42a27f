//! Is the repository tidy? `cargo run -p xtask -- tidy` prints every breach of the house rules with
//! file and line; the same check runs as a test, so `cargo test` is the whole truth.

mod dice;
mod mentions;
mod notices;
mod screening;
mod tidy;
mod weigh;

fn main() -> std::process::ExitCode {
    let number = |at: usize| std::env::args().nth(at).and_then(|text| text.parse::<u64>().ok());
    match std::env::args().nth(1).as_deref() {
        Some("mentions") => ended(mentions::write(&tidy::root(), number(2).unwrap_or(100_000) as usize, number(3).unwrap_or(1))),
        Some("notices") => ended(notices::write(number(2).unwrap_or(1_000) as usize, number(3).unwrap_or(1))),
        Some("resolve") => ended(mentions::measure(std::path::Path::new(&std::env::args().nth(2).unwrap_or_default()))),
        Some("names") => ended(screening::write(
            &tidy::root(),
            number(2).unwrap_or(50_000) as usize,
            number(3).unwrap_or(100_000) as usize,
            number(4).unwrap_or(1),
            std::path::Path::new(&std::env::args().nth(5).unwrap_or_default()),
        )),
        Some("recall") => ended(screening::recall(
            std::path::Path::new(&std::env::args().nth(2).unwrap_or_default()),
            number(3).unwrap_or(300) as usize,
            number(4).unwrap_or(1) as usize,
        )),
        Some("pairs") => ended(screening::pairs(std::path::Path::new(&std::env::args().nth(2).unwrap_or_default()))),
        Some("tidy") => report(&tidy::breaches(&tidy::root())),
        Some("weigh") if std::env::args().nth(2).as_deref() == Some("--check") => {
            weigh::check(&tidy::root());
            std::process::ExitCode::SUCCESS
        }
        Some("weigh") => ended(weigh::write(&tidy::root()).map_err(|error| format!("rulebook/usages/weights.csv: {error}"))),
        _ => {
            eprintln!(
                "usage: cargo run -p xtask -- tidy | weigh [--check] | mentions COUNT SEED | notices COUNT SEED | resolve FILE | names ENTRIES QUERIES SEED FOLDER | recall FOLDER COUNT EVERY | pairs FILE   (all but tidy: with --release)"
            );
            std::process::ExitCode::from(2)
        }
    }
}

fn ended(result: Result<(), String>) -> std::process::ExitCode {
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn report(breaches: &[String]) -> std::process::ExitCode {
    breaches.iter().for_each(|breach| println!("{breach}"));
    println!("{} breaches", breaches.len());
    std::process::ExitCode::from(u8::from(!breaches.is_empty()))
}
