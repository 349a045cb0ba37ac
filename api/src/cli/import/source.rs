//! Where a dump comes from: a file or standard input, plain, gzipped or in one of pg_dump's archive formats.
//!
//! Formats are told by their first bytes, never by the file's name. What comes out is the SQL script.

use crate::cli::import::archive::{ArchiveScript, PG_RESTORE};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes asked of the input at a time.
const BUFFER_BYTES: usize = 256 << 10;

/// Enough of the beginning to know every format: a tar header names its kind at byte 257.
const HEAD_BYTES_MAX: u64 = 512;

const TAR_MAGIC_AT: usize = 257;

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// Why there is no script to read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be opened or read.
    #[error("cannot read {name}")]
    Io {
        /// The file as named.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// An archive, and no program that reads it.
    #[error(
        "{name} is an archive of pg_dump and {PG_RESTORE} is not installed here; where it is, run: \
         {PG_RESTORE} -f - {name} | gzip > maas.sql.gz"
    )]
    NoPgRestore {
        /// The file as named.
        name: String,
    },
    /// An archive that does not lie in a file of its own, so that the program cannot be given it.
    #[error(
        "{name} holds an archive of pg_dump; unpack it into a file and run: {PG_RESTORE} -f - FILE | regent import maas-dump -"
    )]
    HiddenArchive {
        /// The file as named.
        name: String,
    },
    /// A compression that we do not undo.
    #[error(
        "{name} is compressed with {program}; run: {program} -dc FILE | regent import maas-dump -"
    )]
    Compression {
        /// The file as named.
        name: String,
        /// The program that undoes it.
        program: &'static str,
    },
    /// UTF-16, which some shells make of what they redirect.
    #[error("{name} is in UTF-16, not UTF-8; let pg_dump write the file itself with its option -f")]
    Utf16 {
        /// The file as named.
        name: String,
    },
    /// A directory or archive that pg_dump did not make.
    #[error("{name} is no dump of a database")]
    NoDump {
        /// The file as named.
        name: String,
    },
}

/// How the dump was packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// The script itself.
    Plain,
    /// gzip, in one or several members.
    Gzip,
    /// An archive that `pg_restore` unpacks.
    Archive,
}

/// How far reading has come, to be looked at while it goes on.
#[derive(Clone, Debug)]
pub struct Meter {
    read_bytes: Arc<AtomicU64>,
    /// The size of the file; `None` for a pipe.
    pub total_bytes: Option<u64>,
}

impl Meter {
    /// Bytes taken from the file (compressed, if it is); from the program's output for an archive.
    #[must_use]
    pub fn read_bytes(&self) -> u64 {
        self.read_bytes.load(Ordering::Relaxed)
    }
}

/// The script of a dump.
pub struct Source {
    script: Box<dyn BufRead + Send>,
    packing: Packing,
    meter: Meter,
}

impl Source {
    /// Opens the dump at `path`; `-` is standard input.
    ///
    /// # Errors
    /// If it cannot be read or is packed in a way that we do not know.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        if path.as_os_str() == STANDARD_INPUT {
            return Self::from_input(Box::new(io::stdin()), "standard input");
        }
        let name = path.display().to_string();
        let failed = |source| SourceError::Io { name: name.clone(), source };
        let mut file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if about.is_dir() {
            return Self::from_directory(path, name);
        }
        let head = read_head(&mut file).map_err(failed)?;
        // Of a pipe the head is gone: no other program could read it from the beginning.
        if Format::of(&head) == Format::Archive && about.is_file() {
            return Self::from_archive(PG_RESTORE, path, name);
        }
        let total_bytes = about.is_file().then_some(about.len());
        Self::unpack(head, Box::new(file), total_bytes, &name)
    }

    /// The dump that comes out of `input`, which errors call `name`.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub fn from_input(mut input: Box<dyn Read + Send>, name: &str) -> Result<Self, SourceError> {
        let failed = |source| SourceError::Io { name: name.to_owned(), source };
        let head = read_head(&mut input).map_err(failed)?;
        Self::unpack(head, input, None, name)
    }

    /// How the dump is packed.
    #[must_use]
    pub const fn packing(&self) -> Packing {
        self.packing
    }

    /// A view of how far reading has come.
    #[must_use]
    pub fn meter(&self) -> Meter {
        self.meter.clone()
    }

    fn from_directory(path: &Path, name: String) -> Result<Self, SourceError> {
        let is_archive = ["toc.dat", "toc.dat.gz"].iter().any(|file| path.join(file).is_file());
        if is_archive {
            Self::from_archive(PG_RESTORE, path, name)
        } else {
            Err(SourceError::NoDump { name })
        }
    }

    fn from_archive(program: &str, path: &Path, name: String) -> Result<Self, SourceError> {
        let script = ArchiveScript::start(program, path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => SourceError::NoPgRestore { name },
            _ => SourceError::Io { name: PathBuf::from(program).display().to_string(), source },
        })?;
        let (script, meter) = metered(Box::new(script), None);
        Ok(Self { script: Box::new(script), packing: Packing::Archive, meter })
    }

    fn unpack(
        head: Vec<u8>,
        rest: Box<dyn Read + Send>,
        total_bytes: Option<u64>,
        name: &str,
    ) -> Result<Self, SourceError> {
        let format = Format::of(&head);
        let (input, meter) = metered(Box::new(Cursor::new(head).chain(rest)), total_bytes);
        let name = name.to_owned();
        let (script, packing): (Box<dyn BufRead + Send>, _) = match format {
            Format::Script => (Box::new(input), Packing::Plain),
            Format::Gzip => (unpack_gzip(input, &name)?, Packing::Gzip),
            Format::Archive => return Err(SourceError::HiddenArchive { name }),
            Format::Compressed(program) => return Err(SourceError::Compression { name, program }),
            Format::Utf16 => return Err(SourceError::Utf16 { name }),
            Format::Foreign => return Err(SourceError::NoDump { name }),
        };
        Ok(Self { script, packing, meter })
    }
}

