//! Whose products went through whom to whom? Brands, sellers and buyers as three columns of boxes, with
//! bands between them as broad as they have contracting processes. The order within a column is the
//! one of the fewest crossings found, the same for the same numbers; what did not fit is one box more.

use super::{Mark, Picture, fit, marked, px};
use crate::report::say;
use maud::{Markup, html};

/// A brand, seller or buyer.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    pub name: String,
    /// The name in English, where there is one.
    pub gloss: Option<String>,
    pub number: usize,
    pub mark: Mark,
    pub what: What,
}

/// Whether a box is one organisation or all that did not fit; the rest stands last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    #[default]
    One,
    Rest,
}

/// A band from a node of one column to a node of the next, by their places.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tie {
    pub from: usize,
    pub to: usize,
    pub number: usize,
    pub mark: Mark,
}

/// Three columns, and the ties from the first to the second and from the second to the third.
#[derive(Debug, Clone, Default)]
pub struct Network {
    pub columns: [Vec<Node>; 3],
    pub ties: [Vec<Tie>; 2],
}

/// Left edge and width of each column.
const COLUMNS: [(f64, f64); 3] = [(1.0, 168.0), (327.0, 306.0), (795.0, 306.0)];
const WIDTH: f64 = 1102.0;
const HEAD: f64 = 30.0;
const GAP: f64 = 6.0;
const ONE_LINE: f64 = 24.0;
const TWO_LINES: f64 = 38.0;
const THIN: f64 = 1.2;
const BROAD: f64 = 7.0;
/// Times the columns are put in order by turns.
const SWEEPS: usize = 16;

/// A box on the paper.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    top: f64,
    height: f64,
}

pub fn draw(title: &str, network: &Network) -> Picture {
    let order = ordered(network);
    let broad = breadth(network);
    let places = places(network, &order, broad);
    let height = places.iter().flatten().map(|p| p.top + p.height).fold(HEAD, f64::max) + 4.0;
    let drawn = html! {
        @for (at, name) in ["Brands", "Sellers of record", "Buyers"].iter().enumerate() { text.n x=(px(COLUMNS[at].0 + 8.0)) y="16" { (name) } }
        @for (at, ties) in network.ties.iter().enumerate() { (bands(ties, at, &places, &order, broad)) }
        @for (at, nodes) in network.columns.iter().enumerate() { @for place in &order[at] { (boxed(&nodes[*place], COLUMNS[at], places[at][*place])) } }
    };
    Picture { id: "network", title: title.into(), described: described(network), width: WIDTH, height, drawn }
}

fn described(network: &Network) -> String {
    let [brands, sellers, buyers] = network.columns.each_ref().map(|nodes| nodes.iter().filter(|n| n.what == What::One).count());
    format!(
        "{}, {} and {}, joined by {}.",
        say::counted(brands, "brand", "brands"),
        say::counted(sellers, "seller", "sellers"),
        say::counted(buyers, "buyer", "buyers"),
        say::counted(network.ties.iter().map(Vec::len).sum(), "band", "bands")
    )
}

/// The places of each column from top to bottom.
type Order = [Vec<usize>; 3];

/// Begins with the largest first, then lets each column follow its neighbours by turns, and keeps the
/// order with the fewest crossings.
fn ordered(network: &Network) -> Order {
    // Sums of fractions depend on their order.
    let mut network = network.clone();
    network.ties.iter_mut().for_each(|ties| ties.sort_unstable());
    let network = &network;
    let first = |nodes: &Vec<Node>| {
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.sort_by(|a, b| (nodes[*a].what, nodes[*b].number, &nodes[*a].name).cmp(&(nodes[*b].what, nodes[*a].number, &nodes[*b].name)));
        order
    };
    let mut now: Order = network.columns.each_ref().map(first);
    let (mut best, mut fewest) = (now.clone(), crossings(network, &now));
    for sweep in 0..SWEEPS {
        let turns = if sweep % 2 == 0 { [1, 2, 0] } else { [1, 0, 2] };
        turns.into_iter().for_each(|column| follow(network, &mut now, column));
        let crossed = crossings(network, &now);
        if crossed < fewest {
            (best, fewest) = (now.clone(), crossed);
        }
    }
    best
}

