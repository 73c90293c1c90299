//! The statements of the corpus, from `fixtures/plans/queries.sql`, whose head explains their options.

use anyhow::{Context, Result, bail};

/// A statement and how it is explained.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Its name.
    pub name: String,
    /// The statement.
    pub sql: String,
    /// The first version that it is for.
    pub since: Option<u32>,
    /// The last version that it is for.
    pub until: Option<u32>,
    /// Parameters of its session, with their values.
    pub settings: Vec<(String, String)>,
    /// Statements before it, in its transaction.
    pub prepare: Vec<String>,
    /// Options of EXPLAIN; `off` means that the statement is only planned.
    pub explain: Vec<String>,
    /// What is known of its times.
    pub truth: Vec<String>,
}

impl Query {
    /// The statements of a file.
    ///
    /// # Errors
    /// An option is not known.
    pub fn all(text: &str) -> Result<Vec<Self>> {
        let mut queries: Vec<Self> = Vec::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("-- query: ") {
                queries.push(Self { name: name.to_owned(), ..Self::default() });
                continue;
            }
            // What is before the first query explains the file.
            let Some(query) = queries.last_mut() else { continue };
            match line.strip_prefix("-- ") {
                Some(option) => query.option(option).with_context(|| format!("{line:?} of {}", query.name))?,
                None if query.sql.is_empty() => query.sql = line.to_owned(),
                None => query.sql = format!("{}\n{line}", query.sql),
            }
        }
        for query in &mut queries {
            query.sql = query.sql.trim_end().trim_end_matches(';').to_owned();
        }
        Ok(queries)
    }

    fn option(&mut self, line: &str) -> Result<()> {
        let (key, value) = line.split_once(": ").context("it is not an option")?;
        let list = |separator| value.split(separator).map(|item| item.trim().to_owned()).collect();
        match key {
            "since" => self.since = Some(value.parse()?),
            "until" => self.until = Some(value.parse()?),
            "prepare" => self.prepare = list(';'),
            "explain" => self.explain = list(','),
            "truth" => self.truth = list(';'),
            "set" => {
                for setting in value.split("; ") {
                    let (name, value) = setting.split_once(" = ").context("a parameter needs a value")?;
                    self.settings.push((name.to_owned(), value.to_owned()));
                }
            }
            _ => bail!("the option {key:?} is not known"),
        }
        Ok(())
    }

    /// Whether it is for this version.
    #[must_use]
    pub fn fits(&self, major: u32) -> bool {
        self.since.is_none_or(|since| major >= since) && self.until.is_none_or(|until| major <= until)
    }

    /// Whether an option of EXPLAIN is given.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.explain.iter().any(|given| given == option)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_of_a_query_are_read() {
        let text = "-- The file.\n\n-- query: a\n-- since: 14\n-- explain: verbose, timing off\n-- set: x = 'a, b'; y = on\n\
                    -- truth: own 5 Result; total 7\nselect 1,\n  2;\n-- query: b\nselect 3;\n";
        let queries = Query::all(text).unwrap();
        let [a, b] = queries.as_slice() else { panic!("{queries:?}") };
        assert_eq!((a.name.as_str(), a.sql.as_str(), a.since), ("a", "select 1,\n  2", Some(14)));
        assert_eq!(a.settings, [("x".into(), "'a, b'".into()), ("y".into(), "on".into())]);
        assert_eq!(a.truth, ["own 5 Result", "total 7"]);
        assert!(a.has("verbose") && a.has("timing off") && !a.has("off"));
        assert!(!a.fits(13) && a.fits(14));
        assert_eq!((b.name.as_str(), b.sql.as_str()), ("b", "select 3"));
        assert!(Query::all("-- query: a\n-- sinse: 14\nselect 1;").is_err());
    }
}
