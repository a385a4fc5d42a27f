//! What would a case of a million notices be made of? `notices N SEED` prints invented capture lines:
//! projects with their stages, bodies and sellers that come back, real brands among plain goods, copies
//! on other sites. One project is in memory at a time.

use crate::dice::Dice;
use serde::Deserialize;
use std::io::{BufWriter, Write as _};
use tendertrace::rulebook::Rulebook;
use tendertrace::rulebook::regions::Level;

#[derive(Deserialize)]
struct Words {
    mark: String,
    towns: Vec<String>,
    levels: Vec<String>,
    cores: String,
    sellers: Vec<String>,
    trades: Vec<String>,
    forms: Vec<String>,
    agencies: Vec<String>,
    sites: Vec<String>,
    strange: Vec<String>,
    unnamed: String,
    date: String,
    bodies: Vec<Body>,
    themes: Vec<Theme>,
    layouts: Vec<Layout>,
}

#[derive(Deserialize)]
struct Body {
    name: String,
    themes: Vec<String>,
}

#[derive(Deserialize)]
struct Theme {
    id: String,
    titles: Vec<String>,
    /// Name, brand, model, unit, price.
    goods: Vec<[String; 5]>,
}

#[derive(Deserialize)]
struct Layout {
    stage: String,
    suffix: String,
    media: String,
    text: String,
    row: String,
}

/// A line of a project's goods.
struct Line<'a> {
    good: &'a [String; 5],
    quantity: usize,
    price: usize,
}

/// What all notices of a project say.
struct Project<'a> {
    number: String,
    name: String,
    buyer: String,
    seller: String,
    loser: String,
    agency: String,
    lines: Vec<Line<'a>>,
    /// Whether its notices say which brands: most do not.
    names_brands: bool,
    sum: usize,
    year: usize,
    month: usize,
}

/// One invented notice.
struct Made {
    url: String,
    title: String,
    day: String,
    media: String,
    content: String,
}

struct World {
    words: Words,
    cores: Vec<char>,
    provinces: Vec<String>,
}

/// Bodies and sellers that come back; the first of them often.
const TOWNS: usize = 6_000;
const SELLERS: usize = 40_000;
/// Of a hundred projects, those whose notices name brands and models.
const BRANDED: usize = 30;
/// What a project's notices are, in their order.
const COURSES: [&[&str]; 9] = [
    &["tender", "award"],
    &["tender", "award", "contract"],
    &["tender", "correction", "award"],
    &["tender", "candidate", "award"],
    &["tender", "cancellation"],
    &["single_source", "award"],
    &["award"],
    &["award", "contract", "acceptance"],
    &["tender"],
];

/// Prints `count` capture lines invented by `seed`.
pub fn write(count: usize, seed: u64) -> Result<(), String> {
    let world = World::new()?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut dice = Dice(seed);
    let mut left = count;
    for project in 0.. {
        for made in world.project(project, &mut dice).into_iter().take(left) {
            left -= 1;
            let line = serde_json::json!({"url": made.url, "title": made.title, "published": made.day, "media_type": made.media, "content": made.content});
            writeln!(out, "{line}").map_err(|error| error.to_string())?;
        }
        if left == 0 {
            break;
        }
    }
    out.flush().map_err(|error| error.to_string())
}

impl World {
    fn new() -> Result<World, String> {
        let words: Words = toml::from_str(include_str!("notices.toml")).map_err(|error| error.to_string())?;
        let rules = Rulebook::embedded();
        let provinces =
            rules.regions.places.iter().filter(|place| place.level == Level::Province).map(|place| place.name.clone()).collect();
        Ok(World { cores: words.cores.chars().collect(), words, provinces })
    }

