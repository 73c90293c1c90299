//! The files of an addition, written together once all of them are known.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result, bail, ensure};

/// Files that are to be written, and the tree they are for.
pub(super) struct Draft<'a> {
    root: &'a Path,
    files: Vec<(PathBuf, String)>,
}

/// Where a line goes in a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind the others: the order has a meaning.
    Last,
    /// Among the others, which are sorted.
    Sorted,
}

impl<'a> Draft<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self { root, files: Vec::new() }
    }

    /// A new file.
    pub(super) fn create(&mut self, path: &str, text: String) -> Result<()> {
        ensure!(!self.root.join(path).exists(), "{path} exists already");
        self.files.push((PathBuf::from(path), text));
        Ok(())
    }

    /// A file that is there, with a change.
    pub(super) fn edit(&mut self, path: &str, change: impl FnOnce(&str) -> Result<String>) -> Result<()> {
        let text = self.read(path)?;
        let changed = change(&text).with_context(|| format!("could not edit {path}"))?;
        self.files.push((PathBuf::from(path), changed));
        Ok(())
    }

    pub(super) fn read(&self, path: &str) -> Result<String> {
        fs::read_to_string(self.root.join(path)).with_context(|| format!("could not read {path}"))
    }

    /// The texts of the files in a folder, without those of its own folders.
    pub(super) fn texts(&self, folder: &str) -> Result<Vec<String>> {
        let entries = fs::read_dir(self.root.join(folder)).with_context(|| format!("could not read {folder}"))?;
        let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        let texts = paths.iter().filter(|path| path.is_file()).map(fs::read_to_string);
        Ok(texts.collect::<io::Result<_>>()?)
    }

    /// Writes all of them.
    pub(super) fn write(self) -> Result<Vec<PathBuf>> {
        for (path, text) in &self.files {
            let place = self.root.join(path);
            let folder = place.parent().context("a file without a folder")?;
            fs::create_dir_all(folder)?;
            fs::write(&place, text).with_context(|| format!("could not write {}", path.display()))?;
        }
        Ok(self.files.into_iter().map(|(path, _)| path).collect())
    }
}

/// `text` with `line` in the block that the line beginning with `opening` opens.
///
/// The block ends at the first line as far to the left as its opening; `line` is complete, with its indentation.
pub(super) fn listed(text: &str, opening: &str, line: &str, place: Place) -> Result<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().position(|line| line.starts_with(opening));
    let start = start.with_context(|| format!("no line begins with \"{opening}\""))? + 1;
    let indent = opening.len() - opening.trim_start().len();
    let is_end = |line: &&str| !line.trim().is_empty() && line.len() - line.trim_start().len() <= indent;
    let length = lines.iter().skip(start).position(is_end).with_context(|| format!("\"{opening}\" never ends"))?;
    let list = lines.iter().skip(start).take(length);
    if list.clone().any(|listed| *listed == line) {
        bail!("\"{}\" is listed already", line.trim());
    }
    let before = match place {
        Place::Last => length,
        Place::Sorted => list.take_while(|listed| **listed < line).count(),
    };
    lines.insert(start + before, line);
    Ok(lines.join("\n") + "\n")
}

/// `text` with `mod name;` among its sorted modules.
pub(super) fn with_module(text: &str, name: &str) -> Result<String> {
    let module = format!("mod {name};");
    let mut lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|line| line.starts_with("mod ")).context("it has no modules")?;
    let sorted = lines.iter().skip(first).take_while(|line| line.starts_with("mod ") && **line < module.as_str());
    let place = first + sorted.count();
    lines.insert(place, &module);
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "mod a;\nmod c;\n\nlist! {\n    a,\n    c,\n}\n\nlist_of_others! {\n    x,\n}\n";

    #[test]
    fn a_line_goes_to_its_place_in_its_list_only() {
        let sorted = listed(TEXT, "list! {", "    b,", Place::Sorted).unwrap();
        assert_eq!(sorted, TEXT.replace("    a,\n", "    a,\n    b,\n"));
        let last = listed(TEXT, "list! {", "    b,", Place::Last).unwrap();
        assert_eq!(last, TEXT.replace("    c,\n", "    c,\n    b,\n"));
        listed(TEXT, "list! {", "    c,", Place::Last).unwrap_err();
        listed(TEXT, "nothing! {", "    c,", Place::Last).unwrap_err();
    }

    #[test]
    fn a_module_goes_among_the_others() {
        assert_eq!(with_module(TEXT, "b").unwrap(), TEXT.replace("mod c;", "mod b;\nmod c;"));
        assert_eq!(with_module(TEXT, "d").unwrap(), TEXT.replace("mod c;", "mod c;\nmod d;"));
    }
}
