//! Whose names and products are there? `rulebook/brands/KEY.toml`, one file a brand: names,
//! product families, owners by date, the brand owner's own companies, and what merely looks like
//! them; `rulebook/mentions/guards.toml`: what makes a look-alike of any name.

use super::raw::{Files, Problem, Row};
use crate::script::Folder;
use daachorse::CharwiseDoubleArrayAhoCorasick;
use regex::Regex;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// One brand as its file states it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// Key of the contract: the file's stem.
    #[serde(skip)]
    pub key: String,
    pub name: String,
    #[serde(default)]
    pub legal_name: String,
    /// ISO 3166 country of the maker's head office.
    pub home: String,
    #[serde(default)]
    pub source: Vec<String>,
    #[serde(default)]
    pub names: Vec<Name>,
    #[serde(default)]
    pub products: Vec<Product>,
    /// Who owned the brand when; empty: the brand itself, always.
    #[serde(default)]
    pub owners: Vec<Owner>,
    /// Exact legal names of the brand owner's own companies.
    #[serde(default)]
    pub own_companies: Vec<String>,
    /// Longer strings in which the brand's letters mean something else.
    #[serde(default)]
    pub not_this: Vec<String>,
    /// Brands whose product right after a name of this one takes the name with it.
    #[serde(default)]
    pub yields_to: Vec<String>,
    #[serde(default)]
    pub note: String,
    pub examples: Examples,
}

/// A written form of the maker's name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    pub text: String,
    /// Words of which one must stand nearby: for short names and ordinary words.
    #[serde(default)]
    pub with: Vec<String>,
    /// Any word of the trade in the sentence does as well.
    #[serde(default)]
    pub trade: bool,
    /// Case as written counts (`GE`, not `ge`).
    #[serde(default)]
    pub exact: bool,
}

impl Name {
    /// Whether the name alone may be ordinary words or somebody else's.
    pub fn needs_context(&self) -> bool {
        self.trade || !self.with.is_empty()
    }
}

/// A product family and how it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    pub id: String,
    pub name: String,
    pub patterns: Vec<Pattern>,
    #[serde(default)]
    pub needs: Needs,
    /// Category words that make a bare model number credible.
    #[serde(default)]
    pub cues: Vec<String>,
    #[serde(default)]
    pub licence: Licence,
    /// Set where the model itself is made for surveillance or sold to police.
    #[serde(default)]
    pub customisation: Option<String>,
}

/// A literal on folded text and what may follow it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    pub start: String,
    /// Regular expression right after `start`.
    #[serde(default)]
    pub then: String,
}

/// What a product pattern needs beside itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    #[default]
    Nothing,
    /// A category word, or the maker's name, nearby.
    Cue,
    /// The maker's name nearby.
    Maker,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Licence {
    #[default]
    Commercial,
    Open,
    Either,
}

/// Ownership over a time; dates `YYYY-MM-DD`, empty where open.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    pub company: String,
    pub country: String,
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub to: String,
    pub source: String,
    /// Product ids that changed hands; empty: the whole brand.
    #[serde(default)]
    pub products: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    pub yes: Vec<String>,
    pub no: Vec<String>,
}

/// What makes a look-alike of any name (`mentions/guards.toml`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guards {
    /// Endings of organisations, and how far from the name they may stand.
    pub organisation_endings: Vec<Ending>,
    /// Endings of streets, buildings, places.
    pub place_endings: Vec<Ending>,
    /// Words that cannot stand inside an organisation's name: they end the search for an ending.
    pub not_inside_names: Vec<String>,
    /// Family names, one character each in one string.
    pub surnames: String,
    /// Titles of persons right after a name.
    pub person_titles: Vec<String>,
    /// Forms of address that stand only behind a person.
    pub person_honours: Vec<String>,
    /// Labels whose line holds people or addresses, not products.
    pub person_labels: Vec<String>,
    /// Characters that end a name's run.
    pub stops: String,
    /// Column and label words of brand cells, in which a name needs no further context.
    pub brand_labels: Vec<String>,
    /// Brand cells that name no brand.
    pub no_brand: Vec<String>,
    /// Words before an own company that make it a party.
    pub party_labels: Vec<String>,
    /// Words right before a company's name that are no part of it.
    pub company_openers: Vec<String>,
    /// Words, marks and endings of addresses on the network.
    pub url_pattern: String,
    /// Characters that may stand right before a name and are no part of it.
    pub name_openers: String,
    /// What makes a maker's name its firm's.
    pub firm: String,
    /// Words right before or behind a name that only its maker's name has.
    pub maker_before: Vec<String>,
    pub maker_after: Vec<String>,
    /// A model number right behind a name, on folded text.
    pub model_after: String,
    /// Words of the trade that make a name with `trade` credible.
    pub trade_words: Vec<String>,
    /// Characters a name may be away from a word it needs.
    pub with_within: usize,
    /// Characters a model may be away from its maker or category word.
    pub cue_within: usize,
    pub examples: Examples,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    pub text: String,
    pub within: usize,
    /// Strings that hold the ending and mean something else.
    #[serde(default)]
    pub not_this: Vec<String>,
}

