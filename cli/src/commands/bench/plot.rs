//! Plots as inline SVG. Colours are classes, so that the page's style sheet fits them to the theme.

use super::markup::{escape, shortened, tick};

/// Values are drawn as if they lay in here: nothing measured lies outside.
const VALUE_MIN: f64 = 1e-9;
const VALUE_MAX: f64 = 1e15;

const WIDTH: f64 = 640.0;
const ROW: f64 = 40.0;
const BAR: f64 = 14.0;
const PANEL_WIDTH: f64 = 400.0;
const PANEL_HEIGHT: f64 = 220.0;

const LABEL_CHARACTERS_MAX: usize = 42;

/// How values are laid along an axis.
#[derive(Clone, Copy)]
pub(crate) enum Scale {
    /// From zero, in equal steps.
    Linear,
    /// In powers of ten.
    Log,
}

/// An axis: what it shows, with its unit.
pub(crate) struct Axis<'a> {
    pub(crate) label: &'a str,
    pub(crate) scale: Scale,
}

/// A part of a bar.
pub(crate) struct Span {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) class: &'static str,
    pub(crate) name: String,
}

/// A bar with its label and its numbers in words.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) note: String,
    pub(crate) spans: Vec<Span>,
    /// The least and the greatest of what the bar is the median of.
    pub(crate) range: Option<(f64, f64)>,
    /// A value to compare the bar with.
    pub(crate) mark: Option<f64>,
}

/// How a line is drawn.
pub(crate) enum Line {
    /// Through its points, with a dot at each.
    Dotted(&'static str, Vec<(f64, f64)>),
    /// Through its points only.
    Plain(&'static str, Vec<(f64, f64)>),
}

impl Line {
    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let (Self::Dotted(_, points) | Self::Plain(_, points)) = self;
        points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite())
    }
}

