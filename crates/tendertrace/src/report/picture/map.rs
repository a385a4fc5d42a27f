//! Where do the buyers sit? The provinces shaded by number; those for which the open shapes have no
//! outline stand beside as squares, and what has no place in the country is counted there too.

use super::place::{Label, apart};
use super::{Mark, Picture, marked, px, shade, wide};
use crate::report::{geojson, say};
use crate::rulebook::Rulebook;
use crate::rulebook::regions::Place;
use maud::{Markup, html};
use serde_json::Value;

/// A province: its code, its name on the map, its number.
pub struct Province {
    pub code: String,
    pub name: String,
    pub number: usize,
    pub mark: Mark,
}

/// What is counted beside the map.
pub struct Beside {
    pub name: String,
    pub number: usize,
    pub mark: Mark,
}

/// Where the outlines come from and what they lack; printed with every map.
pub const SOURCE: &str = "Outlines: public shapes under the MIT licence, simplified to two kilometres, in a projection of equal areas. They hold 31 of the 34 provincial units: Taiwan, Hong Kong and Macao are drawn as squares because the open shapes lack them, and no islands of the South China Sea are drawn. Borders are the source’s and no statement of ours.";

const WIDTH: f64 = 820.0;
const SIDE: f64 = 200.0;
const SQUARE: f64 = 30.0;

/// A province's name in English, as short as it is used.
pub fn english(place: &Place, rules: &Rulebook) -> String {
    let short = if place.short.is_empty() { &place.name } else { &place.short };
    say::gloss(short, rules).or_else(|| say::gloss(&place.name, rules)).unwrap_or_else(|| place.name.clone())
}

type Ring = Vec<(f64, f64)>;

struct Drawn<'a> {
    province: &'a Province,
    rings: Vec<Ring>,
    area: f64,
    middle: (f64, f64),
}

/// The map; a province without an outline is drawn as a square, never left out.
pub fn draw(title: &str, provinces: &[Province], beside: &[Beside]) -> Picture {
    let (with, without) = outlined(provinces);
    let most = provinces.iter().map(|p| p.number).max().unwrap_or(0);
    let height = with.iter().flat_map(|d| d.rings.iter().flatten()).map(|p| p.1).fold(380.0, f64::max) + 6.0;
    let labels = labels(&with, height);
    let lowest = labels.iter().map(|l| l.y + l.height / 2.0).fold(height, f64::max);
    let squares: Vec<(&str, usize, &Mark)> = without.iter().map(|p| (p.name.as_str(), p.number, &p.mark)).collect();
    let counted: Vec<(&str, usize, &Mark)> = beside.iter().map(|b| (b.name.as_str(), b.number, &b.mark)).collect();
    let drawn = html! {
        @for one in &with { (outline(one, most)) }
        @for (one, label) in with.iter().zip(&labels) { (named(one, label)) }
        text.s.small x=(px(WIDTH + 14.0)) y="24" { "No outline in the open shapes:" }
        @for (at, one) in squares.iter().enumerate() { (square(*one, 36.0 + at as f64 * (SQUARE + 8.0), most)) }
        @let below = 36.0 + squares.len() as f64 * (SQUARE + 8.0) + 22.0;
        text.s.small x=(px(WIDTH + 14.0)) y=(px(below)) { "Not on the map:" }
        @for (at, one) in counted.iter().enumerate() { (square(*one, below + 12.0 + at as f64 * (SQUARE + 8.0), 0)) }
    };
    let said = provinces.iter().filter(|p| p.number > 0).map(|p| format!("{} {}", p.name, say::count(p.number)));
    let said = said.chain(beside.iter().map(|b| format!("{} {}", b.name, say::count(b.number)))).collect::<Vec<_>>().join(", ");
    Picture { id: "map", title: title.into(), described: format!("{said}; all others none."), width: WIDTH + SIDE, height: lowest, drawn }
}