/// What a literal stands for.
#[derive(Debug, Clone)]
pub enum Entry {
    Name {
        brand: usize,
        name: usize,
    },
    Product {
        brand: usize,
        product: usize,
        pattern: usize,
    },
    OwnCompany {
        brand: usize,
    },
    /// Not a brand; takes what lies inside.
    Blocker {
        brand: usize,
    },
}

/// The brands, compiled into one automaton over folded text.
pub struct Brands {
    pub brands: Vec<Brand>,
    pub guards: Guards,
    pub url: Regex,
    pub model_after: Regex,
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    literals: Vec<Vec<Entry>>,
    then: HashMap<(usize, usize, usize), Regex>,
}

/// A literal found: folded bytes and what it may be.
pub struct Hit<'a> {
    pub start: usize,
    pub end: usize,
    pub entries: &'a [Entry],
}

impl Brands {
    /// Every literal in folded text, overlapping ones too.
    pub fn hits<'a>(&'a self, folded: &'a str) -> impl Iterator<Item = Hit<'a>> + 'a {
        self.automaton.iter().flat_map(move |automaton| automaton.find_overlapping_iter(folded)).map(|hit| Hit {
            start: hit.start(),
            end: hit.end(),
            entries: &self.literals[hit.value() as usize],
        })
    }

    /// End of a product pattern that begins with the literal `start..end`.
    pub fn pattern_end(&self, entry: (usize, usize, usize), folded: &str, end: usize) -> Option<usize> {
        match self.then.get(&entry) {
            None => Some(end),
            Some(then) => then.find(&folded[end..]).map(|m| end + m.end()),
        }
    }

    pub fn by_key(&self, key: &str) -> Option<&Brand> {
        self.brands.binary_search_by(|b| b.key.as_str().cmp(key)).ok().map(|i| &self.brands[i])
    }
}

impl Brand {
    /// Owner of the brand (or of `product`) on an ISO date: company key and country.
    pub fn owner_on(&self, date: Option<&str>, product: Option<&str>) -> (String, String) {
        let fits = |owner: &&Owner| match product {
            Some(product) => owner.products.is_empty() || owner.products.iter().any(|p| p == product),
            None => owner.products.is_empty(),
        };
        let date = date.unwrap_or("9999-12-31");
        let mut owners: Vec<&Owner> = self.owners.iter().filter(fits).filter(|o| o.holds(date)).collect();
        owners.sort_by_key(|o| o.products.is_empty());
        match owners.first() {
            Some(owner) => (owner.company.clone(), owner.country.clone()),
            None => (self.key.clone(), self.home.clone()),
        }
    }
}

impl Owner {
    fn holds(&self, date: &str) -> bool {
        (self.from.is_empty() || self.from.as_str() <= date) && (self.to.is_empty() || date < self.to.as_str())
    }
}

/// Loads and compiles `brands/` and `mentions/`.
pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Brands {
    let mut rows = files.toml::<Brand>("brands/", problems);
    for row in &mut rows {
        row.value.key = row.stem().to_string();
        check(row, problems);
    }
    rows.sort_by(|a, b| a.value.key.cmp(&b.value.key));
    let guards = files.toml::<Guards>("mentions/guards", problems).pop().map(|row| row.value).unwrap_or_default();
    let then = compile_patterns(&rows, problems);
    let (literals, automaton) = automaton(&rows, folder, problems);
    let url = guard_pattern(&guards.url_pattern, problems);
    let model_after = guard_pattern(&guards.model_after, problems);
    let guards = fold_guards(guards, folder);
    let mut brands: Vec<Brand> = rows.into_iter().map(|row| row.value).collect();
    brands.iter_mut().for_each(|brand| fold_context(brand, folder));
    Brands { brands, guards, url, model_after, automaton, literals, then }
}

fn guard_pattern(pattern: &str, problems: &mut Vec<Problem>) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| {
        problems.push(file_problem("mentions/guards.toml", error.to_string()));
        Regex::new("$^").expect("constant")
    })
}

