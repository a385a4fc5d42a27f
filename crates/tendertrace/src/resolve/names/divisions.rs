//! Which words of a Latin name are its place? A known place, or a word in pinyin before `County` or
//! `City`, with what belongs to the name of a division (`Wenshan Zhuang and Miao Autonomous Prefecture`).
//! Pinyin of one place may be that of several: all are kept until another place of the name decides.

use super::latin::Token;
use crate::rulebook::Rulebook;
use crate::rulebook::names::Class;
use crate::rulebook::regions::Level;

/// Most words that stand between a place and its kind.
const BETWEEN: usize = 7;

/// Makes one word of each division's name.
pub fn merged(tokens: Vec<Token>, rules: &Rulebook) -> Vec<Token> {
    let mut merged: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let (token, length) = division(&tokens[at..], rules).unwrap_or_else(|| (alone(tokens[at].clone(), rules), 1));
        merged.push(token);
        at += length;
    }
    merged
}

/// A word that names no division: a people's name or `shi` may be anybody's name then.
fn alone(token: Token, rules: &Rulebook) -> Token {
    match token.class {
        Class::People | Class::Division if rules.names.syllables(&token.text).is_some() => {
            Token { class: Class::Name, concept: None, ..token }
        }
        Class::People => Token { class: Class::Generic, ..token },
        _ => token,
    }
}

/// The division that begins here, and how many words name it.
fn division(tokens: &[Token], rules: &Rulebook) -> Option<(Token, usize)> {
    let head = &tokens[0];
    let is_name = head.class == Class::Name && rules.names.syllables(&head.text).is_some();
    if head.class != Class::Place && !is_name {
        return None;
    }
    let at = kind_at(tokens)?;
    let levels = levels(&rules.names.concepts[tokens[at].concept? as usize]);
    let fits = |place: &usize| levels.contains(&rules.regions.places[*place].level);
    let known: Vec<usize> = head.places.iter().copied().filter(fits).collect();
    let places = match known.is_empty() {
        true => rules.names.counties.get(&head.text).into_iter().flatten().copied().filter(fits).collect(),
        false => known,
    };
    // Of a word that is no place as far as we know, only `County` and the like make one.
    let told = !places.is_empty() || levels == [Level::County];
    (told || head.class == Class::Place).then(|| {
        let places = if told { places } else { head.places.clone() };
        (Token { class: Class::Place, places, concept: None, text: head.text.clone() }, at + 1)
    })
}

/// Where the kind of the division stands: at once, or behind the peoples of an autonomous one.
fn kind_at(tokens: &[Token]) -> Option<usize> {
    let between = |token: &Token| matches!(token.class, Class::People | Class::Generic);
    let at = 1 + tokens[1..].iter().take(BETWEEN).take_while(|token| between(token)).count();
    let peoples = tokens[1..at].iter().any(|token| token.class == Class::People);
    (tokens.get(at)?.class == Class::Division && (at == 1 || peoples)).then_some(at)
}

fn levels(kind: &str) -> &'static [Level] {
    match kind {
        "county" => &[Level::County],
        "city" => &[Level::Prefecture, Level::County, Level::Province],
        "prefecture" => &[Level::Prefecture],
        _ => &[Level::Province],
    }
}

/// The places of a name, the narrowest that all its words allow.
pub fn narrowest(tokens: &[Token], rules: &Rulebook) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for token in tokens.iter().filter(|token| !token.places.is_empty()) {
        let mut both: Vec<usize> = Vec::new();
        for one in &found {
            for other in &token.places {
                if one == other || rules.regions.within(*other, *one) {
                    both.push(*other);
                } else if rules.regions.within(*one, *other) {
                    both.push(*one);
                }
            }
        }
        // Places that do not lie in one another are both the name's.
        found = if both.is_empty() { found.into_iter().chain(token.places.iter().copied()).collect() } else { both };
        found.sort_unstable();
        found.dedup();
    }
    found
}
