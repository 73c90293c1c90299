//! Puts the sources of the page together: one HTML file with everything inside, and the same as a folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{gzip, modules, policy};

/// What the page is made of, beside the hand-written sources in `web/`.
pub struct Parts {
    /// The glue script of the module.
    pub glue: String,
    /// The module.
    pub wasm: Vec<u8>,
    /// The built-in example, gzip.
    pub example: Option<Vec<u8>>,
}

/// The hand-written sources, as texts.
struct Sources {
    template: String,
    style: String,
    script: String,
    worker: String,
}

/// Writes `pgdba.html` and `folder/` below `out` and returns the path of the former.
///
/// The same input gives the same bytes.
pub fn assemble(sources: &Path, parts: &Parts, out: &Path) -> Result<PathBuf> {
    let sources = Sources::read(sources, &parts.glue)?;
    let page = out.join("pgdba.html");
    fs::create_dir_all(out)?;
    fs::write(&page, one_file(&sources, parts)?).with_context(|| format!("could not write {}", page.display()))?;
    write_folder(&sources, parts, &out.join("folder"))?;
    Ok(page)
}

impl Sources {
    /// `glue` goes in front of the worker's own text.
    fn read(folder: &Path, glue: &str) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
            // A browser turns CR LF into LF before it computes a hash.
            ensure!(!text.contains('\r'), "{} has carriage returns; its hash would not match", path.display());
            Ok(text)
        };
        Ok(Self {
            template: read("index.html")?,
            style: read("style.css")?,
            script: modules::concatenate(&folder.join("main.js"))?.replace('\r', ""),
            worker: format!("{}\n{}", glue.trim_end(), read("worker.js")?),
        })
    }
}

fn one_file(sources: &Sources, parts: &Parts) -> Result<String> {
    let script = inside_script(&sources.script);
    let style = &sources.style;
    ensure!(!style.to_ascii_lowercase().contains("</style"), "style.css must not contain the text </style");
    let mut data =
        format!("<script type=\"text/plain\" id=\"worker-source\">{}</script>\n", inside_script(&sources.worker));
    data += &block("wasm", &gzip(&parts.wasm)?);
    if let Some(example) = &parts.example {
        data += &block("example", example);
    }
    fill(
        &sources.template,
        [
            ("<!--@CSP-->", &meta(&policy::one_file(&script, style))),
            ("<!--@STYLE-->", &format!("<style>{style}</style>")),
            ("<!--@SCRIPT-->", &format!("<script>{script}</script>")),
            ("<!--@DATA-->", data.trim_end()),
        ],
    )
}

fn write_folder(sources: &Sources, parts: &Parts, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let index = fill(
        &sources.template,
        [
            ("<!--@CSP-->", &meta(&policy::folder())),
            ("<!--@STYLE-->", "<link rel=\"stylesheet\" href=\"style.css\">"),
            ("<!--@SCRIPT-->", "<script src=\"app.js\"></script>"),
            ("<!--@DATA-->", ""),
        ],
    )?;
    let files = [
        ("index.html", index.as_bytes()),
        ("style.css", sources.style.as_bytes()),
        ("app.js", sources.script.as_bytes()),
        ("worker.js", sources.worker.as_bytes()),
        ("pgdba_bg.wasm", &parts.wasm),
    ];
    let example = parts.example.iter().map(|example| ("example.json.gz", example.as_slice()));
    for (name, bytes) in files.into_iter().chain(example) {
        fs::write(folder.join(name), bytes).with_context(|| format!("could not write {name}"))?;
    }
    Ok(())
}

fn meta(policy: &str) -> String {
    format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")
}

fn block(id: &str, bytes: &[u8]) -> String {
    format!("<script type=\"application/octet-stream\" id=\"{id}\">{}</script>\n", STANDARD.encode(bytes))
}

/// JavaScript that may stand in a script element: the two texts that HTML would take for its own end of script, or for a
/// comment in it, are written with an escape that means the same in strings, templates and regular expressions.
fn inside_script(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        let follows = |word: &str| from.get(1..=word.len()).is_some_and(|next| next.eq_ignore_ascii_case(word));
        let meant_otherwise = follows("/script") || follows("script") || follows("!--");
        safe += before;
        safe += if meant_otherwise { "\\x3c" } else { "<" };
        rest = from.get(1..).unwrap_or_default();
    }
    safe + rest
}

/// Replaces each placeholder, which must stand in the template exactly once. What is put in is not looked at again.
fn fill(template: &str, values: [(&str, &str); 4]) -> Result<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some(at) = rest.find("<!--@") {
        let (before, from) = rest.split_at(at);
        let Some((name, value)) = values.iter().find(|(name, _)| from.starts_with(name)) else {
            let word = from.lines().next().unwrap_or_default();
            bail!("index.html has an unknown placeholder: {word}");
        };
        filled += before;
        filled += value;
        rest = from.strip_prefix(name).unwrap_or_default();
    }
    for (name, _) in values {
        let count = template.matches(name).count();
        ensure!(count == 1, "index.html must have {name} exactly once, it has it {count} times");
    }
    Ok(filled + rest)
}

#[cfg(test)]
mod tests;
