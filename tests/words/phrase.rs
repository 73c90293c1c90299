//! Phrases as sequences of words, and the tables of those that docs/STYLE.md bans.

/// The word of a phrase that stands for any one word.
const ANY: &str = "…";

/// A row of the table.
#[derive(Debug)]
pub(super) struct Ban {
    pub(super) phrase: String,
    pub(super) instead: String,
    words: Vec<String>,
    /// Whether every word that begins so is banned.
    is_beginning: bool,
    /// Phrases that contain the banned one and are allowed.
    allowed: Vec<Vec<String>>,
}

impl Ban {
    /// Where the phrase begins, except inside an allowed one.
    pub(super) fn find(&self, text: &[String]) -> Vec<usize> {
        let is_allowed = |at: usize| self.allowed.iter().any(|allowed| contains(text, allowed, at, self.words.len()));
        starts(text, &self.words, self.is_beginning).filter(|at| !is_allowed(*at)).collect()
    }
}

fn starts<'a>(text: &'a [String], phrase: &'a [String], is_beginning: bool) -> impl Iterator<Item = usize> + 'a {
    let matches = move |window: &[String]| {
        window.iter().zip(phrase).all(|(word, wanted)| {
            word == wanted
                || (is_beginning && word.starts_with(wanted))
                || (wanted == ANY && word.starts_with(char::is_alphanumeric))
        })
    };
    text.windows(phrase.len()).enumerate().filter(move |(_, window)| matches(window)).map(|(at, _)| at)
}

/// Whether `allowed` is in the text in such a place that it holds the `length` words from `at` on.
fn contains(text: &[String], allowed: &[String], at: usize, length: usize) -> bool {
    starts(text, allowed, false).any(|start| start <= at && at + length <= start + allowed.len())
}

/// The rows of the tables "Banned words", whole phrases, and "British spelling", the beginnings of words.
pub(super) fn bans(style: &str) -> Vec<Ban> {
    let mut bans = table(style, "## Banned words", false);
    bans.extend(table(style, "## British spelling", true));
    bans
}

fn table(style: &str, heading: &str, is_beginning: bool) -> Vec<Ban> {
    let section = style.lines().skip_while(|line| *line != heading).skip(1);
    let rows = section.take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        Ban {
            phrase: cells[0].to_owned(),
            instead: cells[1].to_owned(),
            words: tokens(cells[0]),
            is_beginning,
            allowed: cells[2].split(", ").map(tokens).filter(|words| !words.is_empty()).collect(),
        }
    })
    .collect()
}

/// The text in lower case as words and punctuation marks, without the marks of comments and quotes that begin a line. No
/// phrase reaches over a punctuation mark.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace("\\n", "\n");
    text.lines().map(|line| line.trim_start().trim_start_matches(['/', '*', '-', '#', '>'])).flat_map(of_line).collect()
}

fn of_line(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for char in line.chars() {
        let continues = char.is_alphanumeric() || (is_open && matches!(char, '-' | '_' | '\''));
        match words.last_mut() {
            Some(word) if continues && is_open => word.push(char),
            _ if !char.is_whitespace() => words.push(char.into()),
            _ => {}
        }
        is_open = continues;
    }
    words
}

#[test]
fn phrases_are_found_as_whole_words_across_lines_and_not_in_what_is_allowed() {
    let style = "## Banned words\n\nText.\n\n| banned | write instead | allowed |\n|---|---|---|\n\
                 | is no | is not a | there is no, is no longer |\n| half-way | incomplete | |\n\
                 | switch … on | enable | |\n\n## British spelling\n\n| British | American | allowed |\n|---|---|---|\n\
                 | optimis | optimiz | optimistic |\n\n## Next\n| a | b | c |\n";
    let bans = bans(style);
    let phrases: Vec<&str> = bans.iter().map(|ban| ban.phrase.as_str()).collect();
    assert_eq!(phrases, ["is no", "half-way", "switch … on", "optimis"]);
    for (text, found) in [
        ("Standard input is no terminal.", 1),
        ("Standard input Is\n  // no terminal.", 1),
        (r#"{ "description": "It is\nno file." }"#, 1),
        ("There is no file. It is no file.", 1),
        ("There\nis no file; it is no longer there.", 0),
        ("It is not one, this nope; as it is. No more; `is` no", 0),
        ("What stopped half-way, stopped half-way.", 2),
        ("half-ways, the half-way-house", 0),
        ("Switch fsync on. Switch it on.", 2),
        ("Switch on. Switch, on.", 0),
        ("Optimise the optimiser, optimistically: optimistic, unoptimised.", 3),
    ] {
        let words = tokens(text);
        assert_eq!(bans.iter().map(|ban| ban.find(&words).len()).sum::<usize>(), found, "{text}");
    }
}
