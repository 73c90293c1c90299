//! `ALTER SYSTEM` statements.

use pgdba_pg::parameter::{self, Declaration, Kind, Value, ValueError};
use pgdba_pg::quote::{quote_identifier, quote_literal_raw};

/// The longest part of a name that a statement can hold; the server cuts off the rest.
const MAX_NAME_PART_BYTES: usize = 63;

/// One `ALTER SYSTEM`.
#[derive(Clone, PartialEq, Eq)]
pub enum Alter {
    /// Sets a parameter.
    Set {
        /// The parameter, spelled as it shall stand in the file.
        name: String,
        /// The value; of a list that is quoted, one for each element.
        literals: Vec<String>,
    },
    /// Takes a parameter out of the file.
    Reset {
        /// The parameter.
        name: String,
    },
}

impl std::fmt::Debug for Alter {
    /// Without the value, which may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Set { name, literals } => write!(f, "Set({name}, {} literals)", literals.len()),
            Self::Reset { name } => write!(f, "Reset({name})"),
        }
    }
}

impl Alter {
    /// The parameter.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Set { name, .. } | Self::Reset { name } => name,
        }
    }

    /// The statement. It cannot run inside a transaction block.
    ///
    /// What it writes is foretold for a session whose database is in UTF-8 and in which `quote_all_identifiers` is off: the server
    /// writes in the encoding of the database, and quotes every element of a list where that parameter is on.
    #[must_use]
    pub fn sql(&self) -> String {
        match self {
            Self::Set { name, literals } => {
                let literals: Vec<_> = literals.iter().map(|literal| quote_literal_raw(literal)).collect();
                format!("ALTER SYSTEM SET {} = {}", quote_name(name), literals.join(", "))
            }
            Self::Reset { name } => format!("ALTER SYSTEM RESET {}", quote_name(name)),
        }
    }

    /// The value that a server of this major version writes into the file; `None` of a reset.
    #[must_use]
    pub fn written(&self, major: i64) -> Option<String> {
        match self {
            Self::Set { name, literals } if parameter::is_list_quoted(name, major) => {
                Some(parameter::join_list(literals, major))
            }
            Self::Set { literals, .. } => Some(literals.join(", ")),
            Self::Reset { .. } => None,
        }
    }
}

/// A name as the grammar takes it: each part an identifier.
fn quote_name(name: &str) -> String {
    let parts: Vec<_> = name.split('.').map(quote_identifier).collect();
    parts.join(".")
}

/// The statement that gives a parameter the value a user wrote: `a, b` of a list that is quoted becomes two literals.
///
/// Whether the parameter takes the value is not looked at; that is [`parameter::parse`].
///
/// # Errors
///
/// A list that cannot be read, an empty one (`ALTER SYSTEM` writes that as one empty name), and what no `ALTER SYSTEM` takes.
pub fn set_of(name: &str, text: &str, major: i64) -> Result<Alter, ValueError> {
    let kind = text_kind(name, major);
    let literals = match (parameter::parse(&kind, text)?, kind) {
        (Value::List(elements), Kind::StringList { identifiers }) => literals_of(elements, identifiers)?,
        _ => vec![text.to_owned()],
    };
    Ok(Alter::Set { name: name.to_owned(), literals })
}

/// How a text parameter of this name is read: whole, or as a list.
fn text_kind(name: &str, major: i64) -> Kind {
    let declared =
        Declaration { name, vartype: "string", unit: None, min_val: None, max_val: None, enumvals: &[], major };
    Kind::of(&declared)
}

/// One empty name is harmless where it names a schema or a tablespace: there is none of that name. As a library or a folder it
/// keeps the server from starting.
fn literals_of(elements: Vec<String>, identifiers: bool) -> Result<Vec<String>, ValueError> {
    match (elements.is_empty(), identifiers) {
        (true, true) => Ok(vec![String::new()]),
        (true, false) => Err(ValueError::EmptyList),
        (false, false) if elements.iter().any(String::is_empty) => Err(ValueError::EmptyElement),
        (false, _) => Ok(elements),
    }
}

/// The statement after which the file holds exactly this value under exactly this name; `None` where no statement can write it, as
/// with a quoted list that has no blank after its comma, or bytes that are not UTF-8. How long a value is does not matter here: what
/// stood in the file must come back.
#[must_use]
pub fn set_from_file(name: &str, value: &[u8], major: i64) -> Option<Alter> {
    let text = std::str::from_utf8(value).ok()?;
    let literals = match text_kind(name, major) {
        Kind::StringList { identifiers } => parameter::split_list(text, identifiers)?,
        _ => vec![text.to_owned()],
    };
    let set = Alter::Set { name: name.to_owned(), literals };
    let fits = !text.contains('\n') && name_fits(name);
    (fits && set.has_literals() && set.written(major).as_deref() == Some(text)).then_some(set)
}

fn name_fits(name: &str) -> bool {
    name.split('.').all(|part| !part.is_empty() && part.len() <= MAX_NAME_PART_BYTES)
}

impl Alter {
    fn has_literals(&self) -> bool {
        matches!(self, Self::Set { literals, .. } if !literals.is_empty())
    }
}