/// Puts a column in the order of the middle of what each node is tied to.
fn follow(network: &Network, order: &mut Order, column: usize) {
    let nodes = &network.columns[column];
    // Whole numbers a side: sums of fractions would hang on the order of the ties.
    let mut sums = vec![([0, 0], 0); nodes.len()];
    let mut lengths = [1, 1];
    for (side, ties) in network.ties.iter().enumerate() {
        let Some(other) = [side, side + 1].into_iter().find(|c| *c != column).filter(|_| column == side || column == side + 1) else {
            continue;
        };
        let rank = ranks(&order[other]);
        lengths[side] = order[other].len();
        for tie in ties {
            let (own, far) = if column == side { (tie.from, tie.to) } else { (tie.to, tie.from) };
            sums[own].0[side] += (2 * rank[far] + 1) * tie.number;
            sums[own].1 += tie.number;
        }
    }
    let share = |sum: usize, length: usize| sum as f64 / (2 * length) as f64;
    let middle = |at: usize| match sums[at] {
        (_, 0) => 1.0,
        ([left, right], all) => (share(left, lengths[0]) + share(right, lengths[1])) / all as f64,
    };
    order[column].sort_by(|a, b| {
        let rest = nodes[*a].what.cmp(&nodes[*b].what);
        rest.then(middle(*a).total_cmp(&middle(*b))).then_with(|| nodes[*a].name.cmp(&nodes[*b].name))
    });
}

fn ranks(order: &[usize]) -> Vec<usize> {
    let mut ranks = vec![0; order.len()];
    order.iter().enumerate().for_each(|(rank, place)| ranks[*place] = rank);
    ranks
}

/// Pairs of bands that cross, counted with a tree of sums: no band is compared with every other.
fn crossings(network: &Network, order: &Order) -> u64 {
    let mut crossed = 0;
    for (side, ties) in network.ties.iter().enumerate() {
        let (from, to) = (ranks(&order[side]), ranks(&order[side + 1]));
        let mut ends: Vec<(usize, usize)> = ties.iter().map(|tie| (from[tie.from], to[tie.to])).collect();
        ends.sort_unstable();
        let mut sums = vec![0u64; to.len() + 1];
        for (seen, (_, end)) in ends.iter().enumerate() {
            let (mut at, mut before) = (end + 1, 0);
            while at > 0 {
                before += sums[at];
                at &= at - 1;
            }
            crossed += seen as u64 - before;
            let mut at = end + 1;
            while at < sums.len() {
                sums[at] += 1;
                at += at & at.wrapping_neg();
            }
        }
    }
    crossed
}

/// How broad one process is, so that the fullest column is not much taller than its boxes.
fn breadth(network: &Network) -> f64 {
    let rows = network.columns.iter().map(Vec::len).max().unwrap_or(0).max(1) as f64;
    let heaviest = network.ties.iter().map(|ties| ties.iter().map(|t| t.number).sum::<usize>()).max().unwrap_or(0).max(1);
    (rows * ONE_LINE * 0.7 / heaviest as f64).min(BROAD)
}

fn thick(number: usize, broad: f64) -> f64 {
    (number as f64 * broad).max(THIN)
}

/// Where the boxes stand: each as high as its bands need, a column with few spread over the height.
fn places(network: &Network, order: &Order, broad: f64) -> [Vec<Place>; 3] {
    let heights: Vec<Vec<f64>> = (0..3).map(|column| heights(network, column, broad)).collect();
    let full = |column: usize| heights[column].iter().sum::<f64>() + GAP * heights[column].len().saturating_sub(1) as f64;
    let tallest = (0..3).map(full).fold(0.0, f64::max);
    [0, 1, 2].map(|column| {
        let heights = &heights[column];
        let gap = GAP + ((tallest - full(column)) / heights.len().max(1) as f64).min(60.0);
        let mut top = HEAD + (tallest - full(column) - (gap - GAP) * heights.len() as f64).max(0.0) / 2.0 + (gap - GAP) / 2.0;
        let mut places = vec![Place { top: 0.0, height: 0.0 }; heights.len()];
        for place in &order[column] {
            places[*place] = Place { top, height: heights[*place] };
            top += heights[*place] + gap;
        }
        places
    })
}

