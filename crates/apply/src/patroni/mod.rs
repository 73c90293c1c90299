//! The client of Patroni's REST interface.
use pgdba_change::patroni::Dcs;
#[derive(Debug)] pub struct Patroni;
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct PatroniError;
impl PatroniError { pub fn code(&self)->&'static str {"x"} pub fn hint(&self)->&'static str {"x"} }
impl Patroni { pub fn check(&self, _: Option<&str>) -> Result<(), PatroniError> {Ok(())} pub fn config(&self)->Result<Dcs, PatroniError>{Err(PatroniError)} }
