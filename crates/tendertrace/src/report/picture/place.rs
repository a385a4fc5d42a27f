//! Where does a label stand so that none covers another? Each at its point if it can, else as near as
//! there is room.

/// A label's middle and size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Label {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Label {
    /// Whether two labels share any room.
    pub fn covers(&self, other: &Label) -> bool {
        (self.x - other.x).abs() * 2.0 < self.width + other.width && (self.y - other.y).abs() * 2.0 < self.height + other.height
    }
}

/// Directions tried around a point, upright and level ones first.
const AROUND: [(f64, f64); 12] = [
    (0.0, 1.0),
    (0.0, -1.0),
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.7, 0.7),
    (-0.7, 0.7),
    (0.7, -0.7),
    (-0.7, -0.7),
    (0.92, 0.38),
    (-0.92, 0.38),
    (0.92, -0.38),
    (-0.92, -0.38),
];
/// Step outwards, and how many are tried.
const STEP: f64 = 7.0;
const STEPS: usize = 60;

/// The labels in their order, each moved until it covers none before it and stays within `width` and
/// `height`; one that finds no room stands below everything.
pub fn apart(labels: &[Label], (width, height): (f64, f64)) -> Vec<Label> {
    let mut placed: Vec<Label> = Vec::new();
    for label in labels {
        let inside = |l: &Label| {
            l.x - l.width / 2.0 >= 0.0 && l.x + l.width / 2.0 <= width && l.y - l.height / 2.0 >= 0.0 && l.y + l.height / 2.0 <= height
        };
        let free = candidates(label).find(|l| inside(l) && placed.iter().all(|other| !l.covers(other)));
        let lowest = placed.iter().map(|l| l.y + l.height / 2.0).fold(height, f64::max);
        placed.push(free.unwrap_or(Label { y: lowest + label.height, ..*label }));
    }
    placed
}

fn candidates(label: &Label) -> impl Iterator<Item = Label> + '_ {
    let moved = |step: usize, (x, y): (f64, f64)| {
        let far = step as f64 * STEP;
        Label { x: label.x + x * far, y: label.y + y * far, ..*label }
    };
    std::iter::once(*label).chain((1..STEPS).flat_map(move |step| AROUND.into_iter().map(move |way| moved(step, way))))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn no_label_covers_another(points in proptest::collection::vec((0.0..300.0f64, 0.0..200.0f64, 20.0..70.0f64), 0..60)) {
            let labels: Vec<Label> = points.iter().map(|(x, y, width)| Label { x: *x, y: *y, width: *width, height: 14.0 }).collect();
            let placed = apart(&labels, (300.0, 200.0));
            for (at, one) in placed.iter().enumerate() {
                for other in &placed[at + 1..] {
                    proptest::prop_assert!(!one.covers(other), "{one:?} {other:?}");
                }
            }
        }
    }
}
