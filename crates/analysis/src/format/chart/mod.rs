//! Charts, one kind a file. All that a face needs without drawing is in [`Kind`]; how a kind is drawn is in the file of
//! the same name in `crates/report/src/chart`.

use schemars::JsonSchema;
use serde::Serialize;

use super::Quantity;

/// What every kind of chart has, and what a face without pictures shows of it.
pub trait Kind {
    /// What is compared.
    fn caption(&self) -> &str;

    /// The figures it shows, in its own order; all have the same unit.
    fn figures(&self) -> &[Bar];

    /// Limits to compare them with.
    fn limits(&self) -> &[Bar] {
        &[]
    }
}

/// Declares the kinds of charts: the modules, and the enum of them.
macro_rules! charts {
    ($($(#[doc = $doc:expr])+ $module:ident: $kind:ident,)+) => {
        $(mod $module;)+
        $(pub use $module::$kind;)+

        /// A chart, by its kind.
        #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
        #[serde(tag = "chart", rename_all = "snake_case")]
        pub enum Chart {
            $($(#[doc = $doc])+ $kind($kind),)+
        }

        impl Chart {
            fn kind(&self) -> &dyn Kind {
                match self { $(Self::$kind(chart) => chart,)+ }
            }
        }

        $(impl From<$kind> for Chart {
            fn from(chart: $kind) -> Self {
                Self::$kind(chart)
            }
        })+
    };
}

charts! {
    /// Horizontal bars.
    bars: Bars,
}

impl Chart {
    /// What is compared.
    #[must_use]
    pub fn caption(&self) -> &str {
        self.kind().caption()
    }

    /// The figures it shows, in its own order.
    #[must_use]
    pub fn figures(&self) -> &[Bar] {
        self.kind().figures()
    }

    /// Limits to compare them with.
    #[must_use]
    pub fn limits(&self) -> &[Bar] {
        self.kind().limits()
    }
}

/// A named figure of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Bar {
    /// Its name.
    pub label: String,
    /// The figure.
    pub value: Quantity,
}

impl Bar {
    /// A figure and its name.
    #[must_use]
    pub fn new(label: impl Into<String>, value: impl Into<Quantity>) -> Self {
        Self { label: label.into(), value: value.into() }
    }

    /// The figure as a length; zero where it is not known.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.value.size()
    }
}
