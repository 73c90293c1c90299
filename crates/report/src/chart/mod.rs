//! Charts as SVG: the same bytes natively and in WebAssembly, colored by class, so that the style determines dark and print colors.

mod axis;
mod backend;
mod metrics;

use pgdba_analysis::{Bar, Chart};
use pgdba_pg::display::counted;
use plotters::chart::{ChartBuilder, ChartContext, LabelAreaPosition};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{EmptyElement, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{IntoFont, ShapeStyle, TextStyle};

use self::axis::{Rows, Scale};
use self::backend::{Ink, Svg, Unwritable};

/// Everything below is in units of the view box, which are pixels where there is room.
const WIDTH: i32 = 640;
const ROW: i32 = 24;
/// The distance between a bar and the edge of its row.
const BAR_MARGIN: u32 = 5;
const MAX_LABEL: i32 = 250;
const GAP: i32 = 8;
const TICKS: i32 = 24;
const MARK_LABELS: i32 = 20;
pub(crate) const FONT_SIZE: i32 = 12;

type Failure = DrawingAreaErrorKind<Unwritable>;
type Plot<'a, 'b> = ChartContext<'a, Svg<'b>, Cartesian2d<Scale, Rows>>;

/// The chart as an `svg` element; `id` is used for nothing else on the page.
///
/// # Errors
/// plotters failed, which writing into a string does not cause.
pub(crate) fn svg(chart: &Chart, id: &str) -> Result<String, impl std::error::Error + use<>> {
    let mut body = String::new();
    let height = drawn(chart, &mut body)?;
    Ok::<_, Failure>(format!(
        "<svg role=\"img\" viewBox=\"0 0 {WIDTH} {height}\" aria-labelledby=\"{id}-t\" aria-describedby=\"{id}-d\">\
         <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>{body}</svg>",
        backend::escaped(&chart.caption),
        backend::escaped(&description(chart)),
    ))
}

/// What the chart shows, in words: the longest bars and the limits.
fn description(chart: &Chart) -> String {
    let text = |bar: &Bar| format!("{}: {}", bar.label, bar.value.display());
    let bars: Vec<String> = chart.bars.iter().take(3).map(text).collect();
    let marks: String =
        chart.marks.iter().map(|mark| format!(" Limit: {} ({}).", mark.value.display(), mark.label)).collect();
    let count = counted(i64::try_from(chart.bars.len()).unwrap_or(i64::MAX), "bar", "bars");
    format!("Bar chart with {count}, longest first. {}.{marks}", bars.join("; "))
}

/// Draws into `body` and returns the height.
fn drawn(chart: &Chart, body: &mut String) -> Result<i32, Failure> {
    let rows = i32::try_from(chart.bars.len()).unwrap_or(i32::MAX);
    let top = if chart.marks.is_empty() { 0 } else { MARK_LABELS };
    let height = rows.saturating_mul(ROW).saturating_add(top + TICKS);
    let root = Svg::new(body, (WIDTH, height)).into_drawing_area();
    let mut plot = plot(&root, chart, rows, top)?;
    let mesh_text = text(Ink::Muted, HPos::Center, VPos::Top);
    plot.configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .y_labels(0)
        .x_labels(axis::TICKS)
        .max_light_lines(0)
        .bold_line_style(stroke(Ink::Grid))
        .axis_style(stroke(Ink::Grid))
        .x_label_style(mesh_text)
        .draw()?;
    for (row, bar) in chart.bars.iter().enumerate() {
        draw_bar(&mut plot, i32::try_from(row).unwrap_or(i32::MAX), bar)?;
    }
    for mark in &chart.marks {
        draw_mark(&mut plot, rows, mark)?;
    }
    drop(plot);
    root.present()?;
    Ok(height)
}

fn plot<'a, 'b>(
    root: &'a DrawingArea<Svg<'b>, Shift>,
    chart: &Chart,
    rows: i32,
    top: i32,
) -> Result<Plot<'a, 'b>, Failure> {
    let widest = |texts: &mut dyn Iterator<Item = String>| texts.map(|text| metrics::width(&text)).max().unwrap_or(0);
    let labels = widest(&mut chart.bars.iter().map(|bar| bar.label.clone())).min(MAX_LABEL);
    let values = widest(&mut chart.bars.iter().map(|bar| bar.value.display()));
    ChartBuilder::on(root)
        .margin_top(top)
        .margin_right(values + 2 * GAP)
        .set_label_area_size(LabelAreaPosition::Left, labels + 2 * GAP)
        .set_label_area_size(LabelAreaPosition::Bottom, TICKS)
        .build_cartesian_2d(Scale::of(chart), Rows(rows))
}

fn draw_bar(plot: &mut Plot<'_, '_>, row: i32, bar: &Bar) -> Result<(), Failure> {
    let mut shape = Rectangle::new([(0.0, row), (bar.size(), row + 1)], filled(Ink::Series));
    shape.set_margin(BAR_MARGIN, BAR_MARGIN, 0, 0);
    plot.draw_series([shape])?;
    let label =
        Text::new(metrics::fitted(&bar.label, MAX_LABEL), (-GAP, ROW / 2), text(Ink::Text, HPos::Right, VPos::Center));
    let value = Text::new(bar.value.display(), (GAP, ROW / 2), text(Ink::Text, HPos::Left, VPos::Center));
    plot.draw_series([EmptyElement::at((0.0, row)) + label])?;
    plot.draw_series([EmptyElement::at((bar.size(), row)) + value])?;
    Ok(())
}

/// A limit: a line across all bars with its name above it, on the side that has room.
fn draw_mark(plot: &mut Plot<'_, '_>, rows: i32, mark: &Bar) -> Result<(), Failure> {
    let at = mark.size();
    let side = if plot.x_range().end < at * 2.0 { HPos::Right } else { HPos::Left };
    let name = format!("{}: {}", mark.label, mark.value.display());
    let label = Text::new(name, (0, -4), text(Ink::Limit, side, VPos::Bottom));
    plot.draw_series([PathElement::new([(at, 0), (at, rows)], stroke(Ink::Limit))])?;
    plot.draw_series([EmptyElement::at((at, 0)) + label])?;
    Ok(())
}

fn filled(ink: Ink) -> ShapeStyle {
    ShapeStyle { color: ink.into(), filled: true, stroke_width: 0 }
}

fn stroke(ink: Ink) -> ShapeStyle {
    ShapeStyle { color: ink.into(), filled: false, stroke_width: 1 }
}

fn text(ink: Ink, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    let color: plotters::style::RGBAColor = ink.into();
    ("sans-serif", FONT_SIZE).into_font().color(&color).pos(Pos::new(horizontal, vertical))
}

#[cfg(test)]
mod tests;
