//! What a constant is for: most are values, some are part of a statement's shape.

use super::keyword::precedes_expression;
use super::{Kind, Token, tokens};

/// Digits of the highest number of a column of a result.
const POSITION_DIGITS: usize = 4;

/// Digits of the longest modifier of a type: `varchar(10485760)`.
const MODIFIER_DIGITS: usize = 8;

/// What a constant or parameter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A value. So is, to be safe, whatever is not known to be something else.
    Value,
    /// The number of a column of the result, in ORDER BY, GROUP BY or DISTINCT ON.
    Position,
    /// A modifier of a type: both numbers of `numeric(12,2)`.
    Modifier,
    /// A value of which the grammar wants the text in quotes: `date '2026-01-31'`.
    Typed,
}

impl Use {
    /// Whether a number that is used so is part of the statement's shape and no value.
    #[must_use]
    pub fn is_shape(self) -> bool {
        matches!(self, Self::Position | Self::Modifier)
    }
}

/// A token and what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed<'a> {
    /// The token.
    pub token: Token<'a>,
    /// What it is for, if it is a constant or a parameter; else [`Use::Value`].
    pub used_as: Use,
}

/// The tokens of `text` with what each is for.
#[must_use]
pub fn placed(text: &str) -> Vec<Placed<'_>> {
    let all: Vec<Token<'_>> = tokens(text).collect();
    let mut reader = Reader { all: &all, significant: Vec::new(), brackets: vec![Bracket::Other], closed: None };
    (0..all.len()).filter_map(|at| reader.read(at)).collect()
}

/// What is inside a bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bracket {
    /// Numbers that stand alone are positions.
    Positions,
    /// Numbers are modifiers.
    Modifiers,
    /// `cast(… as type)`.
    Cast,
    Other,
}

struct Reader<'a, 't> {
    all: &'a [Token<'t>],
    /// The tokens read so far without those that mean nothing.
    significant: Vec<Token<'t>>,
    /// The brackets around the current token; the first is the statement itself.
    brackets: Vec<Bracket>,
    /// What the bracket held that was closed last.
    closed: Option<Bracket>,
}

