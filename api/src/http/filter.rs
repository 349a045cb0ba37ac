//! Which objects of a list are wanted: `status_name=Ready`, `hostname__prefix=node-`, `ip__within=10.0.0.0/8`.
//!
//! The same condition given twice wants either value; different conditions want all. There is no expression language.

use crate::http::noun::{Noun, Seen};
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::http::sort_key::SortKey;
use crate::http::suggestion::suggestion;
use regent_core::net::cidr::Cidr;
use serde_json::Value;
use std::cmp::Ordering;
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

const SUFFIXES: [(&str, Operator); 8] = [
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

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    field: &'static str,
    operator: Operator,
    /// Any of these will do.
    operands: Vec<String>,
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
            check(&name, operator, &value)?;
            let same = |condition: &&mut Condition| {
                condition.field == field && condition.operator == operator
            };
            match conditions.iter_mut().find(same) {
                Some(condition) => condition.operands.push(value),
                None => conditions.push(Condition { field, operator, operands: vec![value] }),
            }
        }
        for condition in &mut conditions {
            condition.operands.sort();
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

fn split(name: &str, noun: &dyn Noun) -> Result<(&'static str, Operator), Problem> {
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
        (Some(known), Some(operator)) => Ok((known.name, operator)),
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

fn check(name: &str, operator: Operator, operand: &str) -> Result<(), Problem> {
    match operator {
        Operator::IsNull if !["true", "false"].contains(&operand) => {
            Err(Problem::invalid(name, format!("{operand:?} is not true or false")))
        }
        Operator::Within => match operand.parse::<Cidr>() {
            Ok(_) => Ok(()),
            Err(error) => Err(Problem::invalid(name, error.to_string())),
        },
        Operator::Equal
        | Operator::Differs
        | Operator::Less
        | Operator::Greater
        | Operator::Prefix
        | Operator::Contains
        | Operator::In
        | Operator::IsNull => Ok(()),
    }
}

impl Condition {
    fn holds(&self, value: &Value) -> bool {
        let any = |test: &dyn Fn(&str) -> bool| self.operands.iter().any(|operand| test(operand));
        match self.operator {
            Operator::Equal => any(&|operand| equals(value, operand)),
            Operator::Differs => !any(&|operand| equals(value, operand)),
            Operator::Less => any(&|operand| ordered(value, operand, Ordering::Less)),
            Operator::Greater => any(&|operand| ordered(value, operand, Ordering::Greater)),
            Operator::Prefix => any(&|operand| plain(value).starts_with(operand)),
            Operator::Contains => any(&|operand| contains(value, operand)),
            Operator::In => {
                any(&|operand| operand.split(',').any(|operand| equals(value, operand)))
            }
            Operator::IsNull => any(&|operand| value.is_null() == (operand == "true")),
            Operator::Within => any(&|operand| within(value, operand)),
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

fn equals(value: &Value, operand: &str) -> bool {
    match value {
        Value::Null | Value::Object(_) => false,
        Value::Array(items) => items.iter().any(|item| equals(item, operand)),
        Value::String(text) => text == operand,
        Value::Number(_) | Value::Bool(_) => plain(value) == operand,
    }
}

fn contains(value: &Value, operand: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| equals(item, operand)),
        Value::Null | Value::Object(_) => false,
        Value::String(_) | Value::Number(_) | Value::Bool(_) => plain(value).contains(operand),
    }
}

fn ordered(value: &Value, operand: &str, wanted: Ordering) -> bool {
    !value.is_null() && SortKey::of(value).cmp(&SortKey::of_operand(operand, value)) == wanted
}

fn within(value: &Value, operand: &str) -> bool {
    let Ok(outer) = operand.parse::<Cidr>() else { return false };
    match value {
        Value::Array(items) => items.iter().any(|item| within(item, operand)),
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
        let operands = operands.iter().map(|operand| (*operand).to_owned()).collect();
        Condition { field: "field", operator, operands }.holds(&value)
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
