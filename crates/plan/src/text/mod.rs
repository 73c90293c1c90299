//! The text form: lines whose column says what they belong to.
//!
//! The arrow of a child is in the column of its parent's properties; the arrow of a labeled subquery is two columns to the right of its
//! label, which is in that column. Whatever is read here becomes values in the vocabulary of the JSON form.

mod balance;
mod grouping;
mod head;
mod name;
mod property;
mod tail;
mod target;

use std::borrow::Cow;

use self::balance::Balance;
use self::grouping::Grouping;
use self::head::Head;
use crate::doc::{Doc, Id, Value};
use crate::error::ReadError;

pub(crate) use self::balance::Budget;

/// What the lines of a scope are properties of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Node,
    Worker,
    Jit,
    Planning,
    Serialization,
    Table,
}

/// Something that is open, so that a line in its column is its property.
#[derive(Debug, Clone, Copy)]
struct Scope {
    object: Id,
    column: usize,
    of: Of,
}

/// Whether a plan can begin with this line: a node with its figures, or the name of a known node.
pub(crate) fn is_root(line: &str) -> bool {
    root(line).is_some()
}

/// The same, but only with figures: a line of a statement can consist of the name of a node.
pub(crate) fn is_root_with_figures(line: &str) -> bool {
    root(line).is_some_and(|head| head.has_figures)
}

/// Whether this line is a node with its arrow, as it is or as HTML.
pub(crate) fn is_below_root(line: &str) -> bool {
    let line = line.trim();
    let name = ["->", "-&gt;"].into_iter().find_map(|arrow| line.strip_prefix(arrow));
    name.is_some_and(is_root)
}

/// The names of nodes begin with a capital letter, those of other things with figures in parentheses need not.
fn root(line: &str) -> Option<Head<'_>> {
    let line = line.trim();
    line.starts_with(|c: char| c.is_ascii_uppercase()).then(|| Head::parse(line)).flatten()
}

/// Reads the plan whose root is the line `at`, and returns its statement with the line behind it.
pub(crate) fn read<'a>(
    lines: &[&'a str],
    at: usize,
    doc: &mut Doc<'a>,
    budget: &mut Budget,
) -> Result<(Id, usize), ReadError> {
    let statement = doc.push(None, "", Value::Object)?;
    let base = lines.get(at).map_or(0, |line| column(line));
    let mut reader =
        Reader { lines, at, doc, statement, base, scopes: Vec::new(), label: None, grouping: Grouping::default() };
    reader.root(budget)?;
    while let Some(line) = lines.get(reader.at) {
        if !reader.line(line, budget)? {
            break;
        }
    }
    reader.grouping.write(reader.doc)?;
    Ok((statement, reader.at))
}

struct Reader<'l, 'a, 'd> {
    lines: &'l [&'a str],
    at: usize,
    doc: &'d mut Doc<'a>,
    statement: Id,
    /// The column of the root.
    base: usize,
    scopes: Vec<Scope>,
    /// The label of the subquery that comes next.
    label: Option<String>,
    grouping: Grouping,
}

impl<'a> Reader<'_, 'a, '_> {
    fn root(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        let line = self.logical(budget);
        let root = self.doc.push(Some(self.statement), "Plan", Value::Object)?;
        if let Some(head) = Head::parse(line.trim()) {
            head.write(self.doc, root)?;
        }
        self.scopes.push(Scope { object: root, column: self.base + 2, of: Of::Node });
        Ok(())
    }

