//! plotters' drawings as SVG text.
//!
//! plotters has a backend for SVG of its own. In a browser that one measures text with the page's fonts, so its output
//! would differ from machine to machine; it writes literal colors; and it draws with one element for each piece.

use std::convert::Infallible;
use std::fmt::Write;

use askama::filters::Escaper;
use plotters::style::RGBAColor;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use super::{FONT_SIZE, metrics};
use crate::escape::{Html, with_layout};

/// What is drawn, which determines its color. plotters passes only colors, so each ink is encoded as a color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Text,
    Muted,
    Grid,
    Series,
    Limit,
}

impl Ink {
    const ALL: [Self; 5] = [Self::Text, Self::Muted, Self::Grid, Self::Series, Self::Limit];

    fn class(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Muted => "muted",
            Self::Grid => "grid",
            Self::Series => "series",
            Self::Limit => "limit",
        }
    }

    fn of(color: BackendColor) -> Self {
        Self::ALL.into_iter().find(|ink| *ink as u8 == color.rgb.2).unwrap_or(Self::Text)
    }
}

impl From<Ink> for RGBAColor {
    fn from(ink: Ink) -> Self {
        Self(0, 0, ink as u8, 1.0)
    }
}

/// Writing into a string does not fail.
pub(super) type Unwritable = Infallible;

type Drawn = Result<(), DrawingErrorKind<Unwritable>>;

/// A drawing under way.
pub(super) struct Svg<'a> {
    out: &'a mut String,
    size: (i32, i32),
}

impl<'a> Svg<'a> {
    pub(super) fn new(out: &'a mut String, size: (i32, i32)) -> Self {
        Self { out, size }
    }

    fn element(&mut self, text: std::fmt::Arguments<'_>) -> Drawn {
        // Writing into a string does not fail.
        let _ = self.out.write_fmt(text);
        Ok(())
    }
}

/// Text from a snapshot, escaped for SVG.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Writing into a string does not fail.
    let _ = Html.write_escaped_str(&mut out, text);
    out
}

impl DrawingBackend for Svg<'_> {
    type ErrorType = Unwritable;

    fn get_size(&self) -> (u32, u32) {
        (self.size.0.unsigned_abs(), self.size.1.unsigned_abs())
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.element(format_args!("<path class=\"f {}\" d=\"M{x} {y}h1v1h-1z\"/>", Ink::of(color).class()))
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Drawn {
        let (class, ink) = (if fill { "f" } else { "l" }, Ink::of(style.color()).class());
        let (x, y, width, height) = (from.0.min(to.0), from.1.min(to.1), from.0.abs_diff(to.0), from.1.abs_diff(to.1));
        self.element(format_args!("<path class=\"{class} {ink}\" d=\"M{x} {y}h{width}v{height}h-{width}z\"/>"))
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let points: Vec<String> = path.into_iter().map(|(x, y)| format!("{x} {y}")).collect();
        self.element(format_args!("<path class=\"l {}\" d=\"M{}\"/>", Ink::of(style.color()).class(), points.join("L")))
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let points: Vec<String> = path.into_iter().map(|(x, y)| format!("{x} {y}")).collect();
        self.element(format_args!(
            "<path class=\"f {}\" d=\"M{}z\"/>",
            Ink::of(style.color()).class(),
            points.join("L")
        ))
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        // From the line that plotters means to the base line of the letters.
        let y = match style.anchor().v_pos {
            VPos::Top => y + FONT_SIZE,
            VPos::Center => y + FONT_SIZE / 3,
            VPos::Bottom => y,
        };
        let (ink, text) = (Ink::of(style.color()).class(), with_layout(text));
        self.element(format_args!("<text class=\"{ink}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"))
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        _: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Unwritable>> {
        Ok((metrics::width(text).unsigned_abs(), FONT_SIZE.unsigned_abs()))
    }
}
