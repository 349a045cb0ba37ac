//! Real dumps: the hand-written one is loaded into a real server, and what pg_dump makes of it in all its forms must
//! read the same.
//!
//! The server is Debian's, lives in a folder of its own, listens on a socket there only, and is stopped at the end.

use crate::hand;
use regent_api::cli::import::dump::Dump;
use regent_api::cli::import::source::{Packing, Source};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Where Debian keeps the programs of each version of the server.
const SERVERS: &str = "/usr/lib/postgresql";

/// The account that may run a server where root may not.
const ACCOUNT: &str = "postgres";

const USER: &str = "harbourmaster";

struct Server {
    folder: TempDir,
    programs: PathBuf,
    is_root: bool,
}

impl Server {
    /// Starts a server; the reason if there is none to start.
    fn start() -> Result<Self, &'static str> {
        let versions = std::fs::read_dir(SERVERS).map_err(|_| "absent: a PostgreSQL server")?;
        let mut programs: Vec<PathBuf> =
            versions.flatten().map(|entry| entry.path().join("bin")).collect();
        programs.retain(|folder| folder.join("initdb").is_file());
        programs.sort();
        let programs = programs.pop().ok_or("absent: a PostgreSQL server")?;
        let folder = tempfile::tempdir().expect("a folder");
        let is_root = folder.path().metadata().expect("its owner").uid() == 0;
        let server = Self { folder, programs, is_root };
        if is_root {
            run(Command::new("chown").arg(ACCOUNT).arg(server.folder.path()));
        }
        let data = server.path("data");
        let initdb =
            ["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"];
        run(server.program("initdb").args(initdb).arg(&data));
        let socket = server.folder.path().display();
        let options =
            format!("-c listen_addresses='' -c unix_socket_directories='{socket}' -c fsync=off");
        let log = server.path("log");
        run(server
            .program("pg_ctl")
            .args(["start", "-w", "-o", &options, "-D"])
            .arg(&data)
            .arg("-l")
            .arg(log));
        Ok(server)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// One of the server's own programs, run by an account that may.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command =
            if self.is_root { Command::new("runuser") } else { Command::new(&program) };
        if self.is_root {
            command.args(["-u", ACCOUNT, "--"]).arg(program);
        }
        command.current_dir(self.folder.path());
        command
    }

    /// One of the programs that talk to the server.
    fn client(&self, name: &str) -> Command {
        let mut command = self.program(name);
        command.arg("-h").arg(self.folder.path()).args(["-U", USER]);
        command
    }

    fn sql(&self, database: &str, statement: &str) {
        run(self.client("psql").args([
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            database,
            "-c",
            statement,
        ]));
    }

    /// A database with the content of the hand-written dump, in a time zone with half hours.
    fn load(&self, database: &str) {
        self.sql("postgres", &format!("CREATE DATABASE \"{database}\""));
        let zone = format!("ALTER DATABASE \"{database}\" SET timezone TO 'America/St_Johns'");
        self.sql("postgres", &zone);
        let script = self.path("hand.sql");
        std::fs::copy(hand::path(), &script).expect("copied");
        let mut psql = self.client("psql");
        psql.args(["-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-o", "/dev/null", "-f"])
            .arg(script);
        run(&mut psql);
    }

    fn dump(&self, name: &str, program: &str, arguments: &[&str]) -> PathBuf {
        let file = self.path(name);
        run(self.client(program).args(arguments).arg("-f").arg(&file));
        file
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.path("data");
        drop(self.program("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(data).output());
    }
}

/// Runs to the end; the server keeps no pipe of ours open, since its output goes to its log.
fn run(command: &mut Command) {
    let errors = tempfile::NamedTempFile::new().expect("a file");
    let said = errors.reopen().expect("the file");
    let status = command.stdout(std::process::Stdio::null()).stderr(said).status();
    let status = status.expect("the program is there");
    let said = std::fs::read_to_string(errors.path()).unwrap_or_default();
    assert!(status.success(), "{command:?}: {said}");
}

fn read(path: &Path) -> (Packing, Dump) {
    let source = Source::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let packing = source.packing();
    let dump = Dump::read(source, &mut |_| {});
    (packing, dump.unwrap_or_else(|error| panic!("{}: {error:?}", path.display())))
}

#[test]
fn all_forms_of_a_real_dump_read_the_same() {
    let server = match Server::start() {
        Ok(server) => server,
        Err(reason) => return crate::skip::skip("all_forms_of_a_real_dump_read_the_same", reason),
    };
    server.load("harbor db");
    let expected = hand::read();
    let forms: [(&str, &[&str]); 12] = [
        ("full", &[]),
        ("data-only", &["--data-only"]),
        ("created", &["--create", "--clean", "--if-exists"]),
        ("quoted", &["--quote-all-identifiers"]),
        ("triggers", &["--data-only", "--disable-triggers"]),
        ("inserts", &["--inserts"]),
        ("column-inserts", &["--column-inserts", "--data-only"]),
        ("rows-per-insert", &["--rows-per-insert=7", "--on-conflict-do-nothing"]),
        ("custom", &["-Fc"]),
        ("tar", &["-Ft"]),
        ("directory", &["-Fd"]),
        ("gzip", &["-Z6"]),
    ];
    for (name, arguments) in forms {
        let file = server.dump(name, "pg_dump", &[arguments, &["-d", "harbor db"]].concat());
        let (packing, dump) = read(&file);
        let archives = ["custom", "tar", "directory"];
        assert_eq!(packing == Packing::Archive, archives.contains(&name), "{name}");
        assert_eq!(packing == Packing::Gzip, name == "gzip", "{name}");
        assert_eq!(dump.digest, expected.digest, "{name}");
        assert_eq!(dump.as_of, expected.as_of, "{name}");
        assert_eq!(dump.oddities, expected.oddities, "{name}");
        assert_eq!(dump.sequences, expected.sequences, "{name}");
        let counts = |dump: &Dump| {
            let rows = dump.row_counts.iter().filter(|(_, rows)| **rows > 0);
            rows.map(|(table, rows)| (table.clone(), *rows)).collect::<Vec<_>>()
        };
        assert_eq!(counts(&dump), counts(&expected), "{name}");
    }
}

#[test]
fn a_real_dump_of_a_whole_server_gives_its_maas_database() {
    let server = match Server::start() {
        Ok(server) => server,
        Err(reason) => {
            return crate::skip::skip(
                "a_real_dump_of_a_whole_server_gives_its_maas_database",
                reason,
            );
        }
    };
    server.load("harbor db");
    server.sql("postgres", "CREATE DATABASE \"another's \"\"one\"\"\"");
    server.sql(
        "another's \"one\"",
        "CREATE TABLE auth_user (id int, login text); INSERT INTO auth_user VALUES (1, 'x')",
    );
    server.sql("postgres", "CREATE ROLE gull LOGIN PASSWORD 'fish; COPY x FROM stdin;'");
    let expected = hand::read();
    for (name, arguments) in [("cluster", &["-c"][..]), ("cluster-inserts", &["-c", "--inserts"])] {
        let (_, dump) = read(&server.dump(name, "pg_dumpall", arguments));
        assert_eq!(dump.database, "harbor db", "{name}");
        assert_eq!(dump.digest, expected.digest, "{name}");
    }
    server.load("second");
    let source = Source::open(&server.dump("both", "pg_dumpall", &[])).expect("a script");
    let error = Dump::read(source, &mut |_| {}).expect_err("two databases of MAAS").to_string();
    assert!(error.contains("harbor db") && error.contains("second"), "{error}");
}
