//! The actions that touch Patroni's dynamic configuration.

use pgdba_change::machine::Action;

use super::driver::Run;

impl Run<'_> {
    pub(super) async fn change_dcs(&mut self, action: Action) -> Result<(), String> {
        let change_set = &self.journal.change_set;
        let notes = match action {
            Action::Set(_) => match self.server.set_dcs(change_set).await {
                Ok(notes) => notes,
                Err(unset) => {
                    self.is_untouched = unset.is_untouched;
                    self.hint = unset.hint;
                    return Err(unset.reason);
                }
            },
            Action::PutBack if self.is_untouched => Vec::new(),
            Action::PutBack => self.server.put_dcs_back(change_set, self.force).await?,
            // Patroni has its members reload, and they were waited for.
            _ => Vec::new(),
        };
        self.notes.extend(notes);
        Ok(())
    }
}
