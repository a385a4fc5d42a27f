//! Where on the page? Points, boxes and matrices in points of the shown page, x to the right, y down.

/// `x' = a x + c y + e`, `y' = b x + d y + f`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matrix(pub [f64; 6]);

impl Matrix {
    pub const IDENTITY: Matrix = Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    pub fn shift(x: f64, y: f64) -> Matrix {
        Matrix([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// First `self`, then `after`.
    pub fn then(self, after: Matrix) -> Matrix {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, after.0);
        Matrix([a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l])
    }

    pub fn at(self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }
}

/// A box; `x0 <= x1`, `y0 <= y1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    pub x0: f64,
    pub y0: f64,
    pub x1: f64,
    pub y1: f64,
}

impl Area {
    pub fn of((ax, ay): (f64, f64), (bx, by): (f64, f64)) -> Area {
        Area { x0: ax.min(bx), y0: ay.min(by), x1: ax.max(bx), y1: ay.max(by) }
    }

    pub fn width(&self) -> f64 {
        self.x1 - self.x0
    }

    pub fn height(&self) -> f64 {
        self.y1 - self.y0
    }

    pub fn holds(&self, x: f64, y: f64) -> bool {
        self.x0 <= x && x <= self.x1 && self.y0 <= y && y <= self.y1
    }
}

/// Which way text runs on the shown page, in quarter turns clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Right,
    Down,
    Left,
    Up,
}

impl Way {
    pub fn of(dx: f64, dy: f64) -> Way {
        match (dx.abs() >= dy.abs(), dx >= 0.0, dy >= 0.0) {
            (true, true, _) => Way::Right,
            (true, false, _) => Way::Left,
            (false, _, true) => Way::Down,
            (false, _, false) => Way::Up,
        }
    }

    /// The point as seen by a reader for whom this way is to the right.
    pub fn upright(self, x: f64, y: f64) -> (f64, f64) {
        match self {
            Way::Right => (x, y),
            Way::Down => (y, -x),
            Way::Left => (-x, -y),
            Way::Up => (-y, x),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_follow_each_other() {
        let scaled = Matrix([2.0, 0.0, 0.0, 2.0, 0.0, 0.0]).then(Matrix::shift(1.0, 5.0));
        assert_eq!(scaled.at(3.0, 4.0), (7.0, 13.0));
    }

    #[test]
    fn lines_of_vertical_text_follow_from_right_to_left() {
        let (right, left) = (Way::Down.upright(90.0, 10.0), Way::Down.upright(50.0, 10.0));
        assert!(right.1 < left.1 && Way::Down.upright(90.0, 20.0).0 > right.0);
    }
}
