//! Charts as SVG: the same bytes natively and in WebAssembly, colored by class, so that the style determines dark and print colors.
//!
//! One kind a file, beside its data in `crates/analysis/src/format/chart`.

mod axis;
mod backend;
mod metrics;

use pgdba_analysis::Chart;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{IntoFont, RGBAColor, ShapeStyle, TextStyle};

use self::backend::{Ink, Unwritable};

/// Everything that is drawn is in units of the view box, which are pixels where there is room.
const WIDTH: i32 = 640;
const GAP: i32 = 8;
pub(crate) const FONT_SIZE: i32 = 12;

type Failure = DrawingAreaErrorKind<Unwritable>;

/// How a kind of chart is drawn.
trait Draw {
    /// What it shows, in words: for those who do not see the picture.
    fn description(&self) -> String;

    /// Draws into `body`, [`WIDTH`] wide, and gives the height.
    fn draw(&self, body: &mut String) -> Result<i32, Failure>;
}

/// Declares the kinds of charts that are drawn here; the compiler misses a kind that is not.
macro_rules! charts {
    ($($module:ident: $kind:ident,)+) => {
        $(mod $module;)+

        fn drawing(chart: &Chart) -> &dyn Draw {
            match chart { $(Chart::$kind(chart) => chart,)+ }
        }
    };
}

charts! {
    bars: Bars,
}

/// The chart as an `svg` element; `id` is used for nothing else on the page.
///
/// # Errors
/// plotters failed, which writing into a string does not cause.
pub(crate) fn svg(chart: &Chart, id: &str) -> Result<String, impl std::error::Error + use<>> {
    let drawing = drawing(chart);
    let mut body = String::new();
    let height = drawing.draw(&mut body)?;
    Ok::<_, Failure>(format!(
        "<svg role=\"img\" viewBox=\"0 0 {WIDTH} {height}\" aria-labelledby=\"{id}-t\" aria-describedby=\"{id}-d\">\
         <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>{body}</svg>",
        backend::escaped(chart.caption()),
        backend::escaped(&drawing.description()),
    ))
}

fn filled(ink: Ink) -> ShapeStyle {
    ShapeStyle { color: ink.into(), filled: true, stroke_width: 0 }
}

fn stroke(ink: Ink) -> ShapeStyle {
    ShapeStyle { color: ink.into(), filled: false, stroke_width: 1 }
}

fn text(ink: Ink, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    let color: RGBAColor = ink.into();
    ("sans-serif", FONT_SIZE).into_font().color(&color).pos(Pos::new(horizontal, vertical))
}

#[cfg(test)]
mod tests;