    /// All notices of the project of this number.
    fn project(&self, number: usize, dice: &mut Dice) -> Vec<Made> {
        let project = self.invent(number, dice);
        let mut made = Vec::new();
        for (step, stage) in dice.of(&COURSES).iter().enumerate() {
            let site = dice.of(&self.words.sites);
            made.push(self.notice(&project, stage, step, &format!("http://{site}/{}/{number}-{step}.html", project.year), dice));
            if dice.in_hundred(4) {
                let first = &made[made.len() - 1];
                let url = format!("http://mirror.example.net/{number}-{step}.html");
                made.push(Made {
                    url,
                    title: first.title.clone(),
                    day: first.day.clone(),
                    media: first.media.clone(),
                    content: first.content.replace("</body>", "\n</body>") + "\n",
                });
            }
        }
        made
    }

    fn invent(&self, number: usize, dice: &mut Dice) -> Project<'_> {
        let body = dice.of(&self.words.bodies);
        let theme = dice.of(&body.themes);
        let theme = self.words.themes.iter().find(|known| known.id == *theme).expect("a theme of the file");
        let town = self.town(dice.skewed(TOWNS));
        let lines: Vec<Line> = self.lines(theme, dice);
        let goods: usize = lines.iter().map(|line| line.quantity * line.price).sum();
        let year = 2008 + dice.below(18);
        Project {
            number: format!("{}{}-{year}-{number:06}", ["SL", "YB", "XG"][dice.below(3)], ["ZC", "CG", "GK"][dice.below(3)]),
            name: format!("{town}{}{}", body.name, dice.of(&theme.titles)),
            buyer: format!("{town}{}", body.name),
            seller: self.seller(dice.skewed(SELLERS)),
            loser: self.seller(dice.below(SELLERS)),
            agency: format!("{}{}", dice.of(&self.words.towns), dice.of(&self.words.agencies)),
            sum: if goods > 0 { goods } else { 10_000 * (3 + dice.below(900)) },
            lines,
            names_brands: dice.in_hundred(BRANDED),
            year,
            month: 1 + dice.below(9),
        }
    }

    fn lines<'a>(&self, theme: &'a Theme, dice: &mut Dice) -> Vec<Line<'a>> {
        let wanted = if theme.goods.is_empty() { 0 } else { 1 + dice.skewed(theme.goods.len()) };
        let first = dice.below(theme.goods.len().max(1));
        let line = |at: usize, dice: &mut Dice| {
            let good = &theme.goods[(first + at) % theme.goods.len()];
            let price: usize = good[4].parse().expect("a price");
            Line { good, quantity: 1 + dice.skewed(60), price: price + price / 100 * dice.below(12) }
        };
        (0..wanted).map(|at| line(at, dice)).collect()
    }

    /// The town of this number: always the same one.
    fn town(&self, number: usize) -> String {
        let mut dice = Dice(number as u64);
        let province = dice.of(&self.provinces);
        format!("{province}{}{}{}{}", dice.of(&self.words.towns), dice.of(&self.cores), dice.of(&self.cores), dice.of(&self.words.levels))
    }

    fn seller(&self, number: usize) -> String {
        let mut dice = Dice(number as u64 ^ 0x5E11);
        let words = &self.words;
        let core: String = (0..2 + dice.below(2)).map(|_| *dice.of(&self.cores)).collect();
        format!("{}{core}{}{}", dice.of(&words.sellers), dice.of(&words.trades), dice.of(&words.forms))
    }

    fn notice(&self, project: &Project, stage: &str, step: usize, url: &str, dice: &mut Dice) -> Made {
        let layouts: Vec<&Layout> = self.words.layouts.iter().filter(|layout| layout.stage == stage).collect();
        let layout = dice.of(&layouts);
        let title = format!("{}{}", project.name, layout.suffix);
        let (month, day) = (project.month + step, 1 + dice.below(28));
        let strange = if dice.in_hundred(12) { dice.of(&self.words.strange).as_str() } else { "" };
        let content = self.filled(project, layout, &title, (month, day), strange);
        Made { url: url.to_string(), title, day: format!("{}-{month:02}-{day:02}", project.year), media: layout.media.clone(), content }
    }

    fn filled(&self, project: &Project, layout: &Layout, title: &str, (month, day): (usize, usize), strange: &str) -> String {
        let year = project.year;
        let rows: String = project.lines.iter().enumerate().map(|(at, line)| self.row(&layout.row, at + 1, line, project)).collect();
        let brands: Vec<String> = project
            .lines
            .iter()
            .map(|line| format!("{}{}{}{}{}", line.good[1], line.good[2], line.good[0], line.quantity, line.good[3]))
            .collect();
        let brands = if brands.is_empty() || !project.names_brands { self.words.unnamed.clone() } else { brands.join("、") };
        fill(
            &layout.text,
            &[
                ("title", title),
                ("mark", &self.words.mark),
                ("project", &project.name),
                ("number", &project.number),
                ("buyer", &project.buyer),
                ("seller", &project.seller),
                ("loser", &project.loser),
                ("agency", &project.agency),
                ("date", &fill(&self.words.date, &[("year", &year.to_string()), ("month", &month.to_string()), ("day", &day.to_string())])),
                ("day", &format!("{year}-{month:02}-{day:02}")),
                ("sum", &project.sum.to_string()),
                ("sum_wan", &format!("{}.{:04}", project.sum / 10_000, project.sum % 10_000)),
                ("budget", &(project.sum / 1_000 * 1_060 + 1_000).to_string()),
                ("rows", &rows),
                ("brands", &brands),
                ("strange", strange),
            ],
        )
    }

    fn row(&self, template: &str, number: usize, line: &Line, project: &Project) -> String {
        let [name, brand, model, unit, _] = line.good;
        fill(
            template,
            &[
                ("n", &number.to_string()),
                ("seller", &project.seller),
                ("name", name),
                ("brand", if project.names_brands { brand } else { &self.words.unnamed }),
                ("model", if project.names_brands { model } else { &self.words.unnamed }),
                ("unit", unit),
                ("quantity", &line.quantity.to_string()),
                ("price", &line.price.to_string()),
                ("line", &(line.price * line.quantity).to_string()),
            ],
        )
    }
}