/// What a swatch of a legend stands for.
#[derive(Clone, Copy)]
pub(crate) enum Swatch {
    /// A part of a bar of this class.
    Fill(&'static str),
    /// A line of this class.
    Stroke(&'static str),
    /// The mark across a bar.
    Mark,
    /// The thin line from the least to the greatest.
    Range,
}

/// The positions of an axis' values on the drawing.
struct Reach {
    scale: Scale,
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

impl Reach {
    fn new(scale: Scale, values: impl Iterator<Item = f64>, start: f64, end: f64) -> Self {
        let values: Vec<f64> = values.map(tame).filter(|value| 0.0 < *value).collect();
        let greatest = values.iter().copied().fold(0.0, f64::max);
        let (low, high) = match scale {
            _ if greatest <= 0.0 => (decade(scale), 1.0),
            Scale::Linear => {
                let step = step(greatest);
                (0.0, (greatest / step).ceil() * step)
            }
            Scale::Log => {
                let least = values.iter().copied().fold(greatest, f64::min);
                let low = least.log10().floor();
                (10_f64.powf(low), 10_f64.powf(greatest.log10().ceil().max(low + 1.0)))
            }
        };
        Self { scale, low, high, start, end }
    }

    fn place(&self, value: f64) -> f64 {
        let value = tame(value);
        let share = match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log => (value / self.low).log10() / (self.high / self.low).log10(),
        };
        self.start + share.clamp(0.0, 1.0) * (self.end - self.start)
    }

    fn ticks(&self) -> Vec<f64> {
        let end = self.high * 1.001;
        match self.scale {
            Scale::Linear => {
                let step = step(self.high);
                (0..=8u32).map(|index| f64::from(index) * step).take_while(|v| *v <= end).collect()
            }
            Scale::Log => {
                let decades = (self.high / self.low).log10().round();
                let factors: &[f64] = if decades <= 1.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
                let stride = (decades / 6.0).ceil();
                (0..=30u32)
                    .map(|index| self.low * 10_f64.powf(f64::from(index) * stride))
                    .flat_map(|power| factors.iter().map(move |factor| power * factor))
                    .filter(|value| *value <= end)
                    .collect()
            }
        }
    }
}

/// Bars one below the other, with one axis.
///
/// What cannot be drawn is left out, and what is too large ends at the drawing's edge.
pub(crate) fn bars(title: &str, axis: &Axis, rows: &[Row]) -> String {
    let values = rows.iter().flat_map(|row| {
        let (least, greatest) = row.range.unzip();
        let ends = row.spans.iter().flat_map(|span| [span.from, span.to]);
        ends.chain(least).chain(greatest).chain(row.mark)
    });
    let reach = Reach::new(axis.scale, values, 2.0, WIDTH - 30.0);
    let ticks = reach.ticks();
    let mut drawing = String::new();
    let mut top = 4.0;
    for row in rows {
        // The grid stands behind the bars only, so that no line crosses the words.
        for x in ticks.iter().map(|value| reach.place(*value)) {
            drawing.push_str(&segment("grid", (x, top + 19.0), (x, top + 37.0)));
        }
        drawing.push_str(&bar(row, &reach, top));
        top += ROW;
    }
    for value in ticks {
        // Words around the first tick's middle would be cut off at the drawing's edge.
        let anchor = if value <= reach.low { "start" } else { "middle" };
        drawing.push_str(&text("tick", anchor, (reach.place(value), top + 14.0), &tick(value)));
    }
    drawing.push_str(&text("axis", "start", (reach.start, top + 31.0), axis.label));
    svg("bars", title, (WIDTH, top + 38.0), &drawing)
}

/// Lines over two axes. The dashed level, if there is one, is a value to compare them with.
pub(crate) fn lines(title: &str, axes: &[Axis; 2], lines: &[Line], level: Option<f64>) -> String {
    let [x_axis, y_axis] = axes;
    let xs = lines.iter().flat_map(Line::points).map(|(x, _)| x);
    let ys = lines.iter().flat_map(Line::points).map(|(_, y)| y).chain(level);
    let x = Reach::new(x_axis.scale, xs, 62.0, PANEL_WIDTH - 26.0);
    let y = Reach::new(y_axis.scale, ys, PANEL_HEIGHT - 44.0, 30.0);
    let mut drawing = text("axis", "start", (4.0, 14.0), y_axis.label);
    for value in y.ticks() {
        let height = y.place(value);
        drawing.push_str(&segment("grid", (x.start, height), (x.end, height)));
        drawing.push_str(&text("tick", "end", (x.start - 6.0, height + 4.0), &tick(value)));
    }
    for value in x.ticks() {
        let place = x.place(value);
        drawing.push_str(&segment("grid", (place, y.start), (place, y.start + 4.0)));
        drawing.push_str(&text("tick", "middle", (place, y.start + 17.0), &tick(value)));
    }
    drawing.push_str(&text("axis", "end", (x.end, y.start + 36.0), x_axis.label));
    if let Some(level) = level {
        let height = y.place(level);
        drawing.push_str(&segment("level", (x.start, height), (x.end, height)));
    }
    for line in lines {
        drawing.push_str(&polyline(line, &x, &y));
    }
    svg("panel", title, (PANEL_WIDTH, PANEL_HEIGHT), &drawing)
}

/// What the colours and marks of a plot mean.
pub(crate) fn legend(entries: &[(Swatch, String)]) -> String {
    let items: String = entries
        .iter()
        .map(|(swatch, name)| format!("<li>{}{}</li>", swatch_html(*swatch), escape(name)))
        .collect();
    format!("<ul class=\"legend\">{items}</ul>\n")
}

/// A swatch by itself, for a table that serves as a legend.
pub(crate) fn swatch_html(swatch: Swatch) -> String {
    let shape = match swatch {
        Swatch::Fill(class) => rect(&format!("fill {class}"), (1.0, 1.0), (12.0, 12.0), ""),
        Swatch::Stroke(class) => segment(&format!("stroke {class}"), (0.0, 7.0), (14.0, 7.0)),
        Swatch::Mark => rect("mark", (5.5, 0.0), (3.0, 14.0), ""),
        Swatch::Range => segment("range", (0.0, 7.0), (14.0, 7.0)),
    };
    format!(
        "<svg class=\"swatch\" width=\"14\" height=\"14\" viewBox=\"0 0 14 14\" \
         aria-hidden=\"true\">{shape}</svg>"
    )
}

/// A bar that is full at one, small enough for a table.
pub(crate) fn share_bar(share: f64) -> String {
    let reach = Reach { scale: Scale::Linear, low: 0.0, high: 1.0, start: 0.0, end: 60.0 };
    let filled = rect("fill c-main", (0.0, 0.0), (reach.place(share), 10.0), "");
    let empty = rect("empty", (0.0, 0.0), (60.0, 10.0), "");
    format!(
        "<svg class=\"share\" width=\"60\" height=\"10\" viewBox=\"0 0 60 10\" \
         aria-hidden=\"true\">{empty}{filled}</svg>"
    )
}

fn bar(row: &Row, reach: &Reach, top: f64) -> String {
    let bar_top = top + 21.0;
    let label = shortened(&row.label, LABEL_CHARACTERS_MAX);
    let mut drawing = text("label", "start", (reach.start, top + 14.0), &label);
    drawing.push_str(&text("note", "end", (WIDTH - 4.0, top + 14.0), &row.note));
    for span in row.spans.iter().filter(|span| span.from.is_finite() && span.to.is_finite()) {
        let (from, to) = (reach.place(span.from), reach.place(span.to));
        if from < to {
            let class = format!("fill {}", span.class);
            drawing.push_str(&rect(&class, (from, bar_top), (to - from, BAR), &span.name));
        }
    }
    if let Some((least, greatest)) = row.range.filter(|(a, b)| a.is_finite() && b.is_finite()) {
        let (least, greatest, middle) =
            (reach.place(least), reach.place(greatest), bar_top + BAR / 2.0);
        drawing.push_str(&segment("range", (least, middle), (greatest, middle)));
        for x in [least, greatest] {
            drawing.push_str(&segment("range", (x, middle - 4.0), (x, middle + 4.0)));
        }
    }
    if let Some(mark) = row.mark.filter(|mark| mark.is_finite()) {
        let x = (reach.place(mark) - 1.5).max(0.0);
        drawing.push_str(&rect("mark", (x, bar_top - 3.0), (3.0, BAR + 6.0), ""));
    }
    drawing
}

fn polyline(line: &Line, x: &Reach, y: &Reach) -> String {
    let places: Vec<(f64, f64)> =
        line.points().map(|point| (x.place(point.0), y.place(point.1))).collect();
    let points: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let (Line::Dotted(class, _) | Line::Plain(class, _)) = line;
    let stroke = format!("<polyline class=\"stroke {class}\" points=\"{}\"/>\n", points.join(" "));
    match line {
        Line::Plain(..) => stroke,
        Line::Dotted(..) => {
            let dot = |(x, y): &(f64, f64)| {
                format!("<circle class=\"fill {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>\n")
            };
            stroke + &places.iter().map(dot).collect::<String>()
        }
    }
}

/// A value that can be drawn: what is no number counts as nothing.
fn tame(value: f64) -> f64 {
    if !value.is_finite() || value < VALUE_MIN {
        return 0.0;
    }
    value.min(VALUE_MAX)
}

/// Where an axis without values begins.
fn decade(scale: Scale) -> f64 {
    match scale {
        Scale::Linear => 0.0,
        Scale::Log => 0.1,
    }
}

/// The distance of ticks, so that about four reach the greatest value.
fn step(greatest: f64) -> f64 {
    let raw = greatest / 4.0;
    let power = 10_f64.powf(raw.log10().floor());
    let factors = [1.0, 2.0, 2.5, 5.0];
    // The tolerance keeps the step of a rounded greatest value what it was before rounding.
    let factor = factors.iter().find(|factor| raw <= **factor * power * 1.000_001);
    power * factor.unwrap_or(&10.0)
}

fn svg(class: &str, title: &str, (width, height): (f64, f64), drawing: &str) -> String {
    let title = escape(title);
    format!(
        "<div class=\"wide {class}\" tabindex=\"0\"><svg viewBox=\"0 0 {width:.0} {height:.0}\" \
         role=\"img\" aria-label=\"{title}\"><title>{title}</title>\n{drawing}</svg></div>\n"
    )
}

fn rect(class: &str, (x, y): (f64, f64), (width, height): (f64, f64), name: &str) -> String {
    let name = escape(name);
    format!(
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
         height=\"{height:.1}\"><title>{name}</title></rect>\n"
    )
    .replace("<title></title>", "")
}

fn segment(class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> String {
    format!(
        "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>\n"
    )
}

fn text(class: &str, anchor: &str, (x, y): (f64, f64), words: &str) -> String {
    let words = escape(words);
    format!(
        "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">\
         {words}</text>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::{Axis, Line, Row, Scale, Span, Swatch, bars, legend, lines, share_bar};

    const HARD: [f64; 13] = [
        0.0,
        -1.0,
        1.0,
        7.3,
        1e-320,
        1e-7,
        9.999_999_999,
        123_456.0,
        1e15,
        f64::MAX,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];

    /// The numbers of an attribute, wherever it stands.
    fn attributes(svg: &str, name: &str) -> Vec<f64> {
        let key = format!(" {name}=\"");
        let values = svg.split(&key).skip(1).filter_map(|rest| rest.split('"').next());
        let numbers = values.flat_map(|value| value.split([' ', ',']));
        numbers.filter(|text| !text.is_empty()).map(|text| text.parse().expect(text)).collect()
    }

    fn assert_inside(svg: &str) {
        let view = attributes(svg, "viewBox");
        let (width, height) = (view[2], view[3]);
        let points = attributes(svg, "points");
        let (xs, ys): (Vec<f64>, Vec<f64>) =
            points.chunks(2).map(|pair| (pair[0], pair[1])).unzip();
        let ends = |start: &str, length: &str| -> Vec<f64> {
            let starts = attributes(svg, start);
            // Texts have no length, and stand behind what has one only in the order of writing.
            starts.into_iter().chain(attributes(svg, length)).collect()
        };
        let horizontal = [xs, ends("x", "width"), attributes(svg, "x1"), attributes(svg, "x2")];
        let vertical = [ys, ends("y", "height"), attributes(svg, "y1"), attributes(svg, "y2")];
        for (values, end) in [(horizontal.concat(), width), (vertical.concat(), height)] {
            for value in values {
                assert!((0.0..=end).contains(&value), "{value} is outside of {end}: {svg}");
            }
        }
        for rect in svg.split("<rect ").skip(1) {
            let rect = format!(" {}", rect.split('>').next().expect("an element ends"));
            let right = attributes(&rect, "x")[0] + attributes(&rect, "width")[0];
            let bottom = attributes(&rect, "y")[0] + attributes(&rect, "height")[0];
            assert!(right <= width + 0.1 && bottom <= height + 0.1, "{rect}");
        }
    }

    fn row(from: f64, to: f64) -> Row {
        let span = Span { from, to, class: "c", name: "<name>".into() };
        let (label, note) = ("<label>".into(), "<note>".into());
        Row { label, note, spans: vec![span], range: Some((from, to)), mark: Some(to) }
    }

    #[test]
    fn bars_of_any_values_stay_inside() {
        for scale in [Scale::Linear, Scale::Log] {
            let axis = Axis { label: "ms", scale };
            for from in HARD {
                for to in HARD {
                    assert_inside(&bars("title", &axis, &[row(from, to)]));
                }
            }
            let all: Vec<Row> = HARD.iter().map(|to| row(0.0, *to)).collect();
            assert_inside(&bars("title", &axis, &all));
            assert_inside(&bars("title", &axis, &[]));
        }
    }

    #[test]
    fn lines_through_any_values_stay_inside() {
        for scale in [Scale::Linear, Scale::Log] {
            for level in HARD.map(Some).into_iter().chain([None]) {
                let axes = [Axis { label: "x", scale }, Axis { label: "y", scale }];
                let points: Vec<(f64, f64)> =
                    HARD.iter().flat_map(|x| HARD.iter().map(|y| (*x, *y))).collect();
                for point in points.clone() {
                    let one = Line::Dotted("c", vec![point]);
                    assert_inside(&lines("title", &axes, &[one], level));
                }
                let both = [Line::Plain("c", points), Line::Dotted("c", Vec::new())];
                assert_inside(&lines("title", &axes, &both, level));
            }
        }
    }

    #[test]
    fn an_axis_has_two_to_nine_ticks() {
        for scale in [Scale::Linear, Scale::Log] {
            for value in HARD {
                let svg = bars("title", &Axis { label: "", scale }, &[row(1.0, value)]);
                let ticks = svg.matches("class=\"tick\"").count();
                assert!((2..=9).contains(&ticks), "{value} gives {ticks} ticks");
            }
        }
    }

    #[test]
    fn a_greater_value_is_drawn_longer() {
        let axis = Axis { label: "", scale: Scale::Linear };
        let svg = bars("title", &axis, &[row(0.0, 25.0), row(0.0, 100.0)]);
        let widths: Vec<f64> = svg
            .split("<rect class=\"fill c\"")
            .skip(1)
            .map(|rect| attributes(rect, "width")[0])
            .collect();
        assert_eq!(widths, [152.0, 608.0]);
    }

    #[test]
    fn what_is_no_number_is_not_drawn() {
        for scale in [Scale::Linear, Scale::Log] {
            let axis = Axis { label: "", scale };
            let lone = bars("title", &axis, &[row(2.0, 100.0)]);
            // The words of ticks, which stand at other heights where there are more bars.
            let words = |svg: &str| -> Vec<String> {
                let texts = svg.split("class=\"tick\"").skip(1);
                texts.filter_map(|text| text.split(['>', '<']).nth(1)).map(str::to_owned).collect()
            };
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let both = bars("title", &axis, &[row(2.0, 100.0), row(2.0, value)]);
                assert_eq!(both.matches("<rect").count(), lone.matches("<rect").count());
                assert_eq!(words(&both), words(&lone));
                // Without a beginning there is no bar, but the mark has a place.
                let mark_only = bars("title", &axis, &[row(value, 100.0)]);
                assert_eq!(mark_only.matches("<rect").count(), 1);
            }
        }
    }

    #[test]
    fn a_share_fills_its_bar_at_most() {
        for share in HARD {
            assert_inside(&share_bar(share));
        }
        assert_eq!(attributes(&share_bar(0.5), "width"), [60.0, 60.0, 30.0]);
    }

    #[test]
    fn words_in_a_plot_are_escaped() {
        let axis = Axis { label: "<axis>", scale: Scale::Linear };
        let plot = bars("<title of it>", &axis, &[row(0.0, 1.0)]);
        let html = plot + &legend(&[(Swatch::Mark, "<entry>".into())]);
        for raw in ["<axis>", "<title of it>", "<label>", "<note>", "<name>", "<entry>"] {
            assert!(!html.contains(raw), "{raw}");
        }
    }
}
