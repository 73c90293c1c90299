//! Numbers for the databases of a snapshot, so that their objects are found without copying names.

/// The databases of a snapshot, which are few. Each has its position as its number.
#[derive(Debug, Default)]
pub(super) struct DatabaseNumbers {
    /// None is the database of a snapshot that names none.
    pub(super) names: Vec<Option<String>>,
}

impl DatabaseNumbers {
    /// The number of a database that has one.
    pub(super) fn find(&self, datname: Option<&str>) -> Option<usize> {
        self.names.iter().position(|name| name.as_deref() == datname)
    }

    /// The number of a database, which gets one if it has none.
    pub(super) fn assign(&mut self, datname: Option<&str>) -> usize {
        self.find(datname).unwrap_or_else(|| {
            self.names.push(datname.map(str::to_owned));
            self.names.len() - 1
        })
    }
}
