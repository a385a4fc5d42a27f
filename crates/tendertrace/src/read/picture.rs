//! Where in the picture of a page are drawn lines, and how does it look without them? Programs that read
//! pictures take the lines of tables for letters; as lines they say where the cells are.

/// A picture in shades of grey, row by row from the top; 0 is black.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grey {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

/// A straight line in pixels, straightened: `at` is its place across, `from` and `to` its extent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    pub at: f64,
    pub from: f64,
    pub to: f64,
}

/// The lines of a page, and by how much the page is turned: pixels down for each pixel to the right.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lines {
    pub across: Vec<Line>,
    pub along: Vec<Line>,
    pub slope: f64,
}

/// A run of dark pixels of this part of the page's width is a line; letters are shorter.
const LONG: usize = 25;
/// Between two lines across, a shorter one along may close a cell, if it is so long.
const SHORT: usize = 16;
/// Pixels between the end of such a line and the line that it touches.
const TOUCH: usize = 4;
/// Thicker than this part of the page's width is a bar or a photograph.
const THICK: usize = 150;
/// Pixels of light between two runs of one line.
const BROKEN: usize = 3;
/// Lines that lean more than this are none of a table.
const STEEPEST: f64 = 0.05;

/// A run of dark pixels in one row (or column).
#[derive(Debug, Clone, Copy)]
struct Run {
    row: usize,
    from: usize,
    to: usize,
}

/// Runs of rows next to each other that overlap.
#[derive(Debug, Clone)]
struct Stroke {
    runs: Vec<Run>,
}

impl Grey {
    /// As a PGM file.
    pub fn file(&self) -> Vec<u8> {
        let mut file = format!("P5\n{} {}\n255\n", self.width, self.height).into_bytes();
        file.extend_from_slice(&self.pixels);
        file
    }

    /// The shade that best parts dark from light (Otsu 1979, "A threshold selection method from gray-level histograms").
    fn threshold(&self) -> u8 {
        let mut counts = [0u64; 256];
        self.pixels.iter().for_each(|pixel| counts[usize::from(*pixel)] += 1);
        let all: u64 = self.pixels.len() as u64;
        let sum: u64 = counts.iter().zip(0u64..).map(|(count, shade)| count * shade).sum();
        let (mut dark, mut dark_sum, mut best, mut best_at) = (0u64, 0u64, 0.0f64, 127u8);
        for shade in 0..255u8 {
            dark += counts[usize::from(shade)];
            dark_sum += counts[usize::from(shade)] * u64::from(shade);
            if dark == 0 || dark == all {
                continue;
            }
            let (below, above) = (dark_sum as f64 / dark as f64, (sum - dark_sum) as f64 / (all - dark) as f64);
            let apart = dark as f64 * (all - dark) as f64 * (below - above) * (below - above);
            if apart > best {
                (best, best_at) = (apart, shade);
            }
        }
        best_at
    }

    /// The middle shade of what is light: of the paper.
    fn paper(&self, threshold: u8) -> u8 {
        let light = self.pixels.iter().filter(|pixel| **pixel > threshold).map(|pixel| u64::from(*pixel));
        let (sum, count) = light.fold((0u64, 0u64), |(sum, count), shade| (sum + shade, count + 1));
        (sum / count.max(1)) as u8
    }

