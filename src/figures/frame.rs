//! The frame of a chart: axes with their names, lines across, the legend beside them.

use super::axes::{Room, Scale, Ticks};
use super::canvas::{Anchor, Canvas, Point};
use super::letters::{SIZE, width, wrapped};
use super::style::{BLACK, Colour, FAINT, GREY, Paint, Stroke};

/// Pixels of the field in which curves are drawn; it grows with the legend.
const FIELD: [f64; 2] = [600.0, 410.0];

/// Pixels from line to line.
const LINE: f64 = 18.0;

/// The widest text of the legend; longer ones are broken.
const LEGEND: f64 = 230.0;

/// An axis with its title.
pub(super) struct Along {
    pub(super) scale: Scale,
    pub(super) title: String,
}

/// What stands for something in the legend.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    Line(Stroke),
    Area(Paint),
    Rim(Colour),
    /// An interval around a point.
    Interval(Colour),
    /// A marked value.
    Mark,
    Nothing,
}

pub(super) struct Frame {
    x: Scale,
    y: Scale,
    titles: [Vec<String>; 2],
    ticks: [Ticks; 2],
    legend: Vec<(Key, Vec<String>)>,
    /// Left, top, right and bottom of the field.
    field: [f64; 4],
    size: [f64; 2],
}

impl Frame {
    /// Lays everything out, so that nothing is cut and nothing lies on the curves.
    pub(super) fn new(x: &Along, y: &Along, legend: Vec<(Key, String)>) -> Self {
        let legend: Vec<(Key, Vec<String>)> =
            legend.into_iter().map(|(key, text)| (key, wrapped(&text, SIZE, LEGEND))).collect();
        let lines: usize = legend.iter().map(|(_, lines)| lines.len()).sum();
        let height = FIELD[1].max(LINE * lines as f64 + 5.0 * legend.len() as f64);
        let x_titles = wrapped(&x.title, SIZE, FIELD[0]);
        let y_titles = wrapped(&y.title, SIZE, height);
        let across = Room { length: FIELD[0], of: &|text| width(text, SIZE), gap: 14.0 };
        let up = Room { length: height, of: &|_| SIZE, gap: 13.9 };
        let ticks = [x.scale.ticks(&across), y.scale.ticks(&up)];
        let widest = |ticks: &Ticks| ticks.named.iter().map(|tick| width(&tick.label, SIZE)).fold(0.0, f64::max);
        let beyond = 0.5 * widest(&ticks[0]);
        let left = (10.0 + LINE * y_titles.len() as f64 + 8.0 + widest(&ticks[1]) + 8.0).max(beyond + 10.0);
        let (top, right) = (16.0, left + FIELD[0]);
        let bottom = top + height;
        let text = legend.iter().flat_map(|(_, lines)| lines).map(|line| width(line, SIZE)).fold(0.0, f64::max);
        let beside = if legend.is_empty() { 0.0 } else { 24.0 + 34.0 + text };
        let size = [right + beside.max(beyond) + 12.0, bottom + 30.0 + LINE * x_titles.len() as f64 + 8.0];
        Self {
            x: x.scale,
            y: y.scale,
            titles: [x_titles, y_titles],
            ticks,
            legend,
            field: [left, top, right, bottom],
            size,
        }
    }

    pub(super) fn size(&self) -> [f64; 2] {
        self.size
    }

    /// Pixels of the field.
    pub(super) fn extent(&self) -> [f64; 2] {
        let [left, top, right, bottom] = self.field;
        [right - left, bottom - top]
    }

    /// Where a pair of values lies.
    pub(super) fn at(&self, x: f64, y: f64) -> Point {
        let [left, top, right, bottom] = self.field;
        (left + (right - left) * self.x.place(x), bottom - (bottom - top) * self.y.place(y))
    }

    /// Lines across the field, for `x` and for `y`; below what is drawn.
    pub(super) fn grid(&self, canvas: &mut Canvas, [x, y]: [bool; 2]) {
        canvas.part("grid");
        let [left, top, right, bottom] = self.field;
        let faint = Stroke::new(FAINT, 1.0);
        for tick in self.ticks[0].named.iter().filter(|_| x) {
            let (at, _) = self.at(tick.at, self.y.range()[0]);
            canvas.segment((at, top), (at, bottom), faint);
        }
        for tick in self.ticks[1].named.iter().filter(|_| y) {
            let (_, at) = self.at(self.x.range()[0], tick.at);
            canvas.segment((left, at), (right, at), faint);
        }
    }

