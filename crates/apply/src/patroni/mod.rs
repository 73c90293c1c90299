//! The client of Patroni's REST interface.
