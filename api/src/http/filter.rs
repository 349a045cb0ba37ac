//! Which objects of a list are wanted: `status_name=Ready`, `hostname__prefix=node-`, `ip__within=10.0.0.0/8`.
//!
//! The same condition given twice wants either value; different conditions want all. There is no expression language.

use crate::http::noun::{FieldInfo, Noun, Seen};
use crate::http::operand;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::http::sort_key::SortKey;
use crate::http::suggestion::suggestion;
use regent_core::net::cidr::Cidr;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// Equal; of a list, one of its items.
    Equal,
    /// Not equal; of a list, none of its items.
    Differs,
    /// Before.
    Less,
    /// After.
    Greater,
    /// A text that begins so.
    Prefix,
    /// A text that has this in it, or a list that has this item.
    Contains,
    /// One of several, separated by commas.
    In,
    /// Whether there is none: `true` or `false`.
    IsNull,
    /// An address or prefix inside a prefix.
    Within,
}

/// What follows a field's name, and how the field is compared then.
pub const SUFFIXES: [(&str, Operator); 8] = [
    ("ne", Operator::Differs),
    ("lt", Operator::Less),
    ("gt", Operator::Greater),
    ("prefix", Operator::Prefix),
    ("contains", Operator::Contains),
    ("in", Operator::In),
    ("isnull", Operator::IsNull),
    ("within", Operator::Within),
];

/// The suffixes, for documents.
pub const SUFFIX_NAMES: &str = "__ne __lt __gt __prefix __contains __in __isnull __within";

/// Values one condition may name.
pub const OPERANDS_MAX: usize = 1024;

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    field: &'static str,
    operator: Operator,
    /// Any of these will do.
    operands: BTreeSet<String>,
    /// The same as prefixes, where prefixes are compared.
    prefixes: Vec<Cidr>,
}

/// All conditions of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<Condition>);

