//! The module paths that a Rust file mentions, read from its tokens: in `use`, in expressions and types, and inside macros.

use std::iter::Peekable;
use std::vec::IntoIter;

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The segments of a path, such as `crate`, `facts`, `Tables`.
pub(super) type Segments = Vec<String>;

/// What a file says of modules.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scanned {
    /// Every path mentioned.
    pub(super) references: Vec<Mention>,
    /// Every name that a `use` makes, with the path behind it.
    pub(super) aliases: Vec<(String, Mention)>,
    /// Modules that only tests compile, relative to the file's own.
    pub(super) tests: Vec<Segments>,
    /// Inline modules, relative to the file's own.
    pub(super) inline: Vec<Segments>,
}

/// A path and the inline module it is mentioned in, relative to the file's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) module: Segments,
    pub(super) path: Segments,
}

type Tokens = Peekable<IntoIter<TokenTree>>;

/// Reads a file's text.
///
/// # Errors
/// When it is not Rust.
pub(super) fn scan(text: &str) -> Result<Scanned> {
    let tokens = text.parse::<TokenStream>().map_err(|error| anyhow!("not Rust: {error}"))?;
    let mut scanned = Scanned::default();
    scanned.read(tokens, &[]);
    Ok(scanned)
}

impl Scanned {
    fn read(&mut self, stream: TokenStream, module: &[String]) {
        let mut tokens = tokens(stream);
        let mut is_in_path = false;
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => self.attribute(&mut tokens, module),
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    is_in_path = separator(&mut tokens);
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == '$' => {
                    // `$crate` is a path's beginning, `$name` is whatever the caller gives.
                    is_in_path = !matches!(tokens.peek(), Some(TokenTree::Ident(name)) if name == "crate");
                    continue;
                }
                TokenTree::Ident(ident) if is_in_path => drop(ident),
                TokenTree::Ident(ident) if ident == "use" => self.import(&mut tokens, module),
                TokenTree::Ident(ident) if ident == "mod" => self.module(&mut tokens, module),
                TokenTree::Ident(ident) => {
                    let path = path(ident.to_string(), &mut tokens);
                    if path.len() > 1 {
                        self.references.push(Mention { module: module.to_vec(), path });
                    }
                }
                TokenTree::Group(group) => self.read(group.stream(), module),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            is_in_path = false;
        }
    }

    /// `mod name { … }`; of `mod name;` the file tells the rest.
    fn module(&mut self, tokens: &mut Tokens, module: &[String]) {
        let Some(name) = next_ident(tokens) else { return };
        if let Some(body) = braces(tokens) {
            let inner = [module, &[name]].concat();
            self.read(body.stream(), &inner);
            self.inline.push(inner);
        }
    }

    /// After `#`: an item under `#[cfg(test)]` is passed over.
    fn attribute(&mut self, tokens: &mut Tokens, module: &[String]) {
        let Some(TokenTree::Group(attribute)) = tokens.next_if(|token| matches!(token, TokenTree::Group(_))) else {
            return;
        };
        if attribute.stream().to_string().replace(' ', "") != "cfg(test)" {
            return;
        }
        let (mut previous, mut is_use) = (String::new(), false);
        for token in tokens.by_ref() {
            match &token {
                TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !is_use => break,
                TokenTree::Ident(ident) if previous == "mod" => {
                    self.tests.push([module, &[ident.to_string()]].concat());
                }
                _ => {}
            }
            previous = token.to_string();
            is_use |= previous == "use";
        }
    }

    /// After `use`: all paths of the tree, up to its semicolon.
    fn import(&mut self, tokens: &mut Tokens, module: &[String]) {
        self.tree(tokens, &[], module);
    }

    /// The branches of a `use`, which commas part, below `prefix`.
    fn tree(&mut self, tokens: &mut Tokens, prefix: &[String], module: &[String]) {
        let (mut path, mut alias) = (prefix.to_vec(), None);
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                TokenTree::Punct(punct) if punct.as_char() == ',' => {
                    self.branch(std::mem::replace(&mut path, prefix.to_vec()), alias.take(), prefix, module);
                }
                TokenTree::Ident(ident) if ident == "as" => alias = next_ident(tokens),
                TokenTree::Ident(ident) => path.push(ident.to_string()),
                TokenTree::Group(group) => {
                    self.tree(&mut self::tokens(group.stream()), &path, module);
                    path = prefix.to_vec();
                }
                TokenTree::Punct(punct) if punct.as_char() == '*' => {
                    let path = std::mem::replace(&mut path, prefix.to_vec());
                    self.references.push(Mention { module: module.to_vec(), path });
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
        self.branch(path, alias, prefix, module);
    }

    fn branch(&mut self, mut path: Segments, alias: Option<String>, prefix: &[String], module: &[String]) {
        if path.len() <= prefix.len() {
            return;
        }
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let Some(name) = alias.or_else(|| path.last().cloned()) else { return };
        let mention = Mention { module: module.to_vec(), path };
        self.references.push(mention.clone());
        self.aliases.push((name, mention));
    }
}

