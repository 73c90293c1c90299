//! Why a text is no value for a parameter.

use thiserror::Error;

/// Why the server would refuse a text, or why it must not be given to it.
///
/// No message repeats the text, which may be a secret, unless it is a number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValueError {
    /// No word for true or false.
    #[error("a Boolean value is required")]
    NotABoolean,
    /// The text does not begin with a number.
    #[error("{} is required", if *.fraction { "a number" } else { "an integer" })]
    NotANumber {
        /// Whether the parameter keeps fractions.
        fraction: bool,
    },
    /// What follows the number is no unit of this parameter.
    #[error("{}", if .valid.is_empty() { "the parameter does not have a unit" } else { "invalid unit" })]
    BadUnit {
        /// The units it takes; none where it takes a bare number.
        valid: &'static [&'static str],
    },
    /// A number beyond the limits.
    #[error("{} is outside the valid range ({} .. {})", value, with_unit(.min, .unit), with_unit(.max, .unit))]
    OutOfRange {
        /// The number as it was typed.
        value: String,
        /// The smallest one allowed.
        min: String,
        /// The largest one allowed.
        max: String,
        /// The unit of the limits.
        unit: Option<String>,
    },
    /// Within the limits, and refused by a rule of the parameter's own.
    #[error("{rule}")]
    Rule {
        /// What holds of the values that are allowed.
        rule: &'static str,
    },
    /// None of an enum's words.
    #[error("the value is not one of those allowed")]
    NotInEnum {
        /// The words it takes.
        values: Vec<String>,
    },
    /// `ALTER SYSTEM` takes no line breaks.
    #[error("the value must not contain a newline")]
    Newline,
    /// No text of PostgreSQL's holds a zero byte.
    #[error("the value must not contain a zero byte")]
    Nul,
    /// So long that the server would take very long to read its files.
    #[error("the value is too long ({bytes} bytes, maximum {max})")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The longest one that is written.
        max: usize,
    },
    /// A list whose commas or quotes do not fit.
    #[error("the list syntax is invalid")]
    ListSyntax,
    /// An element of a list without a character.
    #[error("the list has an empty element")]
    EmptyElement,
    /// `ALTER SYSTEM` writes an empty list as a list of one empty name.
    #[error("an empty list cannot be written by ALTER SYSTEM")]
    EmptyList,
}

impl ValueError {
    /// What to write instead.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NotABoolean => "Write on or off.".to_owned(),
            Self::NotANumber { .. } => "Write a number, with a unit if the parameter has one, such as 64MB.".to_owned(),
            Self::BadUnit { valid: [] } => "Leave the unit out.".to_owned(),
            Self::BadUnit { valid } => {
                format!("Valid units are {}; case matters.", valid.join(", "))
            }
            Self::OutOfRange { min, max, unit, .. } => {
                format!("Write a value between {} and {}.", with_unit(min, unit), with_unit(max, unit))
            }
            Self::Rule { .. } => "Write a value that satisfies this rule.".to_owned(),
            Self::NotInEnum { values } => format!("Valid values are {}.", values.join(", ")),
            Self::Newline => "Write the value on one line.".to_owned(),
            Self::Nul => "Remove the zero byte.".to_owned(),
            Self::TooLong { .. } => "Write a shorter value.".to_owned(),
            Self::ListSyntax => {
                "Separate the elements with commas, and put an element that contains a comma in double quotes."
                    .to_owned()
            }
            Self::EmptyElement => "Remove the empty element.".to_owned(),
            Self::EmptyList => "Reset the parameter instead: its default is the empty list.".to_owned(),
        }
    }
}

/// `64 kB`, or `64` where there is no unit. A unit that is a multiple, such as `8kB`, is written the way the server writes it.
fn with_unit(number: &str, unit: &Option<String>) -> String {
    unit.as_ref().map_or_else(|| number.to_owned(), |unit| format!("{number} {unit}"))
}