fn check(row: &Row<Brand>, problems: &mut Vec<Problem>) {
    let brand = &row.value;
    if brand.examples.yes.is_empty() || brand.examples.no.is_empty() {
        problems.push(row.problem("a brand needs a yes- and a no-example", "add them under [examples]"));
    }
    for name in &brand.names {
        if too_short(&name.text) && name.with.is_empty() {
            let message = format!("the name {:?} is too short to stand alone", name.text);
            problems.push(row.problem(message, "add `with`: words of which one must stand nearby"));
        }
    }
    for product in &brand.products {
        if product.needs == Needs::Cue && product.cues.is_empty() {
            problems.push(row.problem(format!("product {} needs a cue and names none", product.id), "add `cues`"));
        }
    }
}

fn too_short(text: &str) -> bool {
    let han = text.chars().filter(|c| crate::script::is_han(*c)).count();
    if han > 0 { han < 2 && text.chars().count() < 3 } else { text.chars().count() < 3 }
}

fn compile_patterns(rows: &[Row<Brand>], problems: &mut Vec<Problem>) -> HashMap<(usize, usize, usize), Regex> {
    let mut compiled = HashMap::new();
    for (b, row) in rows.iter().enumerate() {
        for (p, product) in row.value.products.iter().enumerate() {
            for (n, pattern) in product.patterns.iter().enumerate().filter(|(_, p)| !p.then.is_empty()) {
                match Regex::new(&format!("^(?:{})", pattern.then)) {
                    Ok(regex) => drop(compiled.insert((b, p, n), regex)),
                    Err(error) => problems.push(row.problem(format!("product {}: {error}", product.id), "")),
                }
            }
        }
    }
    compiled
}

type Compiled = (Vec<Vec<Entry>>, Option<CharwiseDoubleArrayAhoCorasick<u32>>);

fn automaton(rows: &[Row<Brand>], folder: &Folder, problems: &mut Vec<Problem>) -> Compiled {
    let mut by_literal: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for (b, row) in rows.iter().enumerate() {
        for (literal, entry) in entries(b, &row.value) {
            let folded = folder.plain(literal);
            if folded.is_empty() {
                problems.push(row.problem("an empty name or pattern start", ""));
                continue;
            }
            by_literal.entry(folded).or_default().push(entry);
        }
    }
    if by_literal.is_empty() {
        return (Vec::new(), None);
    }
    let built = CharwiseDoubleArrayAhoCorasick::with_values(by_literal.keys().zip(0u32..));
    let automaton = match built {
        Ok(automaton) => Some(automaton),
        Err(error) => {
            problems.push(file_problem("brands/", error.to_string()));
            None
        }
    };
    (by_literal.into_values().collect(), automaton)
}

fn entries(b: usize, brand: &Brand) -> Vec<(&str, Entry)> {
    let mut all: Vec<(&str, Entry)> = Vec::new();
    all.extend(brand.names.iter().enumerate().map(|(n, name)| (name.text.as_str(), Entry::Name { brand: b, name: n })));
    all.extend(brand.own_companies.iter().map(|company| (company.as_str(), Entry::OwnCompany { brand: b })));
    all.extend(brand.not_this.iter().map(|text| (text.as_str(), Entry::Blocker { brand: b })));
    for (p, product) in brand.products.iter().enumerate() {
        let patterns = product.patterns.iter().enumerate();
        all.extend(patterns.map(|(n, pattern)| (pattern.start.as_str(), Entry::Product { brand: b, product: p, pattern: n })));
    }
    all
}

fn fold_all(words: &mut [String], folder: &Folder) {
    words.iter_mut().for_each(|word| *word = folder.plain(word));
}

fn fold_context(brand: &mut Brand, folder: &Folder) {
    brand.names.iter_mut().for_each(|name| fold_all(&mut name.with, folder));
    brand.products.iter_mut().for_each(|product| fold_all(&mut product.cues, folder));
}

fn fold_guards(mut guards: Guards, folder: &Folder) -> Guards {
    for list in [
        &mut guards.not_inside_names,
        &mut guards.person_titles,
        &mut guards.person_honours,
        &mut guards.person_labels,
        &mut guards.brand_labels,
        &mut guards.no_brand,
        &mut guards.party_labels,
        &mut guards.company_openers,
        &mut guards.maker_before,
        &mut guards.maker_after,
        &mut guards.trade_words,
    ] {
        fold_all(list, folder);
    }
    for ending in guards.organisation_endings.iter_mut().chain(&mut guards.place_endings) {
        ending.text = folder.plain(&ending.text);
        fold_all(&mut ending.not_this, folder);
    }
    guards
}

fn file_problem(file: &str, message: String) -> Problem {
    Problem { file: file.to_string(), line: 0, column: 0, message, excerpt: String::new(), help: String::new() }
}