/// Provinces with an outline on the paper, and those without one.
fn outlined(provinces: &[Province]) -> (Vec<Drawn<'_>>, Vec<&Province>) {
    let shapes = geojson::outlines();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for province in provinces {
        match shapes.get(&province.code) {
            Some(polygons) => with.push((province, rings(polygons))),
            None => without.push(province),
        }
    }
    let points = || with.iter().flat_map(|(_, rings)| rings.iter().flatten());
    let (left, right) = points().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), p| (a.min(p.0), b.max(p.0)));
    let top = points().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
    let scale = (WIDTH - 12.0) / (right - left).max(1e-9);
    let on_paper = |p: &(f64, f64)| ((p.0 - left) * scale + 6.0, (top - p.1) * scale + 6.0);
    let drawn = with.iter().map(|(province, rings)| {
        let rings: Vec<Ring> = rings.iter().map(|ring| thinned(ring.iter().map(on_paper))).filter(|ring| ring.len() > 3).collect();
        let main = rings.iter().max_by(|a, b| area(a).abs().total_cmp(&area(b).abs())).cloned().unwrap_or_default();
        Drawn { province, area: area(&main).abs(), middle: middle(&main), rings }
    });
    (drawn.collect(), without)
}

fn rings(polygons: &Value) -> Vec<Ring> {
    let point = |p: &Value| albers(p[0].as_f64().unwrap_or_default(), p[1].as_f64().unwrap_or_default());
    let rings = polygons.as_array().into_iter().flatten().flat_map(|polygon| polygon.as_array().into_iter().flatten());
    rings.map(|ring| ring.as_array().into_iter().flatten().map(point).collect()).collect()
}

/// Equal areas between two parallels, as maps of the country are usually drawn: a province does not weigh
/// more for lying in the north.
fn albers(longitude: f64, latitude: f64) -> (f64, f64) {
    const PARALLELS: (f64, f64) = (25.0, 47.0);
    const MIDDLE: f64 = 105.0;
    let (first, second) = (PARALLELS.0.to_radians().sin(), PARALLELS.1.to_radians().sin());
    let n = (first + second) / 2.0;
    let c = 1.0 - first * first + 2.0 * n * first;
    let radius = (c - 2.0 * n * latitude.to_radians().sin()).sqrt() / n;
    let angle = n * (longitude - MIDDLE).to_radians();
    (radius * angle.sin(), -radius * angle.cos())
}

/// Without points that would fall into the pixel of the one before.
fn thinned(points: impl Iterator<Item = (f64, f64)>) -> Ring {
    let mut ring: Ring = Vec::new();
    for (x, y) in points {
        if ring.last().is_none_or(|last| (last.0 - x).abs() + (last.1 - y).abs() > 0.9) {
            ring.push((x, y));
        }
    }
    ring
}

fn area(ring: &Ring) -> f64 {
    let pairs = ring.iter().zip(ring.iter().cycle().skip(1));
    pairs.map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>() / 2.0
}

fn middle(ring: &Ring) -> (f64, f64) {
    let area = area(ring);
    if area.abs() < 1e-9 {
        return ring.first().copied().unwrap_or_default();
    }
    let pairs = ring.iter().zip(ring.iter().cycle().skip(1));
    let sum = pairs.fold((0.0, 0.0), |sum, (a, b)| {
        let cross = a.0 * b.1 - b.0 * a.1;
        (sum.0 + (a.0 + b.0) * cross, sum.1 + (a.1 + b.1) * cross)
    });
    (sum.0 / (6.0 * area), sum.1 / (6.0 * area))
}

fn outline(one: &Drawn, most: usize) -> Markup {
    let ring = |ring: &Ring| {
        let points: Vec<String> = ring.iter().map(|(x, y)| format!("{} {}", px(*x), px(*y))).collect();
        format!("M{}Z", points.join("L"))
    };
    let path: String = one.rings.iter().map(ring).collect();
    let shade = shade(one.province.number, most);
    let drawn = html! { path.land.(shade) d=(path) {} };
    if one.province.number == 0 {
        html! { g { title { (one.province.mark.said) } (drawn) } }
    } else {
        marked(&one.province.mark, drawn)
    }
}

const NAME: f64 = 10.0;
const NUMBER: f64 = 13.0;