fn heights(network: &Network, column: usize, broad: f64) -> Vec<f64> {
    let nodes = &network.columns[column];
    let (mut left, mut right) = (vec![0.0; nodes.len()], vec![0.0; nodes.len()]);
    if column > 0 {
        network.ties[column - 1].iter().for_each(|tie| left[tie.to] += thick(tie.number, broad));
    }
    if column < 2 {
        network.ties[column].iter().for_each(|tie| right[tie.from] += thick(tie.number, broad));
    }
    let text = |node: &Node| if node.gloss.is_some() { TWO_LINES } else { ONE_LINE };
    nodes.iter().enumerate().map(|(at, node)| text(node).max(left[at] + 6.0).max(right[at] + 6.0)).collect()
}

/// The bands of one side, each leaving its box in the order of where it goes.
fn bands(ties: &[Tie], side: usize, places: &[Vec<Place>; 3], order: &Order, broad: f64) -> Markup {
    let (from, to) = (ranks(&order[side]), ranks(&order[side + 1]));
    let mut sorted: Vec<&Tie> = ties.iter().collect();
    sorted.sort_by_key(|tie| (from[tie.from], to[tie.to]));
    let starts = ports(&sorted, &places[side], broad, |tie| tie.from);
    let mut by_end: Vec<usize> = (0..sorted.len()).collect();
    by_end.sort_by_key(|at| (to[sorted[*at].to], from[sorted[*at].from]));
    let at_end: Vec<&Tie> = by_end.iter().map(|at| sorted[*at]).collect();
    let mut ends = vec![0.0; sorted.len()];
    for (at, y) in by_end.iter().zip(ports(&at_end, &places[side + 1], broad, |tie| tie.to)) {
        ends[*at] = y;
    }
    let (left, right) = (COLUMNS[side].0 + COLUMNS[side].1, COLUMNS[side + 1].0);
    let bend = (right - left) / 2.0;
    html! { @for ((tie, start), end) in sorted.iter().zip(starts).zip(ends) {
        (marked(&tie.mark, html! { path.flow d={ "M" (px(left)) " " (px(start)) "C" (px(left + bend)) " " (px(start)) " " (px(right - bend)) " " (px(end)) " " (px(right)) " " (px(end)) } stroke-width=(px(thick(tie.number, broad))) {} }))
    } }
}

/// The height at which each band meets its box, one below the other around the middle of it.
fn ports(ties: &[&Tie], places: &[Place], broad: f64, node: impl Fn(&Tie) -> usize) -> Vec<f64> {
    let mut full = vec![0.0; places.len()];
    ties.iter().for_each(|tie| full[node(tie)] += thick(tie.number, broad));
    let mut next: Vec<f64> = places.iter().zip(&full).map(|(place, full)| place.top + (place.height - full) / 2.0).collect();
    let port = |tie: &&Tie| {
        let thick = thick(tie.number, broad);
        let at = next[node(tie)] + thick / 2.0;
        next[node(tie)] += thick;
        at
    };
    ties.iter().map(port).collect()
}