fn unpack_gzip(input: Metered, name: &str) -> Result<Box<dyn BufRead + Send>, SourceError> {
    let (mut unpacked, mut head) = (MultiGzDecoder::new(input), Vec::new());
    let broken = (&mut unpacked).take(HEAD_BYTES_MAX).read_to_end(&mut head).err();
    let format = if broken.is_none() { Format::of(&head) } else { Format::Script };
    match format {
        Format::Script => {}
        Format::Archive => return Err(SourceError::HiddenArchive { name: name.to_owned() }),
        Format::Utf16 => return Err(SourceError::Utf16 { name: name.to_owned() }),
        Format::Gzip | Format::Compressed(_) | Format::Foreign => {
            return Err(SourceError::NoDump { name: name.to_owned() });
        }
    }
    let script = Cursor::new(head).chain(Broken(broken)).chain(unpacked);
    Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, script)))
}

/// Tells what is broken at the beginning as it is told anywhere else: to whoever reads that far. The file itself is there,
/// and could be read.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.script.read(buffer)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.script.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.script.consume(amount);
    }
}

/// What a beginning says about the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Nothing else: a script, as far as one can tell.
    Script,
    Gzip,
    Archive,
    Compressed(&'static str),
    Utf16,
    Foreign,
}

impl Format {
    fn of(head: &[u8]) -> Self {
        const SIGNS: [(&[u8], Format); 9] = [
            (b"\x1f\x8b", Format::Gzip),
            (b"PGDMP", Format::Archive),
            (b"\x28\xb5\x2f\xfd", Format::Compressed("zstd")),
            (b"\xfd7zXZ\0", Format::Compressed("xz")),
            (b"BZh", Format::Compressed("bzip2")),
            (b"\x04\x22\x4d\x18", Format::Compressed("lz4")),
            (b"\xff\xfe", Format::Utf16),
            (b"\xfe\xff", Format::Utf16),
            (b"PK\x03\x04", Format::Foreign),
        ];
        if let Some((_, format)) = SIGNS.iter().find(|(sign, _)| head.starts_with(sign)) {
            return *format;
        }
        let is_tar = head.get(TAR_MAGIC_AT..).is_some_and(|magic| magic.starts_with(b"ustar"));
        match is_tar {
            true if head.starts_with(b"toc.dat\0") => Self::Archive,
            true => Self::Foreign,
            false => Self::Script,
        }
    }
}

fn read_head(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    input.take(HEAD_BYTES_MAX).read_to_end(&mut head)?;
    Ok(head)
}

type Metered = BufReader<Counted>;

fn metered(input: Box<dyn Read + Send>, total_bytes: Option<u64>) -> (Metered, Meter) {
    let read_bytes = Arc::new(AtomicU64::new(0));
    let counted = Counted { input, read_bytes: Arc::clone(&read_bytes) };
    (BufReader::with_capacity(BUFFER_BYTES, counted), Meter { read_bytes, total_bytes })
}

/// Counts what passes.
struct Counted {
    input: Box<dyn Read + Send>,
    read_bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.read_bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    const SCRIPT: &str = "SET row_security = off;\n";

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn open(bytes: Vec<u8>) -> Result<Source, SourceError> {
        Source::from_input(Box::new(Cursor::new(bytes)), "it")
    }

    fn text(mut source: Source) -> io::Result<String> {
        let mut text = String::new();
        source.read_to_string(&mut text)?;
        Ok(text)
    }

    fn refusal(bytes: &[u8]) -> String {
        open(bytes.to_vec()).err().expect("no script").to_string()
    }

    #[test]
    fn a_plain_script_passes_unchanged() {
        let source = open(SCRIPT.as_bytes().to_vec()).expect("a script");
        assert_eq!(source.packing(), Packing::Plain);
        assert_eq!(text(source).expect("in memory"), SCRIPT);
        assert_eq!(text(open(Vec::new()).expect("an empty script")).expect("in memory"), "");
    }