/// A place for each name, the smallest provinces first: they have the least room.
fn labels(with: &[Drawn], height: f64) -> Vec<Label> {
    let size = |one: &Drawn| {
        let number = if one.province.number > 0 { NUMBER } else { 0.0 };
        let width = wide(&one.province.name, NAME).max(wide(&say::count(one.province.number), NUMBER)) + 4.0;
        Label { x: one.middle.0, y: one.middle.1, width, height: NAME + number + 3.0 }
    };
    let mut order: Vec<usize> = (0..with.len()).collect();
    order.sort_by(|a, b| with[*a].area.total_cmp(&with[*b].area));
    let wanted: Vec<Label> = order.iter().map(|at| size(&with[*at])).collect();
    let mut placed: Vec<(usize, Label)> = order.into_iter().zip(apart(&wanted, (WIDTH, height))).collect();
    placed.sort_by_key(|(at, _)| *at);
    placed.into_iter().map(|(_, label)| label).collect()
}

fn named(one: &Drawn, label: &Label) -> Markup {
    let (x, y) = one.middle;
    let far = (label.x - x).hypot(label.y - y) > 13.0;
    let top = label.y - label.height / 2.0;
    html! {
        @if far { path.lead d={ "M" (px(x)) " " (px(y)) "L" (px(label.x)) " " (px(label.y)) } {} }
        text.halo.tiny.s[one.province.number == 0] x=(px(label.x)) y=(px(top + NAME)) text-anchor="middle" aria-hidden="true" { (one.province.name) }
        @if one.province.number > 0 { text.halo.n x=(px(label.x)) y=(px(top + NAME + NUMBER)) text-anchor="middle" aria-hidden="true" { (say::count(one.province.number)) } }
    }
}

fn square((name, number, mark): (&str, usize, &Mark), top: f64, most: usize) -> Markup {
    let shade = if most == 0 { "h0" } else { shade(number, most) };
    let left = WIDTH + 14.0;
    let drawn = html! {
        rect.land.(shade) x=(px(left)) y=(px(top)) width=(px(SQUARE)) height=(px(SQUARE)) {}
        text.n.small x=(px(left + SQUARE / 2.0)) y=(px(top + 19.0)) text-anchor="middle" { (say::count(number)) }
        text.small x=(px(left + SQUARE + 8.0)) y=(px(top + 19.0)) { (name) }
    };
    if number == 0 {
        html! { g { title { (mark.said) } (drawn) } }
    } else {
        marked(mark, drawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::regions::Level;

    #[test]
    fn all_provinces_are_drawn_and_no_label_covers_another() {
        let rules = Rulebook::embedded();
        let provinces: Vec<Province> = rules
            .regions
            .places
            .iter()
            .filter(|p| p.level == Level::Province)
            .enumerate()
            .map(|(at, p)| Province {
                code: p.code.clone(),
                name: english(p, &rules),
                number: at * 37,
                mark: Mark { said: p.name.clone(), to: Some(format!("/findings?region={}", p.code)) },
            })
            .collect();
        assert_eq!(provinces.len(), 34);
        assert!(provinces.iter().all(|p| p.name.is_ascii()));
        let (with, without) = outlined(&provinces);
        assert_eq!((with.len(), without.len()), (31, 3), "the shapes lack three");
        let labels = labels(&with, 700.0);
        for (at, one) in labels.iter().enumerate() {
            assert!(labels[at + 1..].iter().all(|other| !one.covers(other)), "{}", with[at].province.name);
        }
        let beside = [Beside { name: "no region known".into(), number: 5, mark: Mark::default() }];
        let svg = draw("T", &provinces, &beside).on_page().into_string();
        assert_eq!(svg.matches("<a href").count(), 33, "all but the one with nothing");
        assert!(svg.len() < 150_000, "{}", svg.len());
    }

    #[test]
    fn equal_areas_stay_equal() {
        let cell = |latitude: f64| {
            let ring: Ring = [(100.0, 0.0), (101.0, 0.0), (101.0, 1.0), (100.0, 1.0)].map(|(x, y)| albers(x, latitude + y)).into();
            area(&ring).abs() / (latitude + 0.5).to_radians().cos()
        };
        assert!((cell(20.0) / cell(50.0) - 1.0).abs() < 0.01, "{} {}", cell(20.0), cell(50.0));
    }
}
