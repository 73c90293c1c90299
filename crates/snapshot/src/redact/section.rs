//! One section, taken apart as it stands in the document and put together again with its values changed.
//!
//! What does not change is copied as it is written, so that a number keeps all its digits.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::cell::{self, Neighbours, is_figure};
use super::columns::{self, Rule};
use super::key::Key;
use super::kind::Kind;
use super::order::{Order, Row};
use super::text;
use crate::section::{ColumnType, SectionSpec};
use crate::sections::{self, pg_locks};

/// Members of a section that hold a figure, a time or a switch.
const FIGURES: [&str; 5] = ["available", "collected_at", "duration_ms", "readings", "stats_reset"];

/// The columns of `pg_locks` that hold the two halves of an advisory lock's key.
const LOCK_KEY: [&str; 2] = ["classid", "objid"];

/// What is done to values.
pub(super) trait Change {
    /// A text of a column under a rule; `None` is a column nobody knows.
    fn text(&mut self, rule: Option<Rule>, neighbours: &Neighbours, text: &str) -> String;

    /// JSON where no text stands: what is put in its place, as JSON.
    fn json(&mut self, json: &str) -> String;

    /// Half of the key of an advisory lock, which applications often compute from a name: what is put in its place, as JSON.
    fn lock_key(&mut self, half: u32) -> u32 {
        half
    }
}

/// Puts tokens in place of names.
pub(super) struct Redact<'k>(pub(super) &'k mut Key);

impl Change for Redact<'_> {
    fn text(&mut self, rule: Option<Rule>, neighbours: &Neighbours, text: &str) -> String {
        match rule {
            Some(rule) => cell::redact(self.0, rule, neighbours, text),
            None if text.is_empty() => String::new(),
            None => self.0.token(Kind::Text, text),
        }
    }

    fn json(&mut self, json: &str) -> String {
        if json == "null" { json.to_owned() } else { quoted(&self.0.json_token(json)) }
    }

    fn lock_key(&mut self, half: u32) -> u32 {
        self.0.lock_key(half)
    }
}

/// Gives names their tokens, those of catalogs only: so a word of a statement gets the token of what it names.
pub(super) struct Name<'k>(pub(super) &'k mut Key);

impl Change for Name<'_> {
    fn text(&mut self, rule: Option<Rule>, neighbours: &Neighbours, text: &str) -> String {
        match rule {
            Some(Rule::Name(Kind::Text | Kind::Parameter)) => {}
            Some(rule @ (Rule::Name(_) | Rule::Relation | Rule::InSchema(_) | Rule::Hba(_))) => {
                cell::redact(self.0, rule, neighbours, text);
            }
            _ => {}
        }
        String::new()
    }

    fn json(&mut self, _: &str) -> String {
        "null".to_owned()
    }
}

/// Puts names in place of tokens.
pub(super) struct Restore<'k>(pub(super) &'k Key);

impl Change for Restore<'_> {
    fn text(&mut self, rule: Option<Rule>, _: &Neighbours, text: &str) -> String {
        text::restore(self.0, rule.and_then(Rule::language), text)
    }

    fn json(&mut self, json: &str) -> String {
        json.to_owned()
    }

    fn lock_key(&mut self, half: u32) -> u32 {
        self.0.restored_lock_key(half).unwrap_or(half)
    }
}

impl Restore<'_> {
    /// The JSON that a text stands for, where it is the token of some.
    fn json_of(&self, json: &str) -> Option<String> {
        let text: String = serde_json::from_str(json).ok()?;
        self.0.json(&text).map(str::to_owned)
    }
}

/// A section with `change` done to its values.
pub(super) struct Walk<'a, C> {
    /// The section's name in the original document.
    pub(super) name: &'a str,
    spec: Option<&'static SectionSpec>,
    /// Its columns by name, and what becomes of them.
    columns: Vec<Column>,
    change: C,
    json_of: fn(&C, &str) -> Option<String>,
}

struct Column {
    name: String,
    is_known: bool,
    /// Whether its values are figures, times or switches.
    is_figure: bool,
    rule: Option<Rule>,
}

impl<'a, C: Change> Walk<'a, C> {
    pub(super) fn new(name: &'a str, change: C) -> Self {
        Self { name, spec: sections::find(name), columns: Vec::new(), change, json_of: |_, _| None }
    }