    /// A line across the field at a value of `x`, its name above it.
    pub(super) fn mark(&self, canvas: &mut Canvas, x: f64, name: &str) {
        canvas.part("mark");
        let [_, top, _, bottom] = self.field;
        let (at, _) = self.at(x, self.y.range()[0]);
        canvas.segment((at, top), (at, bottom), Stroke::new(GREY, 1.0));
        let half = 0.5 * width(name, SIZE) + 2.0;
        let inside = at.min(self.size[0] - half).max(half);
        canvas.text(name, (inside, top - 8.0), Anchor::Middle, SIZE, BLACK);
    }

    /// Both axes and the legend; above what is drawn.
    pub(super) fn finish(&self, canvas: &mut Canvas) {
        let [left, top, right, bottom] = self.field;
        let line = Stroke::new(GREY, 1.0);
        let [x0, y0] = [self.x.range()[0], self.y.range()[0]];
        canvas.part("x-axis");
        canvas.segment((left, bottom), (right, bottom), line);
        for at in &self.ticks[0].minor {
            let (at, _) = self.at(*at, y0);
            canvas.segment((at, bottom), (at, bottom + 3.0), line);
        }
        for tick in &self.ticks[0].named {
            let (at, _) = self.at(tick.at, y0);
            canvas.segment((at, bottom), (at, bottom + 6.0), line);
            canvas.text(&tick.label, (at, bottom + 16.0), Anchor::Middle, SIZE, BLACK);
        }
        canvas.part("x-title");
        for (i, title) in self.titles[0].iter().enumerate() {
            let at = (0.5 * (left + right), bottom + 39.0 + LINE * i as f64);
            canvas.text(title, at, Anchor::Middle, SIZE, BLACK);
        }
        canvas.part("y-axis");
        canvas.segment((left, top), (left, bottom), line);
        for at in &self.ticks[1].minor {
            let (_, at) = self.at(x0, *at);
            canvas.segment((left - 3.0, at), (left, at), line);
        }
        for tick in &self.ticks[1].named {
            let (_, at) = self.at(x0, tick.at);
            canvas.segment((left - 6.0, at), (left, at), line);
            canvas.text(&tick.label, (left - 9.0, at), Anchor::End, SIZE, BLACK);
        }
        canvas.part("y-title");
        for (i, title) in self.titles[1].iter().enumerate() {
            let at = (17.0 + LINE * i as f64, 0.5 * (top + bottom));
            canvas.text(title, at, Anchor::Upright, SIZE, BLACK);
        }
        self.keys(canvas, (right + 24.0, top + 9.0));
    }

    fn keys(&self, canvas: &mut Canvas, (x, mut y): Point) {
        canvas.part("legend");
        for (key, lines) in &self.legend {
            let middle = (x + 13.0, y);
            match *key {
                Key::Line(stroke) => canvas.segment((x, y), (x + 26.0, y), stroke),
                Key::Area(paint) => canvas.rectangle((x + 4.0, y - 7.0), (x + 22.0, y + 7.0), paint, None),
                Key::Rim(colour) => {
                    let white = Paint::Plain(super::style::WHITE);
                    let rim = Some(Stroke::new(colour, 1.0));
                    canvas.rectangle((x + 4.5, y - 6.5), (x + 21.5, y + 6.5), white, rim);
                }
                Key::Interval(colour) => interval(canvas, middle, [y - 8.0, y + 8.0], colour),
                Key::Mark => canvas.segment((middle.0, y - 9.0), (middle.0, y + 9.0), Stroke::new(GREY, 1.0)),
                Key::Nothing => {}
            }
            let from = if matches!(key, Key::Nothing) { x } else { x + 34.0 };
            for line in lines {
                canvas.text(line, (from, y), Anchor::Start, SIZE, BLACK);
                y += LINE;
            }
            y += 5.0;
        }
    }
}

/// A point with the ends of its interval.
pub(super) fn interval(canvas: &mut Canvas, (x, y): Point, [low, high]: [f64; 2], colour: Colour) {
    let line = Stroke::new(colour, 1.2);
    canvas.segment((x, low), (x, high), line);
    canvas.segment((x - 4.0, low), (x + 4.0, low), line);
    canvas.segment((x - 4.0, high), (x + 4.0, high), line);
    canvas.circle((x, y), 3.0, colour, None);
}