impl Filter {
    /// Takes every parameter that names a field of the noun; others are left.
    ///
    /// # Errors
    /// [`Problem`] if a parameter names no field, or its value cannot be compared.
    pub fn take(parameters: &mut Parameters, noun: &dyn Noun) -> Result<Self, Problem> {
        let mut conditions: Vec<Condition> = Vec::new();
        for (name, value) in parameters.take_rest() {
            let (field, operator) = split(&name, noun)?;
            check(&name, &field, operator, &value)?;
            let field = field.name;
            let same =
                |condition: &Condition| condition.field == field && condition.operator == operator;
            let known = conditions.iter().position(same);
            let place = known.unwrap_or_else(|| {
                conditions.push(Condition::new(field, operator));
                conditions.len() - 1
            });
            conditions[place].take(&name, value)?;
        }
        conditions.sort();
        Ok(Self(conditions))
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an object is wanted.
    #[must_use]
    pub fn accepts(&self, seen: &dyn Seen) -> bool {
        self.0.iter().all(|condition| condition.holds(&seen.field(condition.field)))
    }

    /// The same text for the same conditions, in whatever order they came.
    #[must_use]
    pub fn canonical(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// Refuses what the field can never be.
fn check(name: &str, field: &FieldInfo, operator: Operator, value: &str) -> Result<(), Problem> {
    let values: Vec<&str> = match operator {
        Operator::Equal | Operator::Differs | Operator::Less | Operator::Greater => vec![value],
        Operator::In => value.split(',').take(OPERANDS_MAX).collect(),
        Operator::Prefix | Operator::Contains | Operator::IsNull | Operator::Within => vec![],
    };
    let shape = (field.shape)();
    let mut wrong = values.iter().filter_map(|value| operand::check(&shape, value).err());
    wrong.next().map_or(Ok(()), |message| Err(Problem::invalid(name, message)))
}

fn split(name: &str, noun: &dyn Noun) -> Result<(FieldInfo, Operator), Problem> {
    let (field, operator) = match name.rsplit_once("__") {
        None => (name, Some(Operator::Equal)),
        Some((field, suffix)) => {
            let known = SUFFIXES.iter().find(|(known, _)| *known == suffix);
            (field, known.map(|(_, operator)| *operator))
        }
    };
    let fields = noun.fields();
    let known = fields.iter().find(|known| known.name == field && known.shown);
    match (known, operator) {
        (Some(known), Some(operator)) => Ok((*known, operator)),
        (Some(_), None) => {
            Err(Problem::invalid(name, format!("is no comparison; there are {SUFFIX_NAMES}")))
        }
        (None, _) => {
            let names = fields.iter().filter(|known| known.shown).map(|known| known.name);
            let meant = suggestion(field, names);
            let path = noun.path();
            let message = format!("is neither a parameter of lists nor a field of {path}{meant}");
            Err(Problem::invalid(name, message))
        }
    }
}

impl Condition {
    const fn new(field: &'static str, operator: Operator) -> Self {
        Self { field, operator, operands: BTreeSet::new(), prefixes: Vec::new() }
    }

    /// Takes one more of what will do.
    fn take(&mut self, name: &str, operand: String) -> Result<(), Problem> {
        match self.operator {
            Operator::IsNull if !["true", "false"].contains(&operand.as_str()) => {
                let message = format!("{operand:?} is not true or false");
                return Err(Problem::invalid(name, message));
            }
            Operator::Within => {
                let prefix = operand.parse::<Cidr>();
                self.prefixes
                    .push(prefix.map_err(|error| Problem::invalid(name, error.to_string()))?);
                self.operands.insert(operand);
            }
            Operator::In => {
                let room = OPERANDS_MAX + 1 - self.operands.len();
                self.operands.extend(operand.split(',').take(room).map(str::to_owned));
            }
            Operator::Equal
            | Operator::Differs
            | Operator::Less
            | Operator::Greater
            | Operator::Prefix
            | Operator::Contains
            | Operator::IsNull => {
                self.operands.insert(operand);
            }
        }
        if self.operands.len() > OPERANDS_MAX {
            let message = format!("has more than {OPERANDS_MAX} values");
            return Err(Problem::invalid(name, message));
        }
        Ok(())
    }

    fn holds(&self, value: &Value) -> bool {
        let any = |test: &dyn Fn(&str) -> bool| self.operands.iter().any(|operand| test(operand));
        match self.operator {
            Operator::Equal | Operator::In => self.equals(value),
            Operator::Differs => !self.equals(value),
            Operator::Less => any(&|operand| ordered(value, operand, Ordering::Less)),
            Operator::Greater => any(&|operand| ordered(value, operand, Ordering::Greater)),
            Operator::Prefix => any(&|operand| plain(value).starts_with(operand)),
            Operator::Contains => self.is_in(value),
            Operator::IsNull => any(&|operand| value.is_null() == (operand == "true")),
            Operator::Within => self.prefixes.iter().any(|outer| within(value, *outer)),
        }
    }

    /// Whether a value, or an item of it, is one of the operands.
    fn equals(&self, value: &Value) -> bool {
        match value {
            Value::Null | Value::Object(_) => false,
            Value::Array(items) => items.iter().any(|item| self.equals(item)),
            Value::String(text) => self.operands.contains(text),
            Value::Number(_) | Value::Bool(_) => self.operands.contains(&plain(value)),
        }
    }

    /// Whether an operand is a part of a value, or one of its items.
    fn is_in(&self, value: &Value) -> bool {
        match value {
            Value::Array(_) => self.equals(value),
            Value::Null | Value::Object(_) => false,
            Value::String(_) | Value::Number(_) | Value::Bool(_) => {
                let text = plain(value);
                self.operands.iter().any(|operand| text.contains(operand.as_str()))
            }
        }
    }
}

/// A value as its text; nothing for lists, objects and null.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

fn ordered(value: &Value, operand: &str, wanted: Ordering) -> bool {
    !value.is_null() && SortKey::of(value).cmp(&SortKey::of_operand(operand, value)) == wanted
}

fn within(value: &Value, outer: Cidr) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| within(item, outer)),
        Value::String(text) => match text.parse::<IpAddr>() {
            Ok(address) => outer.contains(address),
            Err(_) => text.parse().is_ok_and(|inner| outer.contains_cidr(inner)),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Condition, Operator};
    use serde_json::{Value, json};

    fn holds(operator: Operator, operands: &[&str], value: Value) -> bool {
        let mut condition = Condition::new("field", operator);
        for operand in operands {
            condition.take("field", (*operand).to_owned()).unwrap();
        }
        condition.holds(&value)
    }

    #[test]
    fn same_condition_twice_wants_either_value_and_ne_wants_neither() {
        assert!(holds(Operator::Equal, &["a", "b"], json!("b")));
        assert!(!holds(Operator::Differs, &["a", "b"], json!("b")));
        assert!(holds(Operator::Differs, &["a", "b"], json!("c")));
    }

    #[test]
    fn order_is_that_of_the_value_and_nothing_is_neither_before_nor_after() {
        assert!(holds(Operator::Less, &["10"], json!(9)));
        assert!(holds(Operator::Greater, &["10.0.0.9"], json!("10.0.0.10")));
        assert!(!holds(Operator::Less, &["10"], json!(null)));
    }

    #[test]
    fn addresses_prefixes_and_lists_of_them_lie_within_a_prefix() {
        for inside in [json!("10.1.2.3"), json!("10.1.0.0/16"), json!(["x", "10.0.0.1"])] {
            assert!(holds(Operator::Within, &["10.0.0.0/8"], inside));
        }
        for outside in [json!("11.0.0.1"), json!("0.0.0.0/0"), json!("fd00::1"), json!(null)] {
            assert!(!holds(Operator::Within, &["10.0.0.0/8"], outside));
        }
    }

    #[test]
    fn lists_contain_their_items_and_texts_their_parts() {
        assert!(holds(Operator::Contains, &["3"], json!([1, 3])));
        assert!(!holds(Operator::Contains, &["3"], json!([13])));
        assert!(holds(Operator::Contains, &["ode"], json!("node")));
        assert!(holds(Operator::In, &["a,b"], json!("b")));
        assert!(holds(Operator::IsNull, &["true"], json!(null)));
    }
}
