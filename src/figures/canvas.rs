//! What is drawn, as elements of SVG. Coordinates are pixels from the top left.

use super::letters::FAMILY;
use super::style::{Colour, Paint, Stroke, WHITE};
use svg::node::Value;
use svg::node::element::{Circle, Definitions, Group, Line, Pattern, Polygon, Polyline, Rectangle, Text, Title};
use svg::{Document, Node};

pub(super) type Point = (f64, f64);

/// Where a text stands beside its point; its middle is at the height of the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
    /// Read from the bottom up.
    Upright,
}

#[derive(Debug)]
pub(super) struct Canvas {
    size: [f64; 2],
    done: Vec<Group>,
    open: Group,
    hatched: Vec<Colour>,
}

/// Of a number what can be seen, in the same letters on every machine.
fn short(value: f64) -> f64 {
    (100.0 * value).round() / 100.0 + 0.0
}

fn list(points: &[Point]) -> String {
    points.iter().map(|(x, y)| format!("{},{}", short(*x), short(*y))).collect::<Vec<_>>().join(" ")
}

/// What a document may hold: control characters are not allowed in XML.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c }).collect()
}

impl Canvas {
    pub(super) fn new(size: [f64; 2]) -> Self {
        Self { size, done: Vec::new(), open: Group::new(), hatched: Vec::new() }
    }

    /// What follows belongs to a part of this name.
    pub(super) fn part(&mut self, name: &str) {
        let group = Group::new().set("class", name);
        self.done.push(std::mem::replace(&mut self.open, group));
    }

    fn add(&mut self, node: impl Node) {
        self.open.append(Box::new(node) as Box<dyn Node>);
    }

    pub(super) fn line(&mut self, points: &[Point], stroke: Stroke) {
        let node = Polyline::new().set("points", list(points)).set("fill", "none").set("stroke-linejoin", "round");
        self.add(stroked(node, stroke));
    }

    /// From one point to another.
    pub(super) fn segment(&mut self, from: Point, to: Point, stroke: Stroke) {
        let node = Line::new().set("x1", short(from.0)).set("y1", short(from.1));
        self.add(stroked(node.set("x2", short(to.0)).set("y2", short(to.1)), stroke));
    }

    pub(super) fn polygon(&mut self, points: &[Point], fill: Colour) {
        self.add(Polygon::new().set("points", list(points)).set("fill", fill.to_string()));
    }

    pub(super) fn rectangle(&mut self, from: Point, to: Point, paint: Paint, rim: Option<Stroke>) {
        let fill = match paint {
            Paint::Plain(colour) => colour.to_string(),
            Paint::Hatched(colour) => {
                if !self.hatched.contains(&colour) {
                    self.hatched.push(colour);
                }
                format!("url(#{})", hatch(colour))
            }
        };
        let [left, top] = [from.0.min(to.0), from.1.min(to.1)].map(short);
        let [right, bottom] = [from.0.max(to.0), from.1.max(to.1)].map(short);
        let node = Rectangle::new().set("x", left).set("y", top).set("fill", fill);
        let node = node.set("width", short(right - left)).set("height", short(bottom - top));
        match rim {
            Some(stroke) => self.add(stroked(node, stroke)),
            // Neighbours must not show a seam.
            None => self.add(node.set("shape-rendering", "crispEdges")),
        }
    }

    pub(super) fn circle(&mut self, centre: Point, radius: f64, fill: Colour, rim: Option<Stroke>) {
        let node = Circle::new().set("cx", short(centre.0)).set("cy", short(centre.1));
        let node = node.set("r", short(radius)).set("fill", fill.to_string());
        match rim {
            Some(stroke) => self.add(stroked(node, stroke)),
            None => self.add(node),
        }
    }

    pub(super) fn text(&mut self, text: &str, at: Point, anchor: Anchor, size: f64, colour: Colour) {
        let node = written(text, at, anchor, size, colour);
        self.add(node);
    }

    /// A text that can be read on lines: its letters have a white rim.
    pub(super) fn text_over(&mut self, text: &str, at: Point, anchor: Anchor, size: f64, colour: Colour) {
        let node = written(text, at, anchor, size, colour).set("paint-order", "stroke").set("stroke-linejoin", "round");
        self.add(stroked(node, Stroke::new(WHITE, 4.0)));
    }

    /// The document, with a sentence for those who cannot see it. It is white on pages of any colour.
    pub(super) fn document(mut self, caption: &str) -> String {
        self.part("");
        let [width, height] = self.size.map(f64::ceil);
        let mut document = Document::new()
            .set("width", width)
            .set("height", height)
            .set("viewBox", format!("0 0 {width} {height}"))
            .set("role", "img")
            .set("aria-label", clean(caption))
            .set("font-family", FAMILY)
            .add(Title::new(clean(caption)));
        if !self.hatched.is_empty() {
            let patterns = self.hatched.iter().fold(Definitions::new(), |all, colour| all.add(pattern(*colour)));
            document = document.add(patterns);
        }
        document =
            document.add(Rectangle::new().set("width", width).set("height", height).set("fill", WHITE.to_string()));
        let groups = self.done.into_iter().filter(|group| group.get_children().is_some_and(|own| !own.is_empty()));
        groups.fold(document, Document::add).to_string() + "\n"
    }
}

fn written(text: &str, at: Point, anchor: Anchor, size: f64, colour: Colour) -> Text {
    // Half the height of a capital letter below the point.
    let down = 0.36 * size;
    let node = Text::new(clean(text)).set("font-size", size).set("fill", colour.to_string());
    let upright = anchor == Anchor::Upright;
    let (x, y) = if upright { (at.0 + down, at.1) } else { (at.0, at.1 + down) };
    let mut node = node.set("x", short(x)).set("y", short(y));
    match anchor {
        Anchor::Start => {}
        Anchor::Middle | Anchor::Upright => node.assign("text-anchor", "middle"),
        Anchor::End => node.assign("text-anchor", "end"),
    }
    if upright {
        node.assign("transform", format!("rotate(-90 {} {})", short(x), short(y)));
    }
    node
}

fn stroked<N: Node>(mut node: N, stroke: Stroke) -> N {
    node.assign("stroke", Value::from(stroke.colour.to_string()));
    node.assign("stroke-width", stroke.width);
    if !stroke.dash.is_empty() {
        node.assign("stroke-dasharray", stroke.dash);
    }
    node
}

fn hatch(colour: Colour) -> String {
    format!("hatch-{}", &colour.to_string()[1..])
}

fn pattern(colour: Colour) -> Pattern {
    // Narrow enough to show in a small cell.
    const SIDE: i32 = 5;
    let square = Rectangle::new().set("width", SIDE).set("height", SIDE).set("fill", colour.to_string());
    // Half of the line lies outside the square.
    let line = Line::new().set("x1", 0).set("y1", 0).set("x2", 0).set("y2", SIDE);
    Pattern::new()
        .set("id", hatch(colour))
        .set("width", SIDE)
        .set("height", SIDE)
        .set("patternUnits", "userSpaceOnUse")
        .set("patternTransform", "rotate(45)")
        .add(square)
        .add(stroked(line, Stroke::new(WHITE, 3.6)))
}
