//! Patroni: what it holds of a parameter, and what a change of its configuration looks like there and back.
