//! What sort of value a parameter takes.

use super::list;
use super::words;

/// What `pg_settings` says of a parameter, as far as it decides which values are allowed.
#[derive(Debug, Clone, Copy)]
pub struct Declaration<'a> {
    /// The parameter's name.
    pub name: &'a str,
    /// `bool`, `enum`, `integer`, `real` or `string`.
    pub vartype: &'a str,
    /// The unit, such as `8kB` or `ms`.
    pub unit: Option<&'a str>,
    /// The smallest value allowed.
    pub min_val: Option<&'a str>,
    /// The largest value allowed.
    pub max_val: Option<&'a str>,
    /// The words of an enum.
    pub enumvals: &'a [String],
    /// The server's major version.
    pub major: i64,
}

/// What sort of value a parameter takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// On or off.
    Bool,
    /// A whole number of `unit`, of 32 bits.
    Integer {
        /// Such as `8kB` or `ms`.
        unit: Option<String>,
        /// The smallest one allowed.
        min: i64,
        /// The largest one allowed.
        max: i64,
    },
    /// A number of `unit`.
    Real {
        /// Such as `ms`.
        unit: Option<String>,
        /// The smallest one allowed.
        min: f64,
        /// The largest one allowed.
        max: f64,
    },
    /// One word of a few.
    Enum {
        /// The words that `pg_settings` shows.
        values: Vec<String>,
        /// Words that are taken and not shown, each with the one it stands for.
        hidden: Vec<(&'static str, &'static str)>,
        /// Whether `values` and `hidden` are all there are.
        complete: bool,
    },
    /// Any text; what more the server asks of it cannot be told from outside.
    String,
    /// A list of names of which each is quoted when `ALTER SYSTEM` writes it.
    StringList {
        /// Whether unquoted elements are SQL identifiers, which are folded to lower case; else they are file names.
        identifiers: bool,
    },
}

impl Kind {
    /// The kind of the parameter declared so. A vartype that is not known counts as text.
    #[must_use]
    pub fn of(declared: &Declaration<'_>) -> Self {
        let unit = declared.unit.filter(|unit| !unit.is_empty()).map(str::to_owned);
        match declared.vartype {
            "bool" => Self::Bool,
            "integer" => Self::Integer {
                unit,
                min: limit(declared.min_val).unwrap_or(i64::from(i32::MIN)),
                max: limit(declared.max_val).unwrap_or(i64::from(i32::MAX)),
            },
            "real" => Self::Real {
                unit,
                min: real_limit(declared.min_val, -f64::MAX),
                max: real_limit(declared.max_val, f64::MAX),
            },
            "enum" => Self::Enum {
                values: declared.enumvals.to_vec(),
                hidden: words::hidden(declared.name, declared.enumvals, declared.major),
                complete: words::are_known(declared.name, declared.major),
            },
            _ if list::is_list_quoted(declared.name, declared.major) => {
                Self::StringList { identifiers: list::holds_identifiers(declared.name) }
            }
            _ => Self::String,
        }
    }
}

fn limit(text: Option<&str>) -> Option<i64> {
    text?.parse().ok()
}

/// A limit as the view prints it, with six digits: what rounds to the largest number there is stands for that.
fn real_limit(text: Option<&str>, otherwise: f64) -> f64 {
    let printed = text.and_then(|text| text.parse::<f64>().ok()).unwrap_or(otherwise);
    if printed.abs() >= 1.797_69e308 { f64::MAX.copysign(printed) } else { printed }
}
