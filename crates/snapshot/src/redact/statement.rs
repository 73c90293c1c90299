//! Which words of a statement or expression are PostgreSQL's.
//!
//! Nearly every keyword may also be the name of a column, so a word is kept where a keyword, type or function stands
//! and nowhere else: what is declared and what is used then get the same token.

use std::collections::BTreeMap;

use pgdba_pg::lexer::{Kind, Placed, is_column_name, is_reserved};

use super::key::Key;
use super::roles::{CALLS, ROLES, STRUCTURE, TYPE_KEYWORDS};
use super::vocabulary::{FUNCTIONS, RELATIONS, TYPES};

/// Columns that every table has.
const SYSTEM_COLUMNS: [&str; 7] = ["cmax", "cmin", "ctid", "oid", "tableoid", "xmax", "xmin"];

/// What stands around a word, white space and comments aside.
pub(super) struct Statement<'a, 't> {
    all: &'a [Placed<'t>],
    /// For each token that means something, by its place in `all`: its place among these.
    places: BTreeMap<usize, usize>,
    significant: Vec<usize>,
    /// For each of these, the place among them of the innermost parenthesis around it.
    openers: Vec<Option<usize>>,
}

impl<'a, 't> Statement<'a, 't> {
    pub(super) fn new(all: &'a [Placed<'t>]) -> Self {
        let means = |(at, placed): (usize, &Placed<'_>)| (!placed.token.is_blank()).then_some(at);
        let significant: Vec<usize> = all.iter().enumerate().filter_map(means).collect();
        let places = significant.iter().enumerate().map(|(place, at)| (*at, place)).collect();
        let mut open = Vec::new();
        let mut openers = Vec::with_capacity(significant.len());
        for (place, at) in significant.iter().enumerate() {
            let text = all.get(*at).map_or("", |placed| placed.token.text);
            if text == ")" {
                open.pop();
            }
            openers.push(open.last().copied());
            if text == "(" {
                open.push(place);
            }
        }
        Self { all, places, significant, openers }
    }

    /// What stands around the token at `at` of all.
    pub(super) fn place(&self, at: usize) -> Place<'_, 'a, 't> {
        Place { statement: self, place: self.places.get(&at).copied().unwrap_or(usize::MAX) }
    }
}

/// The place of one word.
pub(super) struct Place<'s, 'a, 't> {
    statement: &'s Statement<'a, 't>,
    place: usize,
}