    /// The line at which the reader is, with those that its last literal continues on, trimmed at its beginning.
    fn logical(&mut self, budget: &mut Budget) -> Cow<'a, str> {
        let (line, next) = Balance::logical(self.lines, self.at, budget);
        self.at = next;
        line
    }

    /// Reads one line; `false` if it is not of this plan.
    fn line(&mut self, line: &'a str, budget: &mut Budget) -> Result<bool, ReadError> {
        let trimmed = line.trim();
        let column = column(line);
        if trimmed.is_empty() {
            return Ok(self.skip_blank());
        }
        if trimmed.starts_with("-> ") {
            return self.child(column, budget);
        }
        if is_below_root(trimmed) {
            return Ok(false);
        }
        // One column less than a property: people lose the first blank of a text.
        if column < self.base + 2 {
            return self.tail(trimmed, column);
        }
        if self.is_label(trimmed, column) {
            self.label = Some(trimmed.to_owned());
            self.at += 1;
            return Ok(true);
        }
        if self.takes_target(trimmed, column)? {
            self.at += 1;
            return Ok(true);
        }
        let logical = self.logical(budget);
        self.property(logical.trim_start(), column)?;
        Ok(true)
    }

    /// An empty line ends the plan, unless it is only one of the double spacing of some clients.
    fn skip_blank(&mut self) -> bool {
        let next = self.lines.get(self.at + 1).filter(|next| !next.trim().is_empty());
        let continues = next.is_some_and(|next| column(next) > self.base || tail::is_tail(next.trim()));
        self.at += usize::from(continues);
        continues
    }

    /// A line that the next line's arrow is two columns to the right of.
    fn is_label(&self, trimmed: &str, column_of_label: usize) -> bool {
        let is_before_arrow = self
            .lines
            .get(self.at + 1)
            .is_some_and(|next| next.trim_start().starts_with("-> ") && column(next) == column_of_label + 2);
        let is_known = ["CTE ", "InitPlan ", "SubPlan "].iter().any(|prefix| trimmed.starts_with(prefix));
        is_before_arrow && (is_known || !trimmed.contains(": ") && Balance::is_balanced(trimmed))
    }

    /// Closes what is open to the right of a column.
    fn close(&mut self, column: usize) {
        while self.scopes.len() > 1 && self.scopes.last().is_some_and(|scope| scope.column > column) {
            self.scopes.pop();
        }
    }

    fn child(&mut self, column: usize, budget: &mut Budget) -> Result<bool, ReadError> {
        // All nodes below the root would be its children.
        if column < self.base + 2 {
            return Ok(false);
        }
        let label = self.label.take();
        self.close(column);
        while self.scopes.len() > 1 && self.scopes.last().is_some_and(|scope| scope.of != Of::Node) {
            self.scopes.pop();
        }
        let Some(parent) = self.scopes.last().filter(|scope| scope.of == Of::Node).copied() else { return Ok(false) };
        let line = self.logical(budget);
        let name = line.trim_start().trim_start_matches("->");
        let arrow = line.trim_start().len() - name.trim_start().len();
        let plans = match self.doc.get(parent.object, "Plans") {
            Some(plans) => plans,
            None => self.doc.push(Some(parent.object), "Plans", Value::Array)?,
        };
        let node = self.doc.push(Some(plans), "", Value::Object)?;
        if let Some(label) = label {
            self.doc.text_in(node, "Subplan Name", label)?;
        }
        match Head::parse(name.trim()) {
            Some(head) => head.write(self.doc, node)?,
            None => self.doc.text_in(node, "Node Type", name.trim().to_owned())?,
        }
        self.scopes.push(Scope { object: node, column: column + arrow + 2, of: Of::Node });
        Ok(true)
    }

    /// `Update on part_1`, without an arrow: a table of a ModifyTable.
    fn takes_target(&mut self, trimmed: &str, column: usize) -> Result<bool, ReadError> {
        let Some(target) = target::of_modification(trimmed) else { return Ok(false) };
        self.close(column);
        while self.scopes.last().is_some_and(|scope| scope.of == Of::Table) {
            self.scopes.pop();
        }
        let Some(node) = self.scopes.last().filter(|scope| scope.of == Of::Node).copied() else { return Ok(false) };
        let kind = self.doc.get(node.object, "Node Type").and_then(|id| self.doc.text(id));
        if kind != Some("ModifyTable") {
            return Ok(false);
        }
        let tables = match self.doc.get(node.object, "Target Tables") {
            Some(tables) => tables,
            None => self.doc.push(Some(node.object), "Target Tables", Value::Array)?,
        };
        let table = self.doc.push(Some(tables), "", Value::Object)?;
        target.write(self.doc, table)?;
        self.scopes.push(Scope { object: table, column: column + 2, of: Of::Table });
        Ok(true)
    }

    fn property(&mut self, line: &str, column: usize) -> Result<(), ReadError> {
        self.close(column);
        let Some(scope) = self.scopes.last().copied() else { return Ok(()) };
        let Some((key, value)) = line.split_once(':') else { return Ok(()) };
        let worker = key.strip_prefix("Worker ").and_then(|number| number.parse::<u32>().ok());
        if let (Some(worker), Of::Node) = (worker, scope.of) {
            return self.worker(scope, worker, value.trim(), column);
        }
        if key == "JIT" && value.is_empty() {
            let object = self.doc.push(Some(scope.object), "JIT", Value::Object)?;
            self.scopes.push(Scope { object, column: column + 2, of: Of::Jit });
            return Ok(());
        }
        if self.grouping.takes(self.doc, scope.object, key, value.trim()) {
            return Ok(());
        }
        property::write(self.doc, scope.object, scope.of, key, value.trim())
    }

    fn worker(&mut self, scope: Scope, number: u32, value: &str, column: usize) -> Result<(), ReadError> {
        let workers = match self.doc.get(scope.object, "Workers") {
            Some(workers) => workers,
            None => self.doc.push(Some(scope.object), "Workers", Value::Array)?,
        };
        let object = self.doc.push(Some(workers), "", Value::Object)?;
        self.doc.text_in(object, "Worker Number", number.to_string())?;
        if let Some(figures) = value.strip_prefix("actual ") {
            head::write_actual(self.doc, object, figures)?;
        } else if let Some((key, value)) = value.split_once(": ") {
            property::write(self.doc, object, Of::Worker, key, value)?;
        }
        self.scopes.push(Scope { object, column: column + 2, of: Of::Worker });
        Ok(())
    }

    /// A line in the column of the root, or to its left.
    fn tail(&mut self, trimmed: &str, column: usize) -> Result<bool, ReadError> {
        if column + 1 < self.base || !tail::is_tail(trimmed) {
            return Ok(false);
        }
        self.scopes.clear();
        if let Some((object, of)) = tail::write(self.doc, self.statement, trimmed)? {
            self.scopes.push(Scope { object, column: column + 2, of });
        }
        self.at += 1;
        Ok(true)
    }
}

/// How many characters of white space a line begins with.
fn column(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace()).count()
}