impl<'t> Reader<'_, 't> {
    fn read(&mut self, at: usize) -> Option<Placed<'t>> {
        let token = *self.all.get(at)?;
        let used_as = match token.kind {
            Kind::Number if self.is_mark_of_cycle() => Use::Typed,
            Kind::Number => self.number(token, at),
            Kind::String | Kind::DollarString | Kind::Parameter if self.is_typed() => Use::Typed,
            _ => Use::Value,
        };
        self.follow(token);
        if !token.is_blank() {
            self.significant.push(token);
        }
        Some(Placed { token, used_as })
    }

    /// The token `back` places before the current one; 1 is the one before it.
    fn before(&self, back: usize) -> Option<Token<'t>> {
        self.significant.get(self.significant.len().checked_sub(back)?).copied()
    }

    fn is_before(&self, back: usize, words: &[&str]) -> bool {
        self.before(back).is_some_and(|token| words.iter().any(|word| token.text.eq_ignore_ascii_case(word)))
    }

    fn number(&self, token: Token<'t>, at: usize) -> Use {
        let digits = token.text.len();
        if !token.text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Use::Value;
        }
        match self.brackets.last() {
            Some(Bracket::Modifiers) if digits <= MODIFIER_DIGITS => Use::Modifier,
            Some(Bracket::Positions) if digits <= POSITION_DIGITS => {
                let begins = self.is_before(1, &["by", ",", "(", "all", "distinct"]);
                let next = self.all.get(at + 1..).unwrap_or_default().iter().find(|token| !token.is_blank());
                let ends = next.is_none_or(|next| next.kind == Kind::Word || [",", ")", ";"].contains(&next.text));
                if begins && ends { Use::Position } else { Use::Value }
            }
            _ => Use::Value,
        }
    }

    /// Whether a constant here is one of both in `CYCLE … SET mark TO 1 DEFAULT 0`, where the grammar wants constants.
    fn is_mark_of_cycle(&self) -> bool {
        self.is_before(1, &["to"]) && self.is_before(3, &["set"])
            || self.is_before(1, &["default"]) && self.is_before(3, &["to"]) && self.is_before(5, &["set"])
    }

    /// Whether a constant here is that of a type or field, which the grammar wants in quotes.
    fn is_typed(&self) -> bool {
        if self.is_mark_of_cycle() {
            return true;
        }
        let Some(before) = self.before(1) else { return false };
        match before.kind {
            Kind::Word if before.is_word("zone") => self.is_before(3, &["with", "without"]),
            Kind::Word => !precedes_expression(before.text) || self.is_before(2, &["."]),
            Kind::QuotedName | Kind::UnicodeName => true,
            _ if before.text == "(" => self.is_before(2, &["extract"]),
            _ => before.text == ")",
        }
    }

    /// Keeps track of brackets and clauses.
    fn follow(&mut self, token: Token<'t>) {
        match token.text {
            "(" => self.brackets.push(self.opened()),
            "[" => self.brackets.push(if self.is_array_type() { Bracket::Modifiers } else { Bracket::Other }),
            ")" | "]" if self.brackets.len() > 1 => self.closed = self.brackets.pop(),
            _ if token.kind == Kind::Word => self.enter_clause(token),
            _ => {}
        }
    }

    fn enter_clause(&mut self, token: Token<'t>) {
        const ENDS: [&str; 20] = [
            "except",
            "fetch",
            "for",
            "from",
            "group",
            "groups",
            "having",
            "intersect",
            "into",
            "limit",
            "offset",
            "on",
            "order",
            "range",
            "returning",
            "rows",
            "select",
            "union",
            "where",
            "window",
        ];
        let clause = if token.is_word("by") && self.is_before(1, &["order", "group"]) {
            Bracket::Positions
        } else if ENDS.iter().any(|word| token.is_word(word)) {
            Bracket::Other
        } else {
            return;
        };
        if let Some(bracket) = self.brackets.last_mut().filter(|bracket| **bracket != Bracket::Cast) {
            *bracket = clause;
        }
    }

    /// What a parenthesis that opens here holds.
    fn opened(&self) -> Bracket {
        let in_positions = self.brackets.last() == Some(&Bracket::Positions);
        if in_positions && self.is_before(1, &["by", ",", "(", "rollup", "cube", "sets", "all", "distinct"])
            || self.is_before(1, &["on"]) && self.is_before(2, &["distinct"])
        {
            Bracket::Positions
        } else if self.is_before(1, &["cast", "treat", "xmlserialize"]) {
            Bracket::Cast
        } else if self.is_type(1) {
            Bracket::Modifiers
        } else {
            Bracket::Other
        }
    }

    /// Whether the bracket that opens here holds the size of an array type: `int[3]`, `varchar(10)[3][4]`, `int array[3]`.
    fn is_array_type(&self) -> bool {
        let follows_modifiers = self.is_before(1, &[")", "]"]) && self.closed == Some(Bracket::Modifiers);
        self.is_type(1) || follows_modifiers || self.is_before(1, &["array"]) && self.is_type(2)
    }

    /// Whether the token `back` places before the current one is the name of a type that may have modifiers.
    fn is_type(&self, back: usize) -> bool {
        /// Those that are never called as a function.
        const TYPES: [&str; 17] = [
            "bit",
            "char",
            "character",
            "current_time",
            "current_timestamp",
            "dec",
            "decimal",
            "float",
            "interval",
            "localtime",
            "localtimestamp",
            "nchar",
            "numeric",
            "time",
            "timestamp",
            "varchar",
            "varying",
        ];
        let Some(name) = self.before(back) else { return false };
        if name.kind == Kind::Word && TYPES.iter().any(|word| name.is_word(word)) {
            return true;
        }
        if name.is_word("second") {
            return self.before(back + 1).is_some_and(|before| before.is_literal() || before.is_word("to"));
        }
        let is_name = name.kind == Kind::QuotedName || name.kind == Kind::Word && !precedes_expression(name.text);
        if !is_name {
            return false;
        }
        if self.is_before(back + 1, &["."]) {
            return self.is_before(back + 3, &["::"]);
        }
        match self.before(back + 1) {
            Some(before) if before.is_word("as") => self.brackets.last() == Some(&Bracket::Cast),
            // A column and its type: `as t(price money_with_scale(2))`.
            Some(before) if before.kind == Kind::Word => {
                !precedes_expression(before.text) && self.is_in_definition(back + 2)
            }
            Some(before) => before.text == "::",
            None => false,
        }
    }

    /// Whether a list of column definitions may be what goes on before the token `back` places before the current one.
    fn is_in_definition(&self, back: usize) -> bool {
        self.is_before(back, &["(", ",", "columns"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The constants of `text` that are no plain values.
    fn shaping(text: &str) -> Vec<String> {
        let shaping = placed(text).into_iter().filter(|placed| placed.used_as != Use::Value);
        shaping.map(|placed| format!("{:?} {}", placed.used_as, placed.token.text)).collect()
    }

    #[test]
    fn positions_and_modifiers_are_told_from_values() {
        for (text, expected) in [
            ("select a, 1 from t where b in (1, 2) order by 1, 2 desc limit 3", &["Position 1", "Position 2"][..]),
            (
                "select 1 group by 1, (2), f(3), 4 + 5, rollup (6, 7) having 8 > 9",
                &["Position 1", "Position 2", "Position 6", "Position 7"],
            ),
            ("select distinct on (1, 2) a", &["Position 1", "Position 2"]),
            ("(select 1 order by 1) union select 2 order by 3", &["Position 1", "Position 3"]),
            ("select f(a order by 1) + 5 order by 123456", &["Position 1"]),
            (
                "select a::numeric(12,2), cast(b as vector(3)), c::x.geometry(Point,4326), d::int[3]",
                &["Modifier 12", "Modifier 2", "Modifier 3", "Modifier 4326", "Modifier 3"],
            ),
            (
                "select a::int[3][4], b::varchar(10)[5], cast(c as int array[6]), d::text[][7], (array[1])[2]",
                &["Modifier 3", "Modifier 4", "Modifier 10", "Modifier 5", "Modifier 6", "Modifier 7"],
            ),
            ("select current_timestamp(3), b::character varying(20)", &["Modifier 3", "Modifier 20"]),
            ("select * from f(1) as t(a vector(3), b money(2))", &["Modifier 3", "Modifier 2"]),
            ("select f(1), a and f(2), x between f(3) and f(4), b f", &[]),
            (
                "select timestamp with time zone '1', second(2), interval '3' second(4)",
                &["Typed '1'", "Typed '3'", "Modifier 4"],
            ),
            ("insert into t values (1)", &[]),
            ("insert into t select 1, g (2)", &[]),
            (
                "select date '1', interval(3) '2', a like '3', b::x '4', extract('year' from d), c.t '5'",
                &["Typed '1'", "Modifier 3", "Typed '2'", "Typed '4'", "Typed 'year'", "Typed '5'"],
            ),
            ("cycle a set b to 'Y' default 0 using c", &["Typed 'Y'", "Typed 0"]),
            ("select date $1, $2 and $3 at time zone $4, f($5)", &["Typed $1"]),
        ] {
            assert_eq!(shaping(text), expected, "{text}");
        }
    }
}