fn boxed(node: &Node, (left, width): (f64, f64), place: Place) -> Markup {
    let number = say::count(node.number);
    let room = width - 22.0 - super::wide(&number, 13.0);
    let lines = if node.gloss.is_some() { 30.0 } else { 14.0 };
    let top = place.top + (place.height - lines) / 2.0;
    let class = if node.what == What::Rest { "rest" } else { "box" };
    marked(
        &node.mark,
        html! {
            rect.(class) x=(px(left)) y=(px(place.top)) width=(px(width)) height=(px(place.height)) rx="3" {}
            text x=(px(left + 8.0)) y=(px(top + 11.5)) { (fit(&node.name, room, 13.0)) }
            @if let Some(gloss) = &node.gloss { text.s.small x=(px(left + 8.0)) y=(px(top + 27.0)) { (fit(gloss, width - 16.0, 11.0)) } }
            text.n x=(px(left + width - 8.0)) y=(px(top + 11.5)) text-anchor="end" { (number) }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A network of two hundred nodes, the same for the same seed.
    fn large() -> Network {
        let mut seed = 7u64;
        let mut below = |n: usize| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as usize % n
        };
        let node = |name: String, number: usize| Node {
            gloss: (number % 3 > 0).then(|| format!("Sample firm of a very long English name, number {number}")),
            mark: Mark { said: name.clone(), to: Some("/findings".into()) },
            name,
            number,
            what: What::One,
        };
        let column = |kind: &str, n: usize| (0..n).map(|at| node(format!("{kind}{at}示例市样本科技有限责任公司"), at)).collect::<Vec<_>>();
        let columns = [column("brand", 30), column("seller", 85), column("buyer", 85)];
        let mut tie = |from: usize, to: usize| Tie { from: below(from), to: below(to), number: 1 + below(9), mark: Mark::default() };
        let ties = [(0..160).map(|_| tie(30, 85)).collect(), (0..220).map(|_| tie(85, 85)).collect()];
        Network { columns, ties }
    }

    #[test]
    fn at_two_hundred_nodes_no_box_covers_another_and_every_label_fits_its_box() {
        let network = large();
        let (order, broad) = (ordered(&network), breadth(&network));
        for (at, places) in places(&network, &order, broad).iter().enumerate() {
            for pair in order[at].windows(2) {
                let (above, below) = (places[pair[0]], places[pair[1]]);
                assert!(above.top + above.height + GAP <= below.top + 1e-6, "{above:?} {below:?}");
            }
            for node in &network.columns[at] {
                let room = COLUMNS[at].1 - 22.0 - crate::report::picture::wide(&say::count(node.number), 13.0);
                assert!(crate::report::picture::wide(&fit(&node.name, room, 13.0), 13.0) <= room);
            }
        }
        let picture = draw("T", &network);
        assert!(picture.height < 6000.0, "{}", picture.height);
    }

    #[test]
    fn the_order_crosses_less_than_by_size_and_is_the_same_however_the_ties_come() {
        let mut network = large();
        let by_size: Order = network.columns.each_ref().map(|nodes| (0..nodes.len()).rev().collect());
        let order = ordered(&network);
        assert!(crossings(&network, &order) < crossings(&network, &by_size));
        network.ties.iter_mut().for_each(|ties| ties.reverse());
        assert_eq!(order, ordered(&network));
    }

    #[test]
    fn crossings_are_those_that_are_seen() {
        let node = |name: &str| Node { name: name.into(), ..Node::default() };
        let tie = |from, to| Tie { from, to, number: 1, mark: Mark::default() };
        let network = Network {
            columns: [vec![node("a"), node("b")], vec![node("c"), node("d")], vec![]],
            ties: [vec![tie(0, 1), tie(1, 0), tie(0, 0)], vec![]],
        };
        assert_eq!(crossings(&network, &[vec![0, 1], vec![0, 1], vec![]]), 1);
        assert_eq!(crossings(&network, &[vec![0, 1], vec![1, 0], vec![]]), 0);
    }

    #[test]
    fn the_rest_stands_last() {
        let node = |name: &str, number, what| Node { name: name.into(), number, what, ..Node::default() };
        let network = Network {
            columns: [vec![node("others", 99, What::Rest), node("a", 1, What::One)], vec![node("s", 1, What::One)], vec![]],
            ties: [vec![Tie { from: 0, to: 0, number: 9, mark: Mark::default() }], vec![]],
        };
        assert_eq!(ordered(&network)[0], [1, 0]);
    }
}
