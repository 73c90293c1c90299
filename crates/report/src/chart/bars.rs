//! Horizontal bars, with limits as lines across them.

use pgdba_pg::display::counted;
use pgdba_pg::text::message;
use pgdba_analysis::{Bar, Bars};
use plotters::chart::{ChartBuilder, ChartContext, LabelAreaPosition};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::ValueFormatter;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{EmptyElement, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::{self, Rows, Scale};
use super::backend::{Ink, Svg};
use super::{Draw, Failure, GAP, WIDTH, filled, metrics, stroke, text};

const ROW: i32 = 24;
/// How far a bar stays away from the border of its row.
const BAR_MARGIN: u32 = 5;
const MAX_LABEL: i32 = 250;
const TICKS: i32 = 24;
const MARK_LABELS: i32 = 20;

type Plot<'a, 'b> = ChartContext<'a, Svg<'b>, Cartesian2d<Scale, Rows>>;

impl Draw for Bars {
    /// The longest bars and the limits.
    fn description(&self) -> String {
        let words = |bar: &Bar| format!("{}: {}", bar.label, bar.value.display());
        let bars: Vec<String> = self.bars.iter().take(3).map(words).collect();
        let marks: String =
            self.marks.iter().map(|mark| format!(" Limit: {} ({}).", mark.value.display(), mark.label)).collect();
        let count = counted(self.bars.len(), "bar", "bars");
        format!("Bar chart with {count}, longest first. {}.{marks}", bars.join("; "))
    }

    fn draw(&self, body: &mut String) -> Result<i32, Failure> {
        drawn(self, body)
    }
}

fn drawn(chart: &Bars, body: &mut String) -> Result<i32, Failure> {
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
    chart: &Bars,
    rows: i32,
    top: i32,
) -> Result<Plot<'a, 'b>, Failure> {
    let widest = |texts: &mut dyn Iterator<Item = String>| texts.map(|text| metrics::width(&text)).max().unwrap_or(0);
    let labels = widest(&mut chart.bars.iter().map(|bar| message(&bar.label).into_owned())).min(MAX_LABEL);
    let values = widest(&mut chart.bars.iter().map(|bar| bar.value.display()));
    let scale = Scale::of(chart);
    // Half of the label of a tick is to the right of it.
    let ticks = widest(&mut scale.ticks().map(|tick| scale.format_ext(&tick)));
    ChartBuilder::on(root)
        .margin_top(top)
        .margin_right((values + 2 * GAP).max(ticks / 2 + GAP))
        .set_label_area_size(LabelAreaPosition::Left, labels + 2 * GAP)
        .set_label_area_size(LabelAreaPosition::Bottom, TICKS)
        .build_cartesian_2d(scale, Rows(rows))
}

fn draw_bar(plot: &mut Plot<'_, '_>, row: i32, bar: &Bar) -> Result<(), Failure> {
    let mut shape = Rectangle::new([(0.0, row), (bar.size(), row + 1)], filled(Ink::Series));
    shape.set_margin(BAR_MARGIN, BAR_MARGIN, 0, 0);
    plot.draw_series([shape])?;
    let label =
        Text::new(metrics::fitted(&message(&bar.label), MAX_LABEL), (-GAP, ROW / 2), text(Ink::Text, HPos::Right, VPos::Center));
    let value = Text::new(bar.value.display(), (GAP, ROW / 2), text(Ink::Text, HPos::Left, VPos::Center));
    plot.draw_series([EmptyElement::at((0.0, row)) + label])?;
    plot.draw_series([EmptyElement::at((bar.size(), row)) + value])?;
    Ok(())
}

/// A limit: a line across all bars with its name above it, on the side where there is room.
fn draw_mark(plot: &mut Plot<'_, '_>, rows: i32, mark: &Bar) -> Result<(), Failure> {
    let at = mark.size();
    let side = if plot.x_range().end < at * 2.0 { HPos::Right } else { HPos::Left };
    let name = format!("{}: {}", message(&mark.label), mark.value.display());
    let label = Text::new(name, (0, -4), text(Ink::Limit, side, VPos::Bottom));
    plot.draw_series([PathElement::new([(at, 0), (at, rows)], stroke(Ink::Limit))])?;
    plot.draw_series([EmptyElement::at((at, 0)) + label])?;
    Ok(())
}
