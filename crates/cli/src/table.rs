//! A small table for a command's answer, as text and as Markdown.

/// Rows under headings.
pub(crate) struct Table<const N: usize> {
    headings: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table of these rows.
    pub(crate) fn new(headings: [&'static str; N], rows: impl IntoIterator<Item = [String; N]>) -> Self {
        Self { headings, rows: rows.into_iter().collect() }
    }

    /// Columns under each other, two blanks between them.
    pub(crate) fn text(&self) -> String {
        let lines: Vec<[String; N]> =
            std::iter::once(self.headings.map(str::to_owned)).chain(self.rows.iter().cloned()).collect();
        let mut widths = [0; N];
        for line in &lines {
            widths.iter_mut().zip(line).for_each(|(width, cell)| *width = cell.chars().count().max(*width));
        }
        let padded = lines.iter().map(|line| {
            let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
        });
        padded.collect()
    }

    /// A Markdown table; nothing in a cell becomes markup.
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut out = line(self.headings.map(str::to_owned).to_vec()) + &line(vec!["---".to_owned(); N]);
        self.rows.iter().for_each(|row| out.push_str(&line(row.iter().map(|cell| escape(cell)).collect())));
        out
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>|#".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_cells_do_not_become_markup() {
        let rows = [["a".to_owned(), "x|y".to_owned()], ["long_name".to_owned(), String::new()]];
        let table = Table::new(["name", "tags"], rows);
        assert_eq!(table.text(), "name       tags\na          x|y\nlong_name\n");
        assert_eq!(table.markdown(), "| name | tags |\n| --- | --- |\n| a | x\\|y |\n| long\\_name |  |\n");
    }
}