fn tokens(stream: TokenStream) -> Tokens {
    stream.into_iter().collect::<Vec<_>>().into_iter().peekable()
}

/// `first` and all segments that follow it.
fn path(first: String, tokens: &mut Tokens) -> Segments {
    let mut path = vec![first];
    loop {
        // A copy decides: what follows a `::` may be `<` or a group, which the caller reads.
        let mut ahead = tokens.clone();
        let is_colon = |token: Option<TokenTree>| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == ':');
        if !(is_colon(ahead.next()) && is_colon(ahead.next())) {
            return path;
        }
        let Some(TokenTree::Ident(segment)) = ahead.next() else { return path };
        path.push(segment.to_string());
        *tokens = ahead;
    }
}

/// Whether a second colon follows the first, so that the next word continues a path.
fn separator(tokens: &mut Tokens) -> bool {
    tokens.next_if(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':')).is_some()
}

fn next_ident(tokens: &mut Tokens) -> Option<String> {
    tokens.next_if(|token| matches!(token, TokenTree::Ident(_))).map(|ident| ident.to_string())
}

fn braces(tokens: &mut Tokens) -> Option<Group> {
    match tokens.next_if(|token| matches!(token, TokenTree::Group(_)))? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        scan(text).unwrap().references.iter().map(|mention| mention.path.join("::")).collect()
    }

    #[test]
    fn a_use_is_taken_apart() {
        let text = "use crate::{a::{self, B}, c as d, e::*}; pub use self::f::G; pub(super) use super::h;";
        assert_eq!(paths(text), ["crate::a", "crate::a::B", "crate::c", "crate::e", "self::f::G", "super::h"]);
        let aliases = scan(text).unwrap().aliases;
        let of =
            |name: &str| aliases.iter().find(|(alias, _)| alias == name).map(|(_, mention)| mention.path.join("::"));
        assert_eq!(
            (of("d"), of("a"), of("G")),
            (Some("crate::c".into()), Some("crate::a".into()), Some("self::f::G".into()))
        );
    }

    #[test]
    fn paths_are_seen_in_types_expressions_and_macros() {
        let text = "fn f(x: &crate::a::A<super::B>) -> u8 { say!(\"crate::no\", $crate::c::D, $x::e); <A as T>::g(); h::<I>() }";
        assert_eq!(paths(text), ["crate::a::A", "super::B", "crate::c::D"]);
    }

    #[test]
    fn what_only_tests_compile_is_passed_over() {
        let text = "#[cfg(test)] mod tests { use crate::a; }\n#[cfg(test)] use crate::b::{C, D};\n#[cfg(test)] mod trial;\n\
                    #[cfg(test)] #[allow(x)] fn f() { crate::e::f() }\n#[derive(Debug)] struct S(crate::g::H);";
        assert_eq!(paths(text), ["crate::g::H"]);
        assert_eq!(scan(text).unwrap().tests, [["tests"], ["trial"]]);
    }

    #[test]
    fn an_inline_module_is_known_by_its_path() {
        let scanned = scan("mod a { mod b { use super::super::c; } }").unwrap();
        assert_eq!(scanned.references[0].module, ["a", "b"]);
        assert_eq!(scanned.inline, [vec!["a", "b"], vec!["a"]]);
    }
}
