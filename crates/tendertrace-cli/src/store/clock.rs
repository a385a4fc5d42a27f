//! What time is it? One place, so that a run can be repeated with the same answer: the environment
//! variable `SOURCE_DATE_EPOCH` (seconds, as reproducible builds use it) stands in for the clock.

/// Now, in UTC to the second.
pub fn now() -> String {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    let now = fixed.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()).unwrap_or_else(jiff::Timestamp::now);
    format!("{now:.0}")
}

/// Today, as an ISO day.
pub fn today() -> String {
    now().chars().take("2026-01-31".len()).collect()
}