    /// Finds the drawn lines and paints them over.
    pub fn take_lines(&mut self) -> Lines {
        let threshold = self.threshold();
        let dark: Vec<bool> = self.pixels.iter().map(|pixel| *pixel <= threshold).collect();
        let (long, thick) = ((self.width / LONG).max(SHORT), (self.width / THICK).max(6));
        let across = strokes(runs(&dark, self.width, self.height, long, Way::Across), thick);
        let mut is_line = vec![false; dark.len()];
        for run in across.iter().flat_map(|stroke| &stroke.runs) {
            is_line[run.row * self.width + run.from..run.row * self.width + run.to].fill(true);
        }
        let mut upright = runs(&dark, self.width, self.height, SHORT, Way::Along);
        upright.retain(|run| run.to - run.from >= long || self.is_between(run, &is_line));
        let along = strokes(upright, thick);
        let slope = slope(&across);
        self.paint(&across, &along, self.paper(threshold));
        let straight = |stroke: &Stroke, slope: f64| stroke.straightened(slope);
        Lines {
            across: across.iter().map(|s| straight(s, slope)).collect(),
            along: along.iter().map(|s| straight(s, -slope)).collect(),
            slope,
        }
    }

    /// Whether an upright run ends at lines across, above and below.
    fn is_between(&self, run: &Run, is_line: &[bool]) -> bool {
        let near = |row: usize| {
            let rows = row.saturating_sub(TOUCH)..(row + TOUCH).min(self.height);
            rows.into_iter().any(|row| is_line[row * self.width + run.row])
        };
        near(run.from) && near(run.to)
    }

