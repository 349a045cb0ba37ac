//! A streaming reader of the SQL scripts that `pg_dump`, `pg_dumpall` and `pg_restore -f -` write.
//!
//! It holds one line or one statement at a time, whatever the size of the script, and turns it into
//! [`event::Event`]s. It does not run SQL: of all statements it understands `COPY … FROM stdin`, `INSERT INTO`,
//! `CREATE TABLE` (for the order of columns), `setval` and two `SET`s, and steps over the rest, which takes no more
//! than knowing where a statement ends. It knows nothing of MAAS.

pub mod copy;
pub mod error;
pub mod event;
pub mod insert;
pub mod lines;
pub mod meta_command;
pub mod reader;
pub mod scanner;
pub mod statement;
pub mod tokens;
