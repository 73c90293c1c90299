//! Our own Markdown, such as a rule's page, as blocks.

use pgdba_analysis::Block;
use pgdba_analysis::format::{Code, Language};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// The blocks of a text in Markdown. Marks inside a line, such as emphasis, are left out.
#[must_use]
pub fn blocks(markdown: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    Parser::new(markdown).for_each(|event| reader.read(event));
    reader.blocks
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    /// The text of the block that is open.
    text: String,
    /// The lines of the list that is open.
    items: Vec<String>,
    /// How many list items are open.
    depth: usize,
    /// Language and caption of the code that is open.
    code: Option<(Language, String)>,
}

impl Reader {
    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) => self.text.push_str(&text),
            Event::SoftBreak | Event::HardBreak => self.text.push(' '),
            Event::Start(Tag::CodeBlock(kind)) => self.code = Some(info(&kind)),
            Event::Start(Tag::Paragraph) if !self.text.is_empty() => self.text.push(' '),
            Event::Start(Tag::Item) => {
                self.end_of_item();
                self.depth += 1;
            }
            Event::End(end) => self.end(end),
            _ => {}
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Heading(_) => {
                let text = std::mem::take(&mut self.text);
                self.blocks.push(Block::heading(text));
            }
            TagEnd::Paragraph if self.depth == 0 => {
                let text = std::mem::take(&mut self.text);
                self.blocks.push(Block::paragraph(text));
            }
            TagEnd::CodeBlock => {
                let text = std::mem::take(&mut self.text);
                let (language, caption) = self.code.take().unwrap_or_else(|| info(&CodeBlockKind::Indented));
                let code = Code { language, text: text.trim_end().to_owned() };
                self.blocks.push(Block::Code { caption, code });
            }
            TagEnd::Item => {
                self.end_of_item();
                self.depth = self.depth.saturating_sub(1);
            }
            TagEnd::List(_) if self.depth == 0 => self.blocks.push(Block::list(std::mem::take(&mut self.items))),
            _ => {}
        }
    }

    /// A list inside an item becomes items of the same list.
    fn end_of_item(&mut self) {
        let text = std::mem::take(&mut self.text);
        if self.depth > 0 && !text.is_empty() {
            self.items.push(text);
        }
    }
}

/// Language and caption of a fenced block: SQL unless its first word names another; further words are its caption.
fn info(kind: &CodeBlockKind<'_>) -> (Language, String) {
    let info = if let CodeBlockKind::Fenced(info) = kind { info.trim() } else { "" };
    let (word, rest) = info.split_once(' ').unwrap_or((info, ""));
    let language = [Language::Shell, Language::Json].into_iter().find(|language| language.word() == word);
    let language = language.unwrap_or(Language::Sql);
    (language, if rest.is_empty() { language.caption().to_owned() } else { format!("{}, {rest}", language.caption()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_code_stay_what_they_are() {
        let page = "## Remedy\n\nSet `work_mem`\nhigher:\n\n- *first* of\n  two lines\n- second\n  - nested\n\n```sql\nselect 1;\n```\n\n```json found\n{}\n```";
        let expected = [
            Block::heading("Remedy"),
            Block::paragraph("Set work_mem higher:"),
            Block::list(["first of two lines", "second", "nested"]),
            Block::sql("SQL", "select 1;"),
            Block::Code {
                caption: "JSON, found".to_owned(),
                code: Code { language: Language::Json, text: "{}".to_owned() },
            },
        ];
        assert_eq!(blocks(page), expected);
    }

    #[test]
    fn an_item_of_more_than_one_paragraph_is_one_item() {
        assert_eq!(blocks("- a\n\n  b\n- c"), [Block::list(["a b", "c"])]);
    }
}