    fn paint(&mut self, across: &[Stroke], along: &[Stroke], paper: u8) {
        const EDGE: usize = 2;
        for run in across.iter().flat_map(|stroke| &stroke.runs) {
            for row in run.row.saturating_sub(EDGE)..(run.row + EDGE + 1).min(self.height) {
                self.pixels[row * self.width + run.from..row * self.width + run.to].fill(paper);
            }
        }
        for run in along.iter().flat_map(|stroke| &stroke.runs) {
            let columns = run.row.saturating_sub(EDGE)..(run.row + EDGE + 1).min(self.width);
            for row in run.from..run.to {
                self.pixels[row * self.width + columns.start..row * self.width + columns.end].fill(paper);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Across,
    Along,
}

/// Dark runs of at least `least` pixels, row by row (column by column).
fn runs(dark: &[bool], width: usize, height: usize, least: usize, way: Way) -> Vec<Run> {
    let (rows, length) = if way == Way::Across { (height, width) } else { (width, height) };
    let at = |row: usize, place: usize| if way == Way::Across { dark[row * width + place] } else { dark[place * width + row] };
    let mut runs = Vec::new();
    for row in 0..rows {
        let mut place = 0;
        while place < length {
            if !at(row, place) {
                place += 1;
                continue;
            }
            let from = place;
            while place < length && at(row, place) {
                place += 1;
            }
            if place - from >= least {
                runs.push(Run { row, from, to: place });
            }
        }
    }
    runs
}

/// Runs that lie beside each other as one stroke; what is too thick is none.
fn strokes(runs: Vec<Run>, thick: usize) -> Vec<Stroke> {
    let mut open: Vec<Stroke> = Vec::new();
    let mut done = Vec::new();
    for run in runs {
        let ended = |stroke: &Stroke| stroke.runs.last().is_none_or(|last| run.row - last.row > 1);
        done.extend(open.extract_if(.., |stroke| ended(stroke)));
        let touches = |last: &Run| last.from <= run.to + BROKEN && run.from <= last.to + BROKEN;
        let found = open.iter_mut().find(|stroke| stroke.runs.iter().rev().take_while(|last| run.row - last.row <= 1).any(touches));
        match found {
            Some(stroke) => stroke.runs.push(run),
            None => open.push(Stroke { runs: vec![run] }),
        }
    }
    done.extend(open);
    done.retain(|stroke| stroke.thickness() <= thick as f64);
    done
}

impl Stroke {
    fn extent(&self) -> (usize, usize) {
        self.runs.iter().fold((usize::MAX, 0), |(from, to), run| (from.min(run.from), to.max(run.to)))
    }

    /// Dark pixels for each pixel of its length: a leaning line is thin all the same.
    fn thickness(&self) -> f64 {
        let (from, to) = self.extent();
        self.runs.iter().map(|run| run.to - run.from).sum::<usize>() as f64 / (to - from).max(1) as f64
    }

    /// Its place on a page that leans by `slope`, after the page was straightened.
    fn straightened(&self, slope: f64) -> Line {
        let (from, to) = self.extent();
        let pixels: f64 = self.runs.iter().map(|run| (run.to - run.from) as f64).sum();
        let place = |run: &Run| (run.row as f64 - slope * (run.from + run.to) as f64 / 2.0) * (run.to - run.from) as f64;
        Line { at: self.runs.iter().map(place).sum::<f64>() / pixels.max(1.0), from: from as f64, to: to as f64 }
    }

    /// How much it leans: by the middles of its first and last third, weighed by pixels.
    fn lean(&self) -> Option<f64> {
        let (from, to) = self.extent();
        let third = (to - from) / 3;
        let mean = |low: usize, high: usize| {
            let (mut count, mut x, mut y) = (0.0, 0.0, 0.0);
            for run in &self.runs {
                let (a, b) = (run.from.max(low), run.to.min(high));
                if a < b {
                    count += (b - a) as f64;
                    x += (b - a) as f64 * (a + b) as f64 / 2.0;
                    y += (b - a) as f64 * run.row as f64;
                }
            }
            (count > 0.0).then(|| (x / count, y / count))
        };
        let ((x0, y0), (x1, y1)) = (mean(from, from + third)?, mean(to - third, to)?);
        (x1 > x0).then(|| (y1 - y0) / (x1 - x0))
    }
}

/// By how much the page leans: what half of its long lines lean less than.
fn slope(across: &[Stroke]) -> f64 {
    let mut leans: Vec<f64> = across.iter().filter_map(Stroke::lean).filter(|lean| lean.abs() <= STEEPEST).collect();
    leans.sort_by(f64::total_cmp);
    leans.get(leans.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with two lines across, three along, and a block of letters' size; `lean` pixels over its width.
    fn page(lean: f64) -> Grey {
        let (width, height) = (600, 300);
        let mut grey = Grey { width, height, pixels: vec![255; width * height] };
        let mut dot = |x: usize, y: f64| {
            for thick in 0..2 {
                grey.pixels[(y as usize + thick) * width + x] = 0;
            }
        };
        for y in [50.0, 110.0] {
            (100..500).for_each(|x| dot(x, y + lean * x as f64 / 600.0));
        }
        for x in [100, 300, 498] {
            let top = 50 + (lean * x as f64 / 600.0) as usize;
            (top..top + 60).for_each(|y| grey.pixels[y * width + x..y * width + x + 2].fill(0));
        }
        (200..215).for_each(|y| grey.pixels[y * width + 50..y * width + 65].fill(0));
        grey
    }

    #[test]
    fn lines_are_found_and_letters_stay() {
        for lean in [0.0, 6.0] {
            let mut grey = page(lean);
            let lines = grey.take_lines();
            assert_eq!((lines.across.len(), lines.along.len()), (2, 3), "{lines:?}");
            assert!((lines.across[0].at - 50.5).abs() < 2.0 && (lines.across[1].at - 110.5).abs() < 2.0, "{lines:?}");
            assert!((lines.slope - lean / 600.0).abs() < 0.003, "{lines:?}");
            let dark = |area: std::ops::Range<usize>| grey.pixels[area.start * 600..area.end * 600].iter().filter(|p| **p < 128).count();
            assert_eq!(dark(0..190), 0, "lines are gone");
            assert_eq!(dark(190..300), 225, "letters are not");
        }
    }

    #[test]
    fn photographs_and_empty_pages_have_no_lines() {
        let mut black = Grey { width: 200, height: 200, pixels: [vec![255; 20_000], vec![0; 20_000]].concat() };
        assert_eq!(black.take_lines(), Lines::default());
        let mut white = Grey { width: 10, height: 10, pixels: vec![255; 100] };
        assert_eq!(white.take_lines(), Lines::default());
    }
}
