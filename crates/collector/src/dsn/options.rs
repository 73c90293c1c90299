//! The options of a connection: which there are, which are followed, and where they are taken from.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::keywords::{FOLLOWED, REFUSED, keyword};
use super::service;
use crate::error::CollectError;
use crate::malformed::Malformed;

/// Options by name; an empty value counts as not given, but keeps other sources from giving one, as in libpq.
#[derive(Default)]
pub(super) struct Options(BTreeMap<&'static str, String>);

impl Options {
    /// Sets an option; the last one wins, as in libpq.
    pub(super) fn set(&mut self, key: &str, value: String) -> Result<(), Malformed> {
        self.0.insert(keyword(key).ok_or(Malformed::UnknownOption)?, value);
        Ok(())
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Takes what was not said from the service's definition, if one is asked for, and then from the environment.
    pub(super) fn fill_from(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), CollectError> {
        let value = |own: &Self, key: &str, variable: &str| {
            own.get(key).map(str::to_owned).or_else(|| env(variable)).filter(|text| !text.is_empty())
        };
        if let Some(service) = value(self, "service", "PGSERVICE") {
            let file = value(self, "servicefile", "PGSERVICEFILE");
            for (key, value) in service::definition(&service, file.as_deref(), env)? {
                self.0.entry(key).or_insert(value);
            }
        }
        for (key, variable) in FOLLOWED {
            if !self.0.contains_key(key) {
                self.0.extend(variable.and_then(env).map(|value| (key, value)));
            }
        }
        // The older word for it, which counts where the newer one is not said.
        if !self.0.contains_key("sslmode") && env("PGREQUIRESSL").is_some_and(|word| word.starts_with('1')) {
            self.0.insert("sslmode", "require".to_owned());
        }
        Ok(())
    }

    /// Whether everything that was asked for can be done.
    pub(super) fn check(&self) -> Result<(), CollectError> {
        if let Some((_, reason)) = REFUSED.iter().find(|(key, _)| self.get(key).is_some()) {
            return Err(CollectError::BadOption((*reason).to_owned()));
        }
        self.choice("gssencmode", &["disable", "prefer"]).map(|_| ())
    }

    /// The value of an option that has few of them.
    pub(super) fn choice(&self, key: &str, allowed: &[&'static str]) -> Result<Option<&'static str>, CollectError> {
        self.one_of(key, allowed, |given, word| given == word)
    }

    /// The same for an option in which upper and lower case do not differ.
    pub(super) fn choice_any_case(
        &self,
        key: &str,
        allowed: &[&'static str],
    ) -> Result<Option<&'static str>, CollectError> {
        self.one_of(key, allowed, str::eq_ignore_ascii_case)
    }

    fn one_of(
        &self,
        key: &str,
        allowed: &[&'static str],
        is: fn(&str, &str) -> bool,
    ) -> Result<Option<&'static str>, CollectError> {
        let Some(given) = self.get(key) else { return Ok(None) };
        let known = allowed.iter().find(|word| is(given, word));
        known.copied().map(Some).ok_or_else(|| {
            let or = allowed.join(" or ");
            CollectError::BadOption(format!("{key} must be {or}"))
        })
    }

    /// The whole number of an option.
    pub(super) fn number(&self, key: &str, allowed: RangeInclusive<i64>) -> Result<Option<i64>, CollectError> {
        let Some(text) = self.get(key) else { return Ok(None) };
        let number = text.trim().parse().ok().filter(|number| allowed.contains(number));
        let (least, most) = (allowed.start(), allowed.end());
        let wrong = || CollectError::BadOption(format!("{key} must be an integer from {least} to {most}"));
        number.ok_or_else(wrong).map(Some)
    }

    /// A length of time in seconds; none where it is 0 or not said.
    pub(super) fn seconds(&self, key: &str) -> Result<Option<Duration>, CollectError> {
        let seconds = self.number(key, 0..=i64::from(i32::MAX))?.filter(|seconds| *seconds > 0);
        Ok(seconds.map(|seconds| Duration::from_secs(seconds.unsigned_abs())))
    }
}
