//! Which tables do the drawn lines make? Lines that touch form one grid; where a line is missing
//! between two fields of the grid, they are one cell.

use super::content::Ruling;
use super::space::Area;

/// A ruled table.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    pub area: Area,
    /// Borders of the columns, left to right.
    pub xs: Vec<f64>,
    ys: Vec<f64>,
    pub cells: Vec<Field>,
    /// For each row and column the number of the cell that lies there.
    owners: Vec<Vec<usize>>,
}

impl Grid {
    /// The cell at a point of the page.
    pub fn cell_at(&self, x: f64, y: f64) -> Option<usize> {
        let stretch = |borders: &[f64], at: f64| borders.partition_point(|b| *b <= at).checked_sub(1);
        self.owners.get(stretch(&self.ys, y)?)?.get(stretch(&self.xs, x)?).copied()
    }
}

/// A cell of a ruled table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    pub row: usize,
    pub column: usize,
    pub rows: usize,
    pub columns: usize,
    pub area: Area,
}

/// Lines this far apart are one, and lines this far from each other touch.
const NEAR: f64 = 2.0;
const TOUCH: f64 = 3.0;
/// Borders that stand out farther than this beyond the last crossing line close an open column.
const OPEN: f64 = 8.0;
/// No table of a page has more fields.
const MOST_FIELDS: usize = 40_000;

const FREE: usize = usize::MAX;

/// A line by the place where it lies and its extent: both directions alike.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stroke {
    at: f64,
    from: f64,
    to: f64,
}

/// Tables of a page, from top to bottom.
pub fn grids(rulings: &[Ruling]) -> Vec<Grid> {
    let across = merged(rulings.iter().filter_map(|r| match *r {
        Ruling::Across { y, x0, x1 } => Some(Stroke { at: y, from: x0, to: x1 }),
        _ => None,
    }));
    let along = merged(rulings.iter().filter_map(|r| match *r {
        Ruling::Along { x, y0, y1 } => Some(Stroke { at: x, from: y0, to: y1 }),
        _ => None,
    }));
    let mut grids: Vec<Grid> = groups(&across, &along).iter().filter_map(|(across, along)| grid(across, along)).collect();
    grids.sort_by(|a, b| a.area.y0.total_cmp(&b.area.y0));
    grids
}

/// Pieces of one line become one line.
fn merged(strokes: impl Iterator<Item = Stroke>) -> Vec<Stroke> {
    let mut all: Vec<Stroke> = strokes.collect();
    all.sort_by(|a, b| a.at.total_cmp(&b.at));
    let mut out: Vec<Stroke> = Vec::new();
    for level in all.chunk_by_mut(|a, b| b.at - a.at <= NEAR / 2.0) {
        level.sort_by(|a, b| a.from.total_cmp(&b.from));
        let at = level.iter().map(|s| s.at).sum::<f64>() / level.len() as f64;
        for stroke in level.iter().copied() {
            match out.last_mut().filter(|last| last.at == at && stroke.from <= last.to + TOUCH) {
                Some(last) => last.to = last.to.max(stroke.to),
                None => out.push(Stroke { at, ..stroke }),
            }
        }
    }
    out
}

/// Lines that touch each other, directly or through others.
fn groups(across: &[Stroke], along: &[Stroke]) -> Vec<(Vec<Stroke>, Vec<Stroke>)> {
    let mut leader: Vec<usize> = (0..across.len() + along.len()).collect();
    for (a, line) in across.iter().enumerate() {
        let first = along.partition_point(|l| l.at < line.from - TOUCH);
        for (b, crossing) in along.iter().enumerate().skip(first).take_while(|(_, l)| l.at <= line.to + TOUCH) {
            if crossing.from - TOUCH <= line.at && line.at <= crossing.to + TOUCH {
                let (one, other) = (find(&mut leader, a), find(&mut leader, across.len() + b));
                leader[one] = other;
            }
        }
    }
    let mut groups = std::collections::BTreeMap::<usize, (Vec<Stroke>, Vec<Stroke>)>::new();
    for (number, stroke) in across.iter().enumerate() {
        groups.entry(find(&mut leader, number)).or_default().0.push(*stroke);
    }
    for (number, stroke) in along.iter().enumerate() {
        groups.entry(find(&mut leader, across.len() + number)).or_default().1.push(*stroke);
    }
    groups.into_values().collect()
}

fn find(leader: &mut [usize], mut at: usize) -> usize {
    while leader[at] != at {
        leader[at] = leader[leader[at]];
        at = leader[at];
    }
    at
}

fn grid(across: &[Stroke], along: &[Stroke]) -> Option<Grid> {
    let (xs, ys) = (borders(along, across), borders(across, along));
    let fields = xs.len().saturating_sub(1) * ys.len().saturating_sub(1);
    if !(2..=MOST_FIELDS).contains(&fields) {
        return None;
    }
    let area = Area { x0: xs[0], y0: ys[0], x1: *xs.last()?, y1: *ys.last()? };
    let walls = Walls { right: walls(&xs, &ys, along), below: walls(&ys, &xs, across) };
    let (cells, owners) = walls.cells(&xs, &ys);
    (cells.len() > 1).then_some(Grid { area, xs, ys, cells, owners })
}

