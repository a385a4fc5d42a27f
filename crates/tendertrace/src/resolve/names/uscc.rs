//! Is this a unified social credit code? Eighteen characters with the check character of GB 32100.

const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// Whether `code` is a code whose check character holds.
pub fn is_valid(code: &str) -> bool {
    let values: Vec<usize> = code.bytes().filter_map(value).collect();
    values.len() == 18 && code.len() == 18 && check(&values) == values[17]
}

/// The first valid code in a text, in capitals.
pub fn find(text: &str) -> Option<String> {
    let runs = text.split(|c: char| !c.is_ascii_alphanumeric());
    runs.map(str::to_ascii_uppercase).find(|run| is_valid(run))
}

fn value(byte: u8) -> Option<usize> {
    ALPHABET.iter().position(|known| *known == byte)
}

fn check(values: &[usize]) -> usize {
    let sum: usize = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    (31 - sum % 31) % 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_character_decides() {
        assert!(is_valid("91110000100001043E"));
        assert!(!is_valid("91110000100001043F"));
        assert!(!is_valid("91110000100001043"));
        assert_eq!(find("示例公司（91110000100001043e）").as_deref(), Some("91110000100001043E"));
        assert_eq!(find("电话13800000000"), None);
    }
}
