//! `postgresql.auto.conf`: reading it, and what `ALTER SYSTEM` makes of it.
