//! What is this value worth? Amounts, quantities, numbers in words and cells that hold no value,
//! read from a stretch of text with the exact place of what was read.

pub mod amount;
pub mod capitals;
pub mod number;
pub mod token;
