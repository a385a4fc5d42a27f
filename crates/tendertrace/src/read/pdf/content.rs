//! What does a page show, and where? Runs the page's operators and keeps its glyphs, the straight
//! lines it draws, and how much of it pictures cover.

use super::font::{Font, Maps};
use super::space::{Area, Matrix, Way};
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier, Stream};
use hayro_syntax::page::{Page, Resources};
use std::collections::HashMap;
use std::rc::Rc;

/// A shown character.
#[derive(Debug, Clone)]
pub struct Glyph {
    pub text: Rc<super::font::Char>,
    /// Start on the base line and end of its advance.
    pub from: (f64, f64),
    pub to: (f64, f64),
    pub size: f64,
    pub way: Way,
}

/// A straight line that lies along an axis, however it was drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ruling {
    Across { y: f64, x0: f64, x1: f64 },
    Along { x: f64, y0: f64, y1: f64 },
}

/// What a page shows.
#[derive(Default)]
pub struct Shown {
    pub glyphs: Vec<Glyph>,
    pub rulings: Vec<Ruling>,
    /// Square points that pictures cover.
    pub pictured: f64,
    /// Pictures in the order in which they are drawn, with the square points each covers.
    pub pictures: Vec<(ObjectIdentifier, f64)>,
    /// No line is full that ends before this: set where the page is known to be wider than its text.
    pub wide: f64,
    /// The page says more than the budget allows.
    pub cut: bool,
}

/// Forms nest in forms; real ones do so a few times.
const DEEPEST: usize = 16;
/// Operators of one document: far more than the longest catalogue has, few enough to end.
pub const MOST_STEPS: usize = 20_000_000;
const MOST_GLYPHS: usize = 400_000;
const MOST_RULINGS: usize = 20_000;
const MOST_PICTURES: usize = 1_000;
/// A filled box thinner than this is a line.
const THIN: f64 = 3.0;
const SHORTEST_LINE: f64 = 4.0;

/// Runs pages of one document; fonts are read once.
#[derive(Default)]
pub struct Runner {
    maps: Maps,
    fonts: HashMap<ObjectIdentifier, Rc<Font>>,
    steps: usize,
}

#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    letter_space: f64,
    word_space: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
}

impl Runner {
    pub fn run(&mut self, page: &Page<'_>) -> Shown {
        let [a, b, c, d, e, f] = page.initial_transform(true).as_coeffs();
        let (width, height) = page.render_dimensions();
        let mut job = Job {
            runner: self,
            shown: Shown::default(),
            page: Area { x0: -1.0, y0: -1.0, x1: f64::from(width) + 1.0, y1: f64::from(height) + 1.0 },
            forms: Vec::new(),
        };
        let state = State {
            matrix: Matrix([a, b, c, d, e, f]),
            font: None,
            size: 0.0,
            letter_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        let stream = page.page_stream().unwrap_or_default();
        job.run(stream, page.resources(), state.clone());
        job.annotations(page, &state);
        job.shown
    }
}

struct Job<'r> {
    runner: &'r mut Runner,
    shown: Shown,
    page: Area,
    forms: Vec<ObjectIdentifier>,
}

/// Where the operators of one stream have got to.
struct Pen {
    state: State,
    saved: Vec<State>,
    text: Matrix,
    line: Matrix,
    path: Path,
}

#[derive(Default)]
struct Path {
    lines: Vec<((f64, f64), (f64, f64))>,
    boxes: Vec<Area>,
    start: (f64, f64),
    at: (f64, f64),
}