    /// What the values were changed by.
    pub(super) fn into_change(self) -> C {
        self.change
    }

    /// The JSON of the section that `json` is.
    pub(super) fn section(&mut self, json: &str) -> String {
        if let Some(whole) = (self.json_of)(&self.change, json) {
            return whole;
        }
        let members: Option<BTreeMap<String, &RawValue>> = serde_json::from_str(json).ok();
        let Some((members, _)) = members.zip(self.spec) else { return self.change.json(json) };
        let names = members.get("columns").and_then(|names| serde_json::from_str::<Vec<String>>(names.get()).ok());
        self.columns = names.unwrap_or_default().into_iter().map(|name| self.column(name)).collect();
        self.object(&members, Self::member)
    }

    fn object(
        &mut self,
        members: &BTreeMap<String, &RawValue>,
        change: impl Fn(&mut Self, &str, &str) -> (String, String),
    ) -> String {
        let members: Vec<String> = members
            .iter()
            .map(|(name, value)| {
                let (name, value) = change(self, name, value.get());
                format!("{}:{value}", quoted(&name))
            })
            .collect();
        format!("{{{}}}", members.join(","))
    }

    fn member(&mut self, name: &str, json: &str) -> (String, String) {
        let value = match name {
            "columns" if !self.columns.is_empty() => self.names(),
            "rows" => self.rows(json),
            "error" | "limited" => self.value(Some(Rule::Prose), false, &Neighbours::default(), json),
            "earlier" => self.look(json),
            "between" => self.list(json, Self::look),
            "partial" => self.partial(json),
            _ if FIGURES.contains(&name) => self.value(None, true, &Neighbours::default(), json),
            _ => return self.unknown(name, json),
        };
        (name.to_owned(), value)
    }

    fn unknown(&mut self, name: &str, json: &str) -> (String, String) {
        let name = self.change.text(None, &Neighbours::default(), name);
        (name, self.value(None, false, &Neighbours::default(), json))
    }

    fn column(&mut self, name: String) -> Column {
        let declared = self.spec.and_then(|spec| spec.column(&name));
        let is_text = declared.is_some_and(|column| matches!(column.ty, ColumnType::Text | ColumnType::TextList));
        Column {
            rule: columns::rule(self.name, &name).filter(|_| is_text),
            is_figure: declared.is_some() && !is_text,
            is_known: declared.is_some(),
            name,
        }
    }

    /// The names of the columns; one that no pgdba of this version collects may say anything.
    fn names(&mut self) -> String {
        let columns = std::mem::take(&mut self.columns);
        let names: Vec<String> = columns
            .iter()
            .map(|column| match column.is_known {
                true => quoted(&column.name),
                false => quoted(&self.change.text(None, &Neighbours::default(), &column.name)),
            })
            .collect();
        self.columns = columns;
        format!("[{}]", names.join(","))
    }

    /// A look of a delta besides the last.
    fn look(&mut self, json: &str) -> String {
        self.part(json, |walk, name, json| match name {
            "collected_at" => (name.to_owned(), walk.value(None, true, &Neighbours::default(), json)),
            "rows" => (name.to_owned(), walk.rows(json)),
            _ => walk.unknown(name, json),
        })
    }

    /// The databases whose part is missing, which were read in the order of their names.
    fn partial(&mut self, json: &str) -> String {
        let Ok(databases) = serde_json::from_str::<Vec<&RawValue>>(json) else { return self.other(json) };
        let mut databases: Vec<String> = databases.into_iter().map(|one| self.missing(one.get())).collect();
        // Each begins with its name.
        databases.sort();
        format!("[{}]", databases.join(","))
    }

    /// A database whose part is missing.
    fn missing(&mut self, json: &str) -> String {
        self.part(json, |walk, name, json| {
            let rule = match name {
                "datname" => Rule::Name(Kind::Database),
                "error" => Rule::Prose,
                _ => return walk.unknown(name, json),
            };
            (name.to_owned(), walk.value(Some(rule), false, &Neighbours::default(), json))
        })
    }

    fn part(&mut self, json: &str, change: impl Fn(&mut Self, &str, &str) -> (String, String)) -> String {
        match serde_json::from_str::<BTreeMap<String, &RawValue>>(json) {
            Ok(members) => self.object(&members, change),
            Err(_) => self.other(json),
        }
    }