/// Places of the lines; where the crossing lines stand out, the table is open there and ends with them.
fn borders(lines: &[Stroke], crossing: &[Stroke]) -> Vec<f64> {
    let mut places: Vec<f64> = lines.iter().map(|l| l.at).collect();
    let (low, high) = crossing.iter().fold((f64::MAX, f64::MIN), |(low, high), c| (low.min(c.from), high.max(c.to)));
    let (first, last) = (places.first().copied().unwrap_or(f64::MAX), places.last().copied().unwrap_or(f64::MIN));
    if low < first - OPEN {
        places.insert(0, low);
    }
    if high > last + OPEN {
        places.push(high);
    }
    places.dedup_by(|b, a| *b - *a <= NEAR);
    places
}

/// For each inner border and each stretch between crossing borders: is there a line?
fn walls(borders: &[f64], crossing: &[f64], lines: &[Stroke]) -> Vec<Vec<bool>> {
    let middles: Vec<f64> = crossing.windows(2).map(|w| (w[0] + w[1]) / 2.0).collect();
    let on = |border: f64| lines.iter().filter(move |l| (l.at - border).abs() <= NEAR);
    let covers = |border: f64, middle: f64| on(border).any(|l| l.from <= middle && middle <= l.to);
    borders[1..borders.len() - 1].iter().map(|b| middles.iter().map(|m| covers(*b, *m)).collect()).collect()
}

struct Walls {
    /// `right[column][row]`: a line between this column and the next.
    right: Vec<Vec<bool>>,
    /// `below[row][column]`.
    below: Vec<Vec<bool>>,
}

impl Walls {
    fn cells(&self, xs: &[f64], ys: &[f64]) -> (Vec<Field>, Vec<Vec<usize>>) {
        let (rows, columns) = (ys.len() - 1, xs.len() - 1);
        let mut owners = vec![vec![FREE; columns]; rows];
        let mut cells = Vec::new();
        for row in 0..rows {
            for column in 0..columns {
                if owners[row][column] != FREE {
                    continue;
                }
                let (high, wide) = self.extent(row, column, &owners);
                owners[row..row + high].iter_mut().for_each(|r| r[column..column + wide].fill(cells.len()));
                let area = Area { x0: xs[column], y0: ys[row], x1: xs[column + wide], y1: ys[row + high] };
                cells.push(Field { row, column, rows: high, columns: wide, area });
            }
        }
        (cells, owners)
    }

    /// How far a cell reaches: to the next line on the right, then down while nothing crosses it.
    fn extent(&self, row: usize, column: usize, owners: &[Vec<usize>]) -> (usize, usize) {
        let (rows, columns) = (owners.len(), owners[0].len());
        let is_open = |row: usize, column: usize| column + 1 < columns && !self.right[column][row] && owners[row][column + 1] == FREE;
        let wide = 1 + (column..).take_while(|c| is_open(row, *c)).count();
        let across = column..column + wide;
        let goes_down = |row: usize| {
            row + 1 < rows
                && across.clone().all(|c| !self.below[row][c] && owners[row + 1][c] == FREE)
                && (column..column + wide - 1).all(|c| !self.right[c][row + 1])
                && (column + wide == columns || self.right[column + wide - 1][row + 1])
        };
        (1 + (row..).take_while(|r| goes_down(*r)).count(), wide)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn across(y: f64, x0: f64, x1: f64) -> Ruling {
        Ruling::Across { y, x0, x1 }
    }

    fn along(x: f64, y0: f64, y1: f64) -> Ruling {
        Ruling::Along { x, y0, y1 }
    }

    fn places(grid: &Grid) -> Vec<(usize, usize, usize, usize)> {
        grid.cells.iter().map(|c| (c.row, c.column, c.rows, c.columns)).collect()
    }

    #[test]
    fn fields_without_a_line_between_are_one_cell() {
        let lines = [
            across(0.0, 0.0, 100.0),
            across(20.0, 50.0, 100.0),
            across(40.0, 0.0, 100.0),
            across(60.0, 0.0, 100.0),
            along(0.0, 0.0, 60.0),
            along(50.0, 0.0, 40.0),
            along(100.0, 0.0, 30.0),
            along(100.0, 30.5, 60.0),
        ];
        let grids = grids(&lines);
        assert_eq!(grids.len(), 1);
        assert_eq!(places(&grids[0]), [(0, 0, 2, 1), (0, 1, 1, 1), (1, 1, 1, 1), (2, 0, 1, 2)]);
    }

    #[test]
    fn a_frame_is_no_table_and_open_sides_end_with_the_lines() {
        let frame = [across(0.0, 0.0, 100.0), across(50.0, 0.0, 100.0), along(0.0, 0.0, 50.0), along(100.0, 0.0, 50.0)];
        assert_eq!(grids(&frame), []);
        let open = [across(0.0, 0.0, 100.0), across(20.0, 0.0, 100.0), along(40.0, 0.0, 20.0)];
        assert_eq!(grids(&open)[0].xs, [0.0, 40.0, 100.0]);
        assert_eq!(grids(&[across(5.0, 0.0, 100.0)]), []);
    }
}
