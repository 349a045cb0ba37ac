//! From a row of text to a typed record, whatever the order of the columns.

use crate::cli::import::pg_dump::event::Row;
use crate::cli::import::value::{Value, ValueError};

/// A column that a record is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the database.
    pub name: &'static str,
    /// False for columns that not every supported version of MAAS has.
    pub is_required: bool,
}

/// A typed row of one table.
pub trait Record: Sized {
    /// The table's name; its schema is `public`.
    const TABLE: &'static str;
    /// The column that names a row in reports.
    const KEY: &'static str;
    /// The columns read, in the order of the fields.
    const COLUMNS: &'static [Column];

    /// Reads a row.
    ///
    /// # Errors
    /// If a value does not fit its column.
    fn read(fields: Fields<'_>) -> Result<Self, FieldError>;
}

/// A value that does not fit its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column} {error}")]
pub struct FieldError {
    /// The column.
    pub column: &'static str,
    /// What is wrong with the value.
    pub error: ValueError,
}

/// Where each of a record's columns stands in a dump's rows.
#[derive(Clone, Debug)]
pub struct Places {
    columns: &'static [Column],
    places: Vec<Option<usize>>,
}

impl Places {
    /// Finds `columns` among those `listed` for the rows.
    ///
    /// # Errors
    /// With the name of a required column that is not there.
    pub fn find(columns: &'static [Column], listed: &[String]) -> Result<Self, &'static str> {
        let mut places = Vec::with_capacity(columns.len());
        for column in columns {
            let place = listed.iter().position(|name| name == column.name);
            if place.is_none() && column.is_required {
                return Err(column.name);
            }
            places.push(place);
        }
        Ok(Self { columns, places })
    }

    /// The values of `row` in the order of the record's fields.
    #[must_use]
    pub const fn fields<'a>(&'a self, row: Row<'a>) -> Fields<'a> {
        Fields { places: self, row, next: 0 }
    }
}

/// The values of one row, taken field by field in the order of [`Record::COLUMNS`].
#[derive(Debug)]
pub struct Fields<'a> {
    places: &'a Places,
    row: Row<'a>,
    next: usize,
}

impl Fields<'_> {
    /// The next field; `absent` if the dump has no such column.
    ///
    /// # Errors
    /// If the value does not fit.
    pub fn take<T: Value>(&mut self, absent: Option<T>) -> Result<T, FieldError> {
        let index = self.next;
        self.next += 1;
        let place = self.places.places.get(index).copied().flatten();
        let value = match (place, absent) {
            (None, Some(absent)) => Ok(absent),
            (None, None) => Err(ValueError::Null),
            (Some(place), _) => T::parse(self.row.get(place)),
        };
        let column = self.places.columns.get(index).map_or("", |column| column.name);
        value.map_err(|error| FieldError { column, error })
    }
}

/// Declares a record: a struct with one field a column, and how to read it.
///
/// `field: Type` reads the required column of that name, `field: Type as "name"` another one, and
/// `field: Type = value` stands for `value` in dumps without that column.
macro_rules! record {
    (
        $(#[$about:meta])*
        $record:ident in $table:literal by $key:literal {
            $( $(#[$field_about:meta])* $field:ident: $type:ty $(as $column:literal)? $(= $absent:expr)? ),* $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $record {
            $(
                #[doc = concat!("Column `", $crate::cli::import::record::record!(@name $field $($column)?), "`.")]
                $(#[$field_about])*
                pub $field: $type,
            )*
        }

        impl $crate::cli::import::record::Record for $record {
            const TABLE: &'static str = $table;
            const KEY: &'static str = $key;
            const COLUMNS: &'static [$crate::cli::import::record::Column] = &[
                $( $crate::cli::import::record::Column {
                    name: $crate::cli::import::record::record!(@name $field $($column)?),
                    is_required: $crate::cli::import::record::record!(@required $($absent)?),
                } ),*
            ];

            fn read(
                mut fields: $crate::cli::import::record::Fields<'_>,
            ) -> Result<Self, $crate::cli::import::record::FieldError> {
                Ok(Self {
                    $( $field: fields.take::<$type>(
                        $crate::cli::import::record::record!(@absent $($absent)?)
                    )? ),*
                })
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $column:literal) => { $column };
    (@required) => { true };
    (@required $absent:expr) => { false };
    (@absent) => { None };
    (@absent $absent:expr) => { Some($absent) };
}

pub(crate) use record;

#[cfg(test)]
mod tests {
    use super::*;

    record! {
        /// For these tests.
        #[expect(unreachable_pub, reason = "records are public where they are not for tests")]
        Lamp in "maas_lamp" by "id" {
            id: i64,
            kind: String as "type",
            watts: Option<i64>,
            is_new: bool = true,
        }
    }

    fn listed(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn read(columns: &[&str], values: &str) -> Result<Lamp, FieldError> {
        let mut line = values.as_bytes().to_vec();
        let mut spans = Vec::new();
        let length = crate::cli::import::pg_dump::copy::decode_row(&mut line, &mut spans);
        let text = std::str::from_utf8(&line[..length]).expect("UTF-8");
        let places = Places::find(Lamp::COLUMNS, &listed(columns)).expect("all columns");
        Lamp::read(places.fields(Row::new(text, &spans)))
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let lamp = read(&["extra", "watts", "type", "is_new", "id"], "?\t60\tred\tf\t7");
        let expected = Lamp { id: 7, kind: "red".into(), watts: Some(60), is_new: false };
        assert_eq!(lamp, Ok(expected));
    }

    #[test]
    fn a_column_that_a_version_lacks_has_its_value() {
        let lamp = read(&["id", "type", "watts"], "7\tred\t\\N").expect("a lamp");
        assert!(lamp.is_new);
        assert_eq!(lamp.watts, None);
    }

    #[test]
    fn a_required_column_that_is_missing_is_named() {
        let error = Places::find(Lamp::COLUMNS, &listed(&["id", "watts"])).err();
        assert_eq!(error, Some("type"));
    }

    #[test]
    fn a_value_that_does_not_fit_is_told_by_its_column_and_never_repeated() {
        let error = read(&["id", "type", "watts"], "7\tred\tsecret").expect_err("no number");
        assert_eq!(error.to_string(), "column watts is no whole number");
        let error = read(&["id", "type", "watts"], "7\t\\N\t1").expect_err("null");
        assert_eq!(error.to_string(), "column type is null");
    }
}