    fn list(&mut self, json: &str, change: impl Fn(&mut Self, &str) -> String) -> String {
        match serde_json::from_str::<Vec<&RawValue>>(json) {
            Ok(items) => {
                let items: Vec<String> = items.into_iter().map(|item| change(self, item.get())).collect();
                format!("[{}]", items.join(","))
            }
            Err(_) => self.other(json),
        }
    }

    fn rows(&mut self, json: &str) -> String {
        let Ok(rows) = serde_json::from_str::<Vec<&RawValue>>(json) else { return self.other(json) };
        let order = Order::of(self.spec, &|wanted| self.columns.iter().position(|column| column.name == wanted));
        let rows: Vec<Row> = rows.into_iter().map(|row| self.row(&order, row.get())).collect();
        let mut out = String::with_capacity(json.len());
        for row in order.sorted(rows) {
            out.push_str(if out.is_empty() { "\n" } else { ",\n" });
            out.push_str(&row.json);
        }
        format!("[{out}]")
    }

    fn row(&mut self, order: &Order, json: &str) -> Row {
        let Ok(cells) = serde_json::from_str::<Vec<&RawValue>>(json) else { return Row::from(self.other(json)) };
        let columns = std::mem::take(&mut self.columns);
        let text = |wanted: &str| {
            let at = columns.iter().position(|column| column.name == wanted)?;
            serde_json::from_str::<String>(cells.get(at)?.get()).ok()
        };
        let neighbours = Neighbours {
            name: text("name").unwrap_or_default(),
            relkind: text("relkind").unwrap_or_default(),
            nspname: text("nspname").unwrap_or_default(),
            typtype: text("typtype").unwrap_or_default(),
        };
        let is_advisory = self.name == pg_locks::SPEC.name && text("locktype").as_deref() == Some("advisory");
        let cells: Vec<String> = cells
            .iter()
            .enumerate()
            .map(|(at, cell)| match columns.get(at) {
                Some(Column { rule: Some(Rule::Stays), .. }) => cell.get().to_owned(),
                Some(Column { name, .. }) if is_advisory && LOCK_KEY.contains(&name.as_str()) => {
                    self.lock_key(cell.get())
                }
                Some(column) => self.value(column.rule, column.is_figure, &neighbours, cell.get()),
                None => self.value(None, false, &neighbours, cell.get()),
            })
            .collect();
        self.columns = columns;
        order.row(&cells)
    }

    /// Half of the key of an advisory lock; what is not such a number is replaced as any text would be.
    fn lock_key(&mut self, json: &str) -> String {
        match json.parse() {
            Ok(half) => self.change.lock_key(half).to_string(),
            Err(_) => self.other(json),
        }
    }

    fn value(&mut self, rule: Option<Rule>, may_be_figure: bool, neighbours: &Neighbours, json: &str) -> String {
        if json == "null" || may_be_figure && is_figure(json) {
            return json.to_owned();
        }
        if let Some(whole) = (self.json_of)(&self.change, json) {
            return whole;
        }
        if let Ok(text) = serde_json::from_str::<String>(json) {
            return quoted(&self.change.text(rule, neighbours, &text));
        }
        match serde_json::from_str::<Vec<&RawValue>>(json) {
            Ok(items) if rule.is_some() => {
                let mut items: Vec<String> =
                    items.into_iter().map(|item| self.value(rule, false, neighbours, item.get())).collect();
                if rule == Some(Rule::Name(Kind::Role)) {
                    items.sort_by_cached_key(|item| serde_json::from_str::<String>(item).unwrap_or_default());
                }
                format!("[{}]", items.join(","))
            }
            _ => self.change.json(json),
        }
    }

    /// What is of another form than it should be.
    fn other(&mut self, json: &str) -> String {
        self.value(None, false, &Neighbours::default(), json)
    }
}

impl<'k> Walk<'k, Restore<'k>> {
    /// Puts names in place of tokens; `name` is that of the original.
    pub(super) fn restoring(name: &'k str, key: &'k Key) -> Self {
        Self { json_of: |change, json| change.json_of(json), ..Self::new(name, Restore(key)) }
    }
}

/// `text` as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