/// A template with its `{fields}` filled, in one pass.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, behind) = after.split_once('}').expect("a field is closed");
        out.push_str(values.iter().find(|(known, _)| *known == name).expect("a field of the list").1);
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use tendertrace::model::{Budget, Capture};

    #[test]
    fn the_same_seed_invents_the_same_and_the_program_understands_it() {
        let world = World::new().unwrap();
        let lines = |seed: u64| {
            let mut dice = Dice(seed);
            (0..120)
                .flat_map(|number| world.project(number, &mut dice))
                .map(|made| (made.title, made.media, made.content))
                .collect::<Vec<_>>()
        };
        let made = lines(7);
        assert_eq!(made, lines(7));
        assert_ne!(made, lines(8));
        let rules = Rulebook::embedded();
        let (mut buyers, mut awards, mut sellers, mut findings) = (0, 0, 0, 0);
        for (title, media, content) in &made {
            assert!(!content.contains(['{', '}']), "{content}");
            let capture =
                Capture { title: Some(title.clone()), media_type: Some(media.clone()), ..Capture::of_bytes(content.clone().into_bytes()) };
            let examined = tendertrace::examine(&capture, &rules, &Budget::default());
            let notice = examined[0].notice.as_ref().unwrap();
            buyers += usize::from(notice.buyer.is_some());
            let award = content.contains("供应商名称：") || content.contains("成交供应商：");
            awards += usize::from(award);
            sellers += usize::from(award && notice.awards.iter().any(|award| !award.suppliers.is_empty()));
            findings += examined[0].findings.len();
        }
        assert!(buyers * 100 > made.len() * 95, "{buyers} of {}", made.len());
        assert!(awards > 20 && sellers * 100 > awards * 95, "{sellers} of {awards}");
        assert!(findings > made.len() / 5, "{findings} of {}", made.len());
    }
}