impl Place<'_, '_, '_> {
    /// The token `offset` places further, in lower case; `'` for a constant or parameter, `.` at the ends.
    fn at(&self, offset: isize) -> String {
        let token = self.place.checked_add_signed(offset).and_then(|place| self.token(place));
        let Some(placed) = token else { return ".".to_owned() };
        match placed.token.kind {
            Kind::String | Kind::DollarString | Kind::Number | Kind::Parameter => "'".to_owned(),
            Kind::Sign if placed.token.text == "." => "dot".to_owned(),
            Kind::Sign | Kind::Operator | Kind::Word => placed.token.text.to_ascii_lowercase(),
            _ => "\"".to_owned(),
        }
    }

    fn token(&self, place: usize) -> Option<&Placed<'_>> {
        self.statement.all.get(*self.statement.significant.get(place)?)
    }

    /// The word before the parenthesis around it.
    fn opener(&self) -> String {
        let opener = self.statement.openers.get(self.place).copied().flatten();
        opener.map_or_else(String::new, |place| Place { statement: self.statement, place }.at(-1))
    }

    /// The word after the parenthesis around it.
    fn first_inside(&self) -> String {
        let opener = self.statement.openers.get(self.place).copied().flatten();
        opener.map_or_else(String::new, |place| Place { statement: self.statement, place }.at(1))
    }

    fn is_name_before(&self) -> bool {
        let before = self.at(-1);
        before == "\""
            || before.starts_with(|c: char| c.is_alphabetic() || c == '_') && before != "dot" && !is_reserved(&before)
    }

    /// Whether a type is what stands here.
    fn is_type(&self) -> bool {
        const CASTS: [&str; 3] = ["cast", "treat", "xmlserialize"];
        let (before, after) = (self.at(-1), self.at(1));
        let in_definition = || {
            let opener = self.opener();
            let begins = ["(", ",", "columns"].contains(&self.at(-2).as_str());
            begins
                && self.is_name_before()
                && self.first_inside() != "select"
                && (opener == "xmltable" || !opener.starts_with("xml"))
        };
        before == "::"
            || before == "as" && CASTS.contains(&self.opener().as_str())
            || before == "returning" && self.opener().starts_with("json")
            || ["of", "("].contains(&before.as_str()) && self.opener() == "of"
            || after == "'" && !self.is_in_range()
            || in_definition()
            || before == "national"
            || ["with", "without"].contains(&after.as_str()) && self.at(2) == "time"
            || ["double", "interval"].contains(&before.as_str())
            || self.closes_modifiers()
    }

    /// Whether a constant after it does not make it a type.
    fn is_in_range(&self) -> bool {
        ["limit", "offset", "escape"].contains(&self.at(0).as_str())
    }

    /// `name(3) '…'`: a type with modifiers and its constant.
    fn closes_modifiers(&self) -> bool {
        if self.at(1) != "(" {
            return false;
        }
        let inside = (2..).take_while(|offset| ["'", ","].contains(&self.at(*offset).as_str())).count();
        let close = isize::try_from(inside).unwrap_or(isize::MAX).saturating_add(2);
        let is_modified = TYPE_KEYWORDS.contains(&self.at(0).as_str());
        self.at(close) == ")" && (self.at(close + 1) == "'" || is_modified)
    }

    /// Whether a call is what stands here.
    fn is_call(&self) -> bool {
        let before = self.at(-1);
        self.at(1) == "(" && before != "into" && before != "with" && !(before == "as" && self.opener() != "cast")
    }

    /// Whether it is the name given to a column or table.
    fn is_label(&self) -> bool {
        self.at(-1) == "as"
            && !self.is_type()
            && !["(", "materialized"].contains(&self.at(0).as_str())
            && self.at(1) != "materialized"
    }

    fn has_role(&self, word: &str) -> bool {
        let (before, after) = (self.at(-1), self.at(1));
        ROLES.iter().any(|(keyword, befores, afters)| {
            *keyword == word && (befores.contains(&before.as_str()) || afters.contains(&after.as_str()))
        })
    }

    /// Whether IS or IS NOT stands before it.
    fn follows_is(&self) -> bool {
        let before = self.at(-1);
        before == "is" || before == "not" && self.at(-2) == "is"
    }

    /// Whether it is a keyword in a place that is none by its neighbours alone.
    fn has_rare_role(&self, word: &str) -> bool {
        let (before, after, opener) = (self.at(-1), self.at(1), self.opener());
        match word {
            "year" | "month" | "day" | "hour" | "minute" | "second" => opener == "extract" && before == "(",
            "value" if before == "by" => opener.starts_with("xml"),
            "value" if before == "json" => ["is", "not"].contains(&self.at(-2).as_str()),
            "unknown" | "json" if self.follows_is() => true,
            "json" => before == "format",
            "nfc" | "nfd" | "nfkc" | "nfkd" => opener == "normalize" && after == ")",
            "value" if opener == "json_object" || opener == "json_objectagg" => {
                let begins = ["(", ",", ":"].contains(&before.as_str());
                !begins && (before != "value" || ["(", ","].contains(&self.at(-2).as_str()))
            }
            "unknown" if after == "on" => opener.starts_with("json"),
            "name" => before == "(" && (opener == "xmlelement" || opener == "xmlpi"),
            "content" | "document" => before == "(" && opener.starts_with("xml"),
            "passing" | "path" => {
                opener.starts_with("json") || opener.starts_with("xml") || before == "'" || opener == "columns"
            }
            "columns" => opener.starts_with("xml"),
            "nested" => opener == "columns" && after == "'",
            "strip" | "preserve" | "whitespace" | "indent" | "yes" | "no" => opener.starts_with("xml"),
            "object" | "array" | "string" => ["json", "empty", "scalar", "on"].contains(&before.as_str()),
            "error" | "empty" => after == "on" || before == "on",
            "with" | "without" => true,
            "row" => after == "(" || before == "'",
            "rows" if ["first", "next", "offset"].contains(&self.at(-2).as_str()) => true,
            "rows" | "range" | "groups" => {
                let is_frame = ["over", "as"].contains(&opener.as_str());
                is_frame && (["'", "(", "\""].contains(&after.as_str()) || self.at(2) == "preceding")
            }
            "preceding" | "following" => {
                ["and", ")", "exclude"].contains(&after.as_str()) && ![",", "(", "by"].contains(&before.as_str())
            }
            "escape" => before == "'",
            "cycle" => self.is_name_before() && ["set", ","].contains(&self.at(2).as_str()),
            _ => false,
        }
    }

    /// Whether the word at this place is PostgreSQL's, and no name that somebody gave.
    pub(super) fn keeps(&self, key: &Key, word: &str) -> bool {
        if self.at(-1) == "dot" {
            let qualifier = self.at(-2);
            let is_catalog = qualifier == "pg_catalog" || qualifier == "information_schema";
            return SYSTEM_COLUMNS.contains(&word)
                || is_catalog && (RELATIONS.contains(word) || FUNCTIONS.contains(word) || TYPES.contains(word));
        }
        if self.at(1) == "dot" {
            let is_relation = RELATIONS.contains(word) && !key.knows(word);
            let is_row = matches!(word, "old" | "new") && !key.knows(word);
            return matches!(word, "pg_catalog" | "information_schema" | "excluded") || is_relation || is_row;
        }
        if self.is_label() && word != "not" && word != "select" {
            return false;
        }
        if is_reserved(word) || STRUCTURE.contains(&word) || self.has_role(word) || self.has_rare_role(word) {
            return true;
        }
        // Those of pg_catalog are found before all others, so a user's type of that name is qualified.
        if self.is_type() && (TYPE_KEYWORDS.contains(&word) || TYPES.contains(word)) {
            return true;
        }
        if self.is_call() {
            return is_column_name(word) || CALLS.contains(&word) || FUNCTIONS.contains(word);
        }
        (RELATIONS.contains(word) || SYSTEM_COLUMNS.contains(&word)) && !key.knows(word)
    }
}