impl Job<'_> {
    fn run(&mut self, stream: &[u8], resources: &Resources<'_>, state: State) {
        let mut pen = Pen { state, saved: Vec::new(), text: Matrix::IDENTITY, line: Matrix::IDENTITY, path: Path::default() };
        let mut operators = UntypedIter::new(stream);
        while let Some(instruction) = operators.next() {
            self.runner.steps += 1;
            if self.runner.steps > MOST_STEPS || self.shown.glyphs.len() > MOST_GLYPHS {
                self.shown.cut = true;
                return;
            }
            let operands: Vec<&Object<'_>> = instruction.operands().collect();
            self.operator(instruction.operator, &operands, resources, &mut pen);
        }
    }

    fn operator(&mut self, operator: &[u8], operands: &[&Object<'_>], resources: &Resources<'_>, pen: &mut Pen) {
        match operator {
            b"q" if pen.saved.len() < 512 => pen.saved.push(pen.state.clone()),
            b"Q" => pen.state = pen.saved.pop().unwrap_or_else(|| pen.state.clone()),
            b"cm" => pen.state.matrix = matrix(operands).map_or(pen.state.matrix, |m| m.then(pen.state.matrix)),
            b"Do" => self.draw(operands, resources, &pen.state),
            b"BT" => (pen.text, pen.line) = (Matrix::IDENTITY, Matrix::IDENTITY),
            b"m" | b"l" | b"re" | b"h" | b"c" | b"v" | b"y" => pen.path.add(operator, operands, pen.state.matrix),
            b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*" => self.stroke(&mut pen.path),
            b"f" | b"F" | b"f*" => self.fill(&mut pen.path),
            b"n" => pen.path = Path::default(),
            b"Tf" => self.set_font(operands, resources, &mut pen.state),
            b"Tj" | b"TJ" | b"'" | b"\"" => self.show(operator, operands, pen),
            _ => pen.set(operator, operands),
        }
    }

    fn set_font(&mut self, operands: &[&Object<'_>], resources: &Resources<'_>, state: &mut State) {
        state.size = numbers(operands).last().copied().unwrap_or(state.size);
        let Some(Object::Name(name)) = operands.first() else { return };
        let id = resources.fonts.get_ref(&**name).map(ObjectIdentifier::from);
        if let Some(font) = id.and_then(|id| self.runner.fonts.get(&id)) {
            state.font = Some(Rc::clone(font));
            return;
        }
        state.font = resources.get_font(name).map(|dict| Rc::new(Font::of(&dict, &mut self.runner.maps)));
        if let (Some(id), Some(font)) = (id, &state.font) {
            self.runner.fonts.insert(id, Rc::clone(font));
        }
    }

    fn show(&mut self, operator: &[u8], operands: &[&Object<'_>], pen: &mut Pen) {
        if operator == b"\"" {
            if let [word, letter, ..] = numbers(operands)[..] {
                (pen.state.word_space, pen.state.letter_space) = (word, letter);
            }
        }
        if matches!(operator, b"'" | b"\"") {
            pen.next_line(0.0, -pen.state.leading);
        }
        match operands.last() {
            Some(Object::String(text)) => self.string(text.as_bytes(), pen),
            Some(Object::Array(array)) => {
                for item in array.iter::<Object<'_>>() {
                    match item {
                        Object::String(text) => self.string(text.as_bytes(), pen),
                        Object::Number(number) => pen.kern(number.as_f64()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn string(&mut self, mut bytes: &[u8], pen: &mut Pen) {
        let Some(font) = pen.state.font.clone() else { return };
        while !bytes.is_empty() && self.shown.glyphs.len() <= MOST_GLYPHS {
            let (char, rest) = font.next(bytes);
            bytes = rest;
            let glyph = pen.glyph(&font, char);
            if self.page.holds(glyph.from.0, glyph.from.1) && glyph.size > 0.0 {
                self.shown.glyphs.push(glyph);
            }
        }
    }

    fn draw(&mut self, operands: &[&Object<'_>], resources: &Resources<'_>, state: &State) {
        let Some(Object::Name(name)) = operands.first() else { return };
        let Some(stream) = resources.get_x_object(name) else { return };
        match stream.dict().get::<Name<'_>>("Subtype") {
            Some(kind) if kind.as_ref() == b"Image" => {
                let drawn = Area::of(state.matrix.at(0.0, 0.0), state.matrix.at(1.0, 1.0));
                let area = drawn.width() * drawn.height();
                self.shown.pictured += area;
                if self.shown.pictures.len() < MOST_PICTURES {
                    self.shown.pictures.push((stream.obj_id(), area));
                }
            }
            Some(kind) if kind.as_ref() == b"Form" => self.form(&stream, resources, state),
            _ => {}
        }
    }

    fn form(&mut self, stream: &Stream<'_>, outer: &Resources<'_>, state: &State) {
        let id = stream.obj_id();
        if self.forms.len() >= DEEPEST || self.forms.contains(&id) {
            return;
        }
        let Ok(data) = stream.decoded_data() else { return };
        let mut state = state.clone();
        if let Some(own) = stream
            .dict()
            .get::<Array<'_>>("Matrix")
            .and_then(|m| m.iter::<f32>().map(f64::from).collect::<Vec<_>>().try_into().ok())
            .map(Matrix)
        {
            state.matrix = own.then(state.matrix);
        }
        self.forms.push(id);
        match stream.dict().get::<Dict<'_>>("Resources") {
            Some(own) => self.run(&data, &Resources::new(own), state),
            None => self.run(&data, outer, state),
        }
        self.forms.pop();
    }

    /// What fields of forms and notes on the page show.
    fn annotations(&mut self, page: &Page<'_>, state: &State) {
        const HIDDEN: i32 = 0b10;
        let Some(annotations) = page.raw().get::<Array<'_>>("Annots") else { return };
        for annotation in annotations.iter::<Dict<'_>>().take(10_000) {
            let is_shown = annotation.get::<i32>("F").unwrap_or(0) & HIDDEN == 0;
            let kind = annotation.get::<Name<'_>>("Subtype");
            let says = kind.is_some_and(|k| matches!(k.as_ref(), b"Widget" | b"FreeText" | b"Stamp"));
            let look = annotation.get::<Dict<'_>>("AP").and_then(|ap| ap.get::<Stream<'_>>("N"));
            let (true, Some(look)) = (is_shown && says, look) else { continue };
            let corner = |dict: &Dict<'_>, key: &str| {
                dict.get::<Array<'_>>(key).map(|a| a.iter::<f32>().map(f64::from).collect::<Vec<_>>()).filter(|n| n.len() == 4)
            };
            let Some(place) = corner(&annotation, "Rect") else { continue };
            let inner = corner(look.dict(), "BBox").unwrap_or_else(|| vec![0.0; 4]);
            let mut state = state.clone();
            state.matrix = Matrix::shift(place[0].min(place[2]) - inner[0], place[1].min(place[3]) - inner[1]).then(state.matrix);
            self.form(&look, page.resources(), &state);
        }
    }

    fn stroke(&mut self, path: &mut Path) {
        for (from, to) in path.lines.drain(..) {
            self.shown.rule(from, to);
        }
        for area in path.boxes.drain(..) {
            self.shown.outline(area);
        }
        *path = Path::default();
    }

    /// A filled box is a line where it is thin, a ground where it is not.
    fn fill(&mut self, path: &mut Path) {
        for area in path.boxes.drain(..) {
            let (x, y) = ((area.x0 + area.x1) / 2.0, (area.y0 + area.y1) / 2.0);
            if area.height() <= THIN && area.width() > area.height() {
                self.shown.rule((area.x0, y), (area.x1, y));
            } else if area.width() <= THIN {
                self.shown.rule((x, area.y0), (x, area.y1));
            }
        }
        *path = Path::default();
    }
}

impl Shown {
    fn rule(&mut self, (ax, ay): (f64, f64), (bx, by): (f64, f64)) {
        if self.rulings.len() >= MOST_RULINGS {
            return;
        }
        let (width, height) = ((ax - bx).abs(), (ay - by).abs());
        if height <= 1.0 && width >= SHORTEST_LINE {
            self.rulings.push(Ruling::Across { y: (ay + by) / 2.0, x0: ax.min(bx), x1: ax.max(bx) });
        } else if width <= 1.0 && height >= SHORTEST_LINE {
            self.rulings.push(Ruling::Along { x: (ax + bx) / 2.0, y0: ay.min(by), y1: ay.max(by) });
        }
    }

    fn outline(&mut self, a: Area) {
        self.rule((a.x0, a.y0), (a.x1, a.y0));
        self.rule((a.x0, a.y1), (a.x1, a.y1));
        self.rule((a.x0, a.y0), (a.x0, a.y1));
        self.rule((a.x1, a.y0), (a.x1, a.y1));
    }
}

impl Path {
    const MOST: usize = 100_000;

    fn add(&mut self, operator: &[u8], operands: &[&Object<'_>], matrix: Matrix) {
        let numbers = numbers(operands);
        if self.lines.len() + self.boxes.len() > Path::MOST {
            return;
        }
        match (operator, numbers.as_slice()) {
            (b"m", [x, y, ..]) => {
                self.at = matrix.at(*x, *y);
                self.start = self.at;
            }
            (b"l", [x, y, ..]) => self.line_to(matrix.at(*x, *y)),
            (b"h", _) => self.line_to(self.start),
            (b"re", [x, y, w, h, ..]) => self.boxes.push(Area::of(matrix.at(*x, *y), matrix.at(x + w, y + h))),
            (_, [.., x, y]) => self.at = matrix.at(*x, *y),
            _ => {}
        }
    }

    fn line_to(&mut self, to: (f64, f64)) {
        self.lines.push((self.at, to));
        self.at = to;
    }
}

impl Pen {
    /// Operators that only set a value.
    fn set(&mut self, operator: &[u8], operands: &[&Object<'_>]) {
        let numbers = numbers(operands);
        match (operator, numbers.as_slice()) {
            (b"Tc", [value, ..]) => self.state.letter_space = *value,
            (b"Tw", [value, ..]) => self.state.word_space = *value,
            (b"Tz", [value, ..]) => self.state.stretch = value / 100.0,
            (b"TL", [value, ..]) => self.state.leading = *value,
            (b"Ts", [value, ..]) => self.state.rise = *value,
            (b"Td", [x, y, ..]) => self.next_line(*x, *y),
            (b"TD", [x, y, ..]) => {
                self.state.leading = -y;
                self.next_line(*x, *y);
            }
            (b"T*", _) => self.next_line(0.0, -self.state.leading),
            (b"Tm", _) => {
                self.line = matrix(operands).unwrap_or(self.line);
                self.text = self.line;
            }
            _ => {}
        }
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line = Matrix::shift(x, y).then(self.line);
        self.text = self.line;
    }

    /// Thousandths of the size, against the way of the text.
    fn kern(&mut self, by: f64) {
        let state = &self.state;
        let step = -by / 1000.0 * state.size;
        let vertical = state.font.as_ref().is_some_and(|f| f.vertical);
        self.text = if vertical { Matrix::shift(0.0, step) } else { Matrix::shift(step * state.stretch, 0.0) }.then(self.text);
    }

    /// Places a character and moves on.
    fn glyph(&mut self, font: &Font, char: Rc<super::font::Char>) -> Glyph {
        let state = &self.state;
        let place = self.text.then(state.matrix);
        let spacing = state.letter_space + if char.is_space { state.word_space } else { 0.0 };
        let (bare, step) = match font.vertical {
            // Written downwards, one em each where the font does not say otherwise.
            true => ((0.0, -state.size), (0.0, -state.size + spacing)),
            false => ((char.width * state.size * state.stretch, 0.0), ((char.width * state.size + spacing) * state.stretch, 0.0)),
        };
        let from = place.at(0.0, state.rise);
        let to = place.at(bare.0, state.rise + bare.1);
        let up = place.at(0.0, state.rise + state.size);
        let right = place.at(1.0, state.rise);
        let way = if font.vertical { Way::of(to.0 - from.0, to.1 - from.1) } else { Way::of(right.0 - from.0, right.1 - from.1) };
        self.text = Matrix::shift(step.0, step.1).then(self.text);
        Glyph { text: char, from, to, size: (up.0 - from.0).hypot(up.1 - from.1), way }
    }
}

fn numbers(operands: &[&Object<'_>]) -> Vec<f64> {
    let number = |object: &Object<'_>| match object {
        Object::Number(number) => Some(number.as_f64()).filter(|n| n.is_finite()),
        _ => None,
    };
    operands.iter().copied().filter_map(number).collect()
}

fn matrix(operands: &[&Object<'_>]) -> Option<Matrix> {
    numbers(operands).try_into().ok().map(Matrix)
}