    #[test]
    fn gzip_is_unpacked_over_all_its_members() {
        let mut packed = gzip(SCRIPT.as_bytes());
        packed.extend(gzip(SCRIPT.repeat(100_000).as_bytes()));
        let packed_bytes = packed.len() as u64;
        let source = open(packed).expect("a script");
        let meter = source.meter();
        assert_eq!(source.packing(), Packing::Gzip);
        assert_eq!(text(source).expect("in memory"), SCRIPT.repeat(100_001));
        assert_eq!(meter.read_bytes(), packed_bytes, "the meter counts compressed bytes");
    }

    #[test]
    fn gzip_cut_short_is_an_error_not_an_end() {
        let mut packed = gzip(SCRIPT.repeat(1000).as_bytes());
        packed.truncate(packed.len() - 9);
        let outcome = open(packed).map(text);
        assert!(!matches!(outcome, Ok(Ok(_))), "half a file was taken for a whole one");
    }

    #[test]
    fn gzip_broken_at_its_beginning_is_told_when_it_is_read_and_not_as_a_file_that_cannot_be() {
        let mut packed = gzip(SCRIPT.repeat(1000).as_bytes());
        packed[10] = 0xFF;
        let source = open(packed).expect("a file that is there");
        assert_eq!(source.packing(), Packing::Gzip);
        assert_eq!(text(source).expect_err("broken").to_string(), "corrupt deflate stream");
    }

    #[test]
    fn what_cannot_be_unpacked_says_how_to() {
        assert_eq!(
            refusal(b"\xfd7zXZ\0rest"),
            "it is compressed with xz; run: xz -dc FILE | regent import maas-dump -"
        );
        let archive = "it holds an archive of pg_dump; unpack it into a file and run: \
             pg_restore -f - FILE | regent import maas-dump -";
        assert_eq!(refusal(b"PGDMP\x01\x0e\0"), archive);
        assert_eq!(refusal(&gzip(b"PGDMP\x01\x0e\0")), archive);
        assert!(refusal(b"\xff\xfeS\0E\0T\0").contains("UTF-16"));
        assert_eq!(refusal(b"PK\x03\x04rest"), "it is no dump of a database");
        let mut tar = b"toc.dat".to_vec();
        tar.resize(TAR_MAGIC_AT, 0);
        tar.extend_from_slice(b"ustar  ");
        assert_eq!(refusal(&tar), archive);
        tar[0] = b'x';
        assert_eq!(refusal(&tar), "it is no dump of a database");
    }

    #[test]
    fn an_archive_without_pg_restore_gives_the_command() {
        let error =
            Source::from_archive("no-such-program", Path::new("maas.dump"), "maas.dump".into());
        assert_eq!(
            error.err().expect("no program").to_string(),
            "maas.dump is an archive of pg_dump and pg_restore is not installed here; where it is, run: \
             pg_restore -f - maas.dump | gzip > maas.sql.gz"
        );
    }

    #[test]
    fn an_archive_is_what_the_program_writes() {
        let source = Source::from_archive("echo", Path::new("maas.dump"), "maas.dump".into());
        let source = source.expect("echo is everywhere");
        assert_eq!(source.packing(), Packing::Archive);
        assert_eq!(text(source).expect("it ends well"), "-f - -- maas.dump\n");
    }

    #[test]
    fn a_failing_program_is_an_error_not_an_end() {
        let source = Source::from_archive("false", Path::new("x"), "x".into()).expect("it starts");
        let error = text(source).expect_err("it fails");
        assert!(error.to_string().starts_with("pg_restore failed"), "{error}");
    }

    #[test]
    fn an_archive_in_a_pipe_is_told_how_to_be_unpacked() {
        let (reader, mut writer) = io::pipe().expect("a pipe");
        writer.write_all(b"PGDMP\x01\x0e\0").expect("room in the pipe");
        drop(writer);
        let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
        let error = Source::open(Path::new(&path)).err().expect("its head is read already");
        assert!(matches!(error, SourceError::HiddenArchive { .. }), "{error}");
    }

    #[test]
    fn files_are_told_by_content_and_directories_by_their_table_of_contents() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("dump");
        std::fs::write(&file, gzip(SCRIPT.as_bytes())).expect("written");
        let source = Source::open(&file).expect("a script");
        assert_eq!(source.meter().total_bytes, Some(gzip(SCRIPT.as_bytes()).len() as u64));
        assert_eq!(text(source).expect("read"), SCRIPT);
        let error = Source::open(folder.path()).err().expect("no dump").to_string();
        assert!(error.ends_with("is no dump of a database"));
        let missing = Source::open(&folder.path().join("nothing")).err().expect("no file");
        assert!(missing.to_string().starts_with("cannot read"));
    }
}
