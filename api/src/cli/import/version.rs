//! Which MAAS wrote the database, by the marks its schema migrations leave.
//!
//! From 3.7 on migrations are Alembic's and number themselves; before, they are Django's, whose history an upgraded
//! database keeps. So Alembic's mark counts first. MAAS 3.5 ends at Django's 0327, 3.6 at 0340, and 3.7.3 at
//! Alembic's 0026; the numbers beyond are 3.8's, which is not released yet.

use std::fmt;
use std::ops::RangeInclusive;

/// Django's migrations since the beginning of 3.5's development. Older schemas lack what we read.
const DJANGO_KNOWN: RangeInclusive<u32> = 300..=340;
const DJANGO_LAST_OF_3_5: u32 = 327;
const ALEMBIC_KNOWN: RangeInclusive<u32> = 0..=41;
const ALEMBIC_LAST_OF_3_7: u32 = 26;

/// The Django application whose migrations make MAAS's tables.
const DJANGO_APP: &str = "maasserver";

/// A release of MAAS, by major and minor number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// MAAS 3.5.
    V3_5,
    /// MAAS 3.6.
    V3_6,
    /// MAAS 3.7.
    V3_7,
    /// MAAS 3.8.
    V3_8,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V3_5 => "3.5",
            Self::V3_6 => "3.6",
            Self::V3_7 => "3.7",
            Self::V3_8 => "3.8",
        })
    }
}

/// Why a database is not of a version that can be imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// Neither mark is there.
    #[error(
        "no version mark: both alembic_version and django_migrations are empty or missing; \
         dump the whole database"
    )]
    Unmarked,
    /// A MAAS before 3.5.
    #[error("schema version {mark} is older than MAAS 3.5; upgrade MAAS first, then dump again")]
    TooOld {
        /// The newest mark.
        mark: String,
    },
    /// A MAAS that came after this program.
    #[error("schema version {mark} is newer than this program knows (up to MAAS 3.8)")]
    TooNew {
        /// The newest mark.
        mark: String,
    },
    /// A mark without a number.
    #[error("schema version {mark} is not one of MAAS's")]
    Foreign {
        /// The mark.
        mark: String,
    },
}

/// The newest mark of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaVersion {
    /// Such as `0004`.
    pub alembic: Option<String>,
    /// Such as `0327_foreign_key_readd`.
    pub django: Option<String>,
}

impl SchemaVersion {
    /// Takes a row of `alembic_version`. A schema under development can have several.
    pub fn note_alembic(&mut self, mark: String) {
        raise(&mut self.alembic, mark);
    }

    /// Takes a row of `django_migrations`.
    pub fn note_django(&mut self, app: &str, mark: String) {
        if app == DJANGO_APP {
            raise(&mut self.django, mark);
        }
    }

    /// The release that these marks belong to.
    ///
    /// # Errors
    /// If it is none that can be imported.
    pub fn release(&self) -> Result<Release, VersionError> {
        match (&self.alembic, &self.django) {
            (Some(mark), _) => {
                let number = known(mark, ALEMBIC_KNOWN)?;
                Ok(if number <= ALEMBIC_LAST_OF_3_7 { Release::V3_7 } else { Release::V3_8 })
            }
            (None, Some(mark)) => {
                let number = known(mark, DJANGO_KNOWN)?;
                Ok(if number <= DJANGO_LAST_OF_3_5 { Release::V3_5 } else { Release::V3_6 })
            }
            (None, None) => Err(VersionError::Unmarked),
        }
    }
}

fn known(mark: &str, range: RangeInclusive<u32>) -> Result<u32, VersionError> {
    let mark_owned = || mark.to_owned();
    match number(mark) {
        None => Err(VersionError::Foreign { mark: mark_owned() }),
        Some(number) if number < *range.start() => Err(VersionError::TooOld { mark: mark_owned() }),
        Some(number) if number > *range.end() => Err(VersionError::TooNew { mark: mark_owned() }),
        Some(number) => Ok(number),
    }
}

/// Rows come in any order: the highest number is the newest.
fn raise(newest: &mut Option<String>, mark: String) {
    let rank = |mark: &str| (number(mark), mark.to_owned());
    if newest.as_deref().is_none_or(|newest| rank(&mark) > rank(newest)) {
        *newest = Some(mark);
    }
}

fn number(mark: &str) -> Option<u32> {
    mark.split('_').next().filter(|digits| digits.len() == 4)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(alembic: &[&str], django: &[&str]) -> Result<Release, VersionError> {
        let mut version = SchemaVersion::default();
        alembic.iter().for_each(|mark| version.note_alembic((*mark).to_owned()));
        django.iter().for_each(|mark| version.note_django("maasserver", (*mark).to_owned()));
        version.release()
    }

    #[test]
    fn each_release_is_known_by_its_last_mark() {
        assert_eq!(release(&[], &["0327_foreign_key_readd"]), Ok(Release::V3_5));
        assert_eq!(release(&[], &["0340_drop_keysource_table"]), Ok(Release::V3_6));
        assert_eq!(release(&["0004"], &[]), Ok(Release::V3_7));
        assert_eq!(release(&["0026"], &[]), Ok(Release::V3_7));
        assert_eq!(release(&["0041"], &[]), Ok(Release::V3_8));
    }

    #[test]
    fn alembic_counts_before_django_and_order_does_not() {
        assert_eq!(release(&["0004"], &["0340_drop_keysource_table"]), Ok(Release::V3_7));
        assert_eq!(release(&[], &["0340_x", "0001_initial", "0327_y"]), Ok(Release::V3_6));
        assert_eq!(release(&["0041", "0004"], &[]), Ok(Release::V3_8));
    }

    #[test]
    fn migrations_of_other_applications_say_nothing() {
        let mut version = SchemaVersion::default();
        version.note_django("auth", "0330_other".to_owned());
        assert_eq!(version.release(), Err(VersionError::Unmarked));
    }

    #[test]
    fn unknown_versions_are_refused_with_their_mark() {
        let told = |alembic, django| release(alembic, django).expect_err("unknown").to_string();
        assert!(told(&[], &["0299_x"]).contains("0299_x is older than MAAS 3.5"));
        assert!(told(&[], &["0341_x"]).contains("0341_x is newer"));
        assert!(told(&["0042"], &["0327_x"]).contains("0042 is newer"));
        assert!(told(&["a1b2c3d4"], &[]).contains("a1b2c3d4 is not one of MAAS's"));
    }
}
