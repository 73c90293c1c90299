//! ES modules into one classic script, for a page that must work from a file, where browsers refuse module imports.
//!
//! This is no bundler. It knows the forms this page uses (`import {…} from './x.js'`, `export` before a declaration) and
//! refuses all others. Each module keeps a scope of its own, so two modules may use one name for different things.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

/// Reads `entry` and everything it imports, and returns one script: dependencies first, `entry` last.
pub(super) fn concatenate(entry: &Path) -> Result<String> {
    let mut all = Concatenation::default();
    all.add(entry, &mut Vec::new())?;
    Ok(format!("(() => {{\n'use strict';\n{}}})();\n", all.text))
}

#[derive(Default)]
struct Concatenation {
    text: String,
    /// The modules written so far: variable and exported names of each.
    done: BTreeMap<PathBuf, (String, Vec<String>)>,
}

impl Concatenation {
    /// Appends the module at `path` unless it is there. `above` is the chain of those that import it.
    fn add(&mut self, path: &Path, above: &mut Vec<PathBuf>) -> Result<()> {
        let place = path.canonicalize().with_context(|| format!("there is no module {}", path.display()))?;
        if self.done.contains_key(&place) {
            return Ok(());
        }
        ensure!(!above.contains(&place), "modules import each other in a cycle at {}", path.display());
        above.push(place.clone());
        let source = fs::read_to_string(&place).with_context(|| format!("could not read {}", path.display()))?;
        let module = Module::parse(&source).with_context(|| format!("module {}", path.display()))?;

        let mut head = String::new();
        for import in &module.imports {
            let target = place.with_file_name("").join(&import.from);
            self.add(&target, above)?;
            head += &self.binding(import, &target).with_context(|| format!("module {}", path.display()))?;
        }
        above.pop();
        let variable = format!("module_{}", self.done.len());
        let exports = module.exports.join(", ");
        self.text += &format!("const {variable} = (() => {{\n{head}{}return {{ {exports} }};\n}})();\n", module.body);
        self.done.insert(place, (variable, module.exports));
        Ok(())
    }

    /// The line that gives an importing module its names.
    fn binding(&self, import: &Import, target: &Path) -> Result<String> {
        let found = self.done.get(&target.canonicalize()?);
        let (variable, exports) = found.with_context(|| format!("{} is not there yet", import.from))?;
        for (name, _) in &import.names {
            ensure!(exports.contains(name), "{} does not export {name}", import.from);
        }
        let pairs = import.names.iter().map(|(name, alias)| format!("{name}: {alias}")).collect::<Vec<_>>();
        Ok(if pairs.is_empty() { String::new() } else { format!("const {{ {} }} = {variable};\n", pairs.join(", ")) })
    }
}

struct Import {
    /// Relative path, as written.
    from: String,
    /// Exported name and the name it gets here.
    names: Vec<(String, String)>,
}

#[derive(Default)]
struct Module {
    imports: Vec<Import>,
    exports: Vec<String>,
    body: String,
}

impl Module {
    fn parse(source: &str) -> Result<Self> {
        let mut module = Self::default();
        let mut lines = source.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("import ") || line.starts_with("import{") {
                let mut statement = line.to_owned();
                while !statement.trim_end().ends_with(';') {
                    statement += lines.next().context("an import without a semicolon at its end")?;
                }
                module.imports.push(parse_import(statement.trim_end().trim_end_matches(';'))?);
                continue;
            }
            let line = match line.strip_prefix("export ") {
                Some(declaration) => {
                    module.exports.push(declared(declaration)?);
                    declaration
                }
                None => line,
            };
            module.body += line;
            module.body.push('\n');
        }
        Ok(module)
    }
}

/// `import { a, b as c } from './x.js'` or `import './x.js'`.
fn parse_import(statement: &str) -> Result<Import> {
    let refused = || format!("cannot inline `{statement}`: only import {{ names }} from './file.js'");
    let rest = statement.strip_prefix("import").with_context(refused)?.trim();
    let (names, from) = match rest.split_once('}') {
        Some((names, from)) => {
            let names = names.trim().strip_prefix('{').with_context(refused)?;
            (names, from.trim().strip_prefix("from").with_context(refused)?)
        }
        None => ("", rest),
    };
    let from = from.trim().trim_matches(['\'', '"']).to_owned();
    let is_file = (from.starts_with("./") || from.starts_with("../")) && from.ends_with(".js");
    ensure!(is_file, "{}", refused());
    let names =
        names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(|name| match name.split_once(" as ") {
            Some((name, alias)) => (name.trim().to_owned(), alias.trim().to_owned()),
            None => (name.to_owned(), name.to_owned()),
        });
    Ok(Import { from, names: names.collect() })
}

/// The name that `function f(…)`, `const f = …` and so on declare.
fn declared(declaration: &str) -> Result<String> {
    const KEYWORDS: [&str; 5] = ["async function", "function*", "function", "const", "class"];
    let rest = KEYWORDS.iter().find_map(|word| declaration.strip_prefix(word)?.strip_prefix(' '));
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let name = rest.unwrap_or_default().split(|c| !is_part(c)).next().unwrap_or_default();
    if name.is_empty() {
        bail!("cannot inline `export {declaration}`: only export before function, const or class");
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(files: &[(&str, &str)]) -> Result<String> {
        let folder = tempfile::tempdir()?;
        for (name, text) in files {
            fs::write(folder.path().join(name), text)?;
        }
        concatenate(&folder.path().join("main.js"))
    }

    #[test]
    fn dependencies_come_first_and_once() {
        let text = joined(&[
            ("main.js", "import {\n  one,\n  two as zwei,\n} from './a.js';\nimport { three } from './b.js';\none(zwei, three);\n"),
            ("a.js", "import { three } from './b.js';\nexport function one() { return three; }\nexport const two = 2;\n"),
            ("b.js", "const hidden = 3;\nexport const three = hidden;\n"),
        ])
        .unwrap();
        let expected = "(() => {\n'use strict';\n\
            const module_0 = (() => {\nconst hidden = 3;\nconst three = hidden;\nreturn { three };\n})();\n\
            const module_1 = (() => {\nconst { three: three } = module_0;\nfunction one() { return three; }\nconst two = 2;\n\
            return { one, two };\n})();\n\
            const module_2 = (() => {\nconst { one: one, two: zwei } = module_1;\nconst { three: three } = module_0;\n\
            one(zwei, three);\nreturn {  };\n})();\n})();\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_it_does_not_know_is_refused() {
        for (bad, word) in [
            ("import all from './a.js';\n", "cannot inline"),
            ("import * as all from './a.js';\n", "cannot inline"),
            ("import { one } from 'package';\n", "cannot inline"),
            ("import { four } from './a.js';\n", "does not export four"),
            ("import { one } from './gone.js';\n", "there is no module"),
            ("import { one } from './main.js';\n", "in a cycle"),
            ("export default 1;\n", "only export before"),
            ("export let count = 1;\n", "only export before"),
        ] {
            let error = joined(&[("main.js", bad), ("a.js", "export const one = 1;\n")]).unwrap_err();
            assert!(format!("{error:#}").contains(word), "{bad}: {error:#}");
        }
    }
}
