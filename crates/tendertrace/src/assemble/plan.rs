//! Which notices of a pile stand together? Copies under the one that says most, notices in their contracting
//! processes, each under what its giver calls it: whoever keeps the digests reads one process at a time.

use super::Digest;
use super::joining::Pile;
use super::outline::{Outline, Text, Texts};
use super::process::{self, Identity};
use crate::rulebook::Rulebook;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Outlines of a pile that is still being read.
#[derive(Default)]
pub struct Outlines {
    outlines: Vec<Outline>,
    texts: Texts,
}

/// How a pile hangs together.
#[derive(Debug, Default)]
pub struct Plan {
    /// In the order of their first notice.
    pub processes: Vec<Planned>,
    /// Handles of what could not be read.
    pub unread: Vec<usize>,
}

/// One contracting process.
#[derive(Debug)]
pub struct Planned {
    pub id: String,
    pub notices: Vec<PlannedNotice>,
}

/// One notice with its copies.
#[derive(Debug)]
pub struct PlannedNotice {
    /// Its place among all notices.
    pub at: usize,
    /// Its place in its process, by time.
    pub place: usize,
    /// The page that says most, then its copies.
    pub pages: Vec<PlannedPage>,
}

/// One page of a notice.
#[derive(Debug, Clone, Copy)]
pub struct PlannedPage {
    pub handle: usize,
    pub items: usize,
    pub named_items: usize,
}

impl Planned {
    /// Handles of all its pages: notice by notice, each with its copies behind it.
    pub fn handles(&self) -> impl Iterator<Item = usize> {
        self.notices.iter().flat_map(|notice| &notice.pages).map(|page| page.handle)
    }
}

impl Outlines {
    /// Takes one digest; `handle` is what the plan will call it.
    pub fn add(&mut self, handle: usize, digest: &Digest) {
        self.outlines.push(Outline::of(handle, digest, &mut self.texts));
    }

    /// Joins what was taken, in whatever order it came.
    pub fn plan(self, rules: &Rulebook) -> Plan {
        let (texts, mut outlines) = (self.texts.into_list(), self.outlines);
        // One order whatever the input's: by day, capture and part. The same part of the same capture stands once.
        outlines.sort_by(|a, b| order(a, b, &texts));
        outlines.dedup_by(|next, kept| next.capture == kept.capture && next.part == kept.part);
        let limits = &rules.report.joining;
        let pile = Pile { outlines: outlines.iter().collect(), texts: &texts };
        let groups = pile.copies(&limits.copies).into_lists();
        let (read, unread): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| outlines[group[0]].read);
        let notices: Vec<Vec<usize>> = read.into_iter().map(|group| fullest_first(group, &outlines)).collect();
        let mains = Pile { outlines: notices.iter().map(|pages| &outlines[pages[0]]).collect(), texts: &texts };
        let processes = mains.processes(&limits.processes).into_lists();
        let ids = ids(&mains, &processes);
        let processes = processes.iter().zip(ids).map(|(members, id)| planned(members, id, &mains, &notices, &outlines)).collect();
        Plan { processes, unread: unread.into_iter().flatten().map(|at| outlines[at].handle).collect() }
    }
}

fn order(a: &Outline, b: &Outline, texts: &[Box<str>]) -> Ordering {
    let text = |text: Option<Text>| text.map(|text| &*texts[text as usize]);
    let day = text(a.date).cmp(&text(b.date)).then_with(|| text(a.published).cmp(&text(b.published)));
    day.then_with(|| a.capture.cmp(&b.capture)).then(a.part.cmp(&b.part))
}

/// The page that says most, the first of equals, before the others.
fn fullest_first(mut group: Vec<usize>, outlines: &[Outline]) -> Vec<usize> {
    let fullest = (1..group.len()).fold(0, |best, at| if outlines[group[at]].says() > outlines[group[best]].says() { at } else { best });
    group[..=fullest].rotate_right(1);
    group
}

fn planned(members: &[usize], id: String, mains: &Pile, notices: &[Vec<usize>], outlines: &[Outline]) -> Planned {
    let mut in_time = members.to_vec();
    let day = |outline: &Outline| outline.date.or(outline.published).map(|day| &*mains.texts[day as usize]);
    in_time.sort_by_key(|at| (day(mains.outlines[*at]), mains.outlines[*at].stage, *at));
    let places: HashMap<usize, usize> = in_time.into_iter().enumerate().map(|(place, at)| (at, place)).collect();
    let page = |at: &usize| {
        let Outline { handle, items, named_items, .. } = outlines[*at];
        PlannedPage { handle, items, named_items }
    };
    let notice = |at: &usize| PlannedNotice { at: *at, place: places[at], pages: notices[*at].iter().map(page).collect() };
    Planned { id, notices: members.iter().map(notice).collect() }
}

fn ids(mains: &Pile, processes: &[Vec<usize>]) -> Vec<String> {
    let text = |text: Text| &*mains.texts[text as usize];
    let identity = |at: &usize| {
        let outline = mains.outlines[*at];
        // In the order of their texts: the first is the smallest.
        let number = outline.numbers.first().map(|number| text(*number));
        Identity { number, name: text(outline.name), buyer: text(outline.buyer), capture: &outline.capture, part: outline.part }
    };
    let identities: Vec<Vec<Identity>> = processes.iter().map(|members| members.iter().map(identity).collect()).collect();
    process::ids(&identities)
}
