//! What can be wrong with the form of a connection string.

/// What is wrong with the form of a connection string. Nothing of the string is repeated: a slip of the pen may have put the
/// password anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A key has no value.
    #[error("\"=\" is missing; a value with spaces needs single quotes")]
    MissingEquals,
    /// A quoted value has no end.
    #[error("unterminated single quote")]
    OpenQuote,
    /// A password that is not percent-coded breaks the URL up.
    #[error("a \"@\", \"/\" or \"?\" in the password must be percent-encoded (%40, %2F, %3F)")]
    UncodedPassword,
    /// An option of a URL has no value.
    #[error("\"=\" is missing after an option")]
    OptionWithoutValue,
    /// An IPv6 address has no end.
    #[error("\"]\" is missing after an IPv6 address")]
    OpenBracket,
    /// Something follows an IPv6 address that is not a port.
    #[error("only a port can follow \"]\"")]
    AfterBracket,
    /// A percent sign that codes nothing.
    #[error(
        "invalid percent-encoding: \"%\" is not followed by two hexadecimal digits, or the bytes are not valid UTF-8"
    )]
    BadPercent,
    /// libpq has no such option.
    #[error("unrecognized option, not shown because it might be part of a password")]
    UnknownOption,
}
