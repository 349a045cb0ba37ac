//! What is to be set so that racks serve a VLAN, read and checked as far as the state and the racks' own words go.

use crate::http::actions::vlan_dhcp::standing::{dynamic_ranges, name_of, subnets};
use crate::http::body;
use crate::http::fields::Fields;
use crate::http::noun::Noun as _;
use crate::http::nouns::controllers::Controllers;
use crate::http::nouns::vlans::label;
use crate::http::problem::Problem;
use crate::http::wire::mismatch;
use crate::problem_kind::ProblemKind;
use crate::rack_board::Everyone;
use crate::rack_board::seen::seen_by;
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{NodeId, VlanId};
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::rack_key::RackKey;
use regent_core::model::vlan::{MORE_RACKS_MAX, Vlan};
use regent_core::object::TableKey as _;
use regent_core::state::State;
use regent_core::state::tables::Stored as _;
use serde_json::{Map, Value};
use std::net::IpAddr;

/// Ranges of one request.
const RANGES_MAX: usize = 64;
/// What may be passed over, as in `despite`.
pub const DESPITE: [&str; 2] = ["foreign", "unseen"];

/// What is to be set.
#[derive(Debug)]
pub struct Order {
    /// The VLAN.
    pub vlan: VlanId,
    /// The racks, the primary at the front.
    pub racks: Vec<NodeId>,
    /// Dynamic ranges that are not there yet.
    ranges: Vec<IpRange>,
    /// Whether a foreign server may go on answering.
    pub despite_foreign: bool,
    /// Whether racks may have no address there: clients come through relays alone.
    despite_unseen: bool,
}

impl Order {
    /// Reads what a client sent.
    ///
    /// # Errors
    /// [`Problem`] naming what is wrong or missing.
    pub fn read(state: &State, id: VlanId, fields: Map<String, Value>) -> Result<Self, Problem> {
        let mut fields = Fields(fields);
        let vlan = &state.get::<Vlan>(&id).ok_or_else(|| gone(id))?.value;
        let primary = rack(state, &mut fields, "primary_rack")?;
        let secondary = rack(state, &mut fields, "secondary_rack")?;
        let more = more_racks(state, &mut fields)?;
        let (first, more) = match primary {
            Some(primary) => ([Some(primary), secondary], more.unwrap_or_default()),
            None => {
                let secondary = secondary.or(vlan.secondary_rack);
                ([vlan.primary_rack, secondary], more.unwrap_or_else(|| vlan.more_racks.clone()))
            }
        };
        let racks: Vec<NodeId> = first.into_iter().flatten().chain(more).collect();
        let ranges = new_ranges(state, id, fields.0.remove("ranges"))?;
        let despite = despite(fields.0.remove("despite"))?;
        fields.finish()?;
        if racks.is_empty() {
            let what =
                "is missing, and the VLAN has no rack yet: name one that `regent rack ls` shows";
            return Err(Problem::invalid("/primary_rack", what));
        }
        if ranges.is_empty() && dynamic_ranges(state, id).next().is_none() {
            let what = "is missing, and no subnet of the VLAN has a dynamic range: say which addresses clients get";
            return Err(Problem::invalid("/ranges", what));
        }
        let [despite_foreign, despite_unseen] =
            DESPITE.map(|word| despite.iter().any(|given| given == word));
        Ok(Self { vlan: id, racks, ranges, despite_foreign, despite_unseen })
    }

    /// Whether the racks can serve it, as far as anybody knows. What somebody should know all the same.
    ///
    /// # Errors
    /// [`Problem`] saying what to do first.
    pub fn check_racks(&self, state: &State, everyone: &Everyone) -> Result<Vec<String>, Problem> {
        let mut warnings = Vec::new();
        for rack in &self.racks {
            let name = name_of(state, *rack);
            if state.get::<RackKey>(rack).is_none() {
                return Err(forbidden(
                    self.vlan,
                    format!(
                        "rack {name} never enrolled: `regent token create rack --for {name}`, then \
                         `rack-agent join TOKEN` on it"
                    ),
                ));
            }
            let status = everyone.racks.get(rack).map(|(_, status)| status);
            match status.filter(|status| status.connected) {
                None => warnings.push(format!(
                    "rack {name} is not connected: it serves the VLAN once it is, and whether it can is not known"
                )),
                Some(status) if seen_by(state, status).contains(&self.vlan) => {}
                Some(_) if self.despite_unseen => warnings.push(format!(
                    "rack {name} has no address on the VLAN: only clients behind relays reach it"
                )),
                Some(_) => return Err(self.unseen(state, &name)),
            }
        }
        Ok(warnings)
    }

    fn unseen(&self, state: &State, name: &str) -> Problem {
        let cidrs: Vec<_> = subnets(state, self.vlan).map(|(_, of)| of.cidr.to_string()).collect();
        let detail = format!(
            "rack {name} has no address in {}, so it does not see the VLAN: give one of its interfaces an address \
             there; where clients come through relays alone, repeat despite `unseen`",
            cidrs.join(", ")
        );
        forbidden(self.vlan, detail)
    }

    /// All of it at once.
    #[must_use]
    pub fn into_command(self) -> Command {
        let mut racks = self.racks.into_iter();
        let patch = VlanPatch {
            primary_rack: Some(racks.next()),
            secondary_rack: Some(racks.next()),
            more_racks: Some(racks.collect()),
            dhcp_on: Some(true),
            ..VlanPatch::default()
        };
        let ranges = self.ranges.into_iter().map(|range| Command::IpRange(Edit::Create(range)));
        let service = Command::Vlan(Edit::Update { id: self.vlan, patch });
        Command::Batch(ranges.chain([service]).collect())
    }
}

/// A conflict about the VLAN.
#[must_use]
pub fn forbidden(vlan: VlanId, detail: String) -> Problem {
    Problem::new(ProblemKind::StateForbids, detail).about(&Vlan::object(&vlan))
}

fn gone(id: VlanId) -> Problem {
    Problem::new(ProblemKind::NotFound, format!("there is no VLAN {id}"))
}

/// The rack that is named by its number or a name.
fn rack(state: &State, fields: &mut Fields, field: &str) -> Result<Option<NodeId>, Problem> {
    match fields.0.remove(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => named(state, value, &format!("/{field}")).map(Some),
    }
}

/// The racks that answer after the first two, if the client names them.
fn more_racks(state: &State, fields: &mut Fields) -> Result<Option<Vec<NodeId>>, Problem> {
    let field = "/more_racks";
    let items = match fields.0.remove("more_racks") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(items)) if items.len() <= MORE_RACKS_MAX => items,
        Some(Value::Array(_)) => {
            return Err(Problem::invalid(field, format!("has more than {MORE_RACKS_MAX}")));
        }
        Some(other) => return Err(Problem::invalid(field, mismatch("a list", &other))),
    };
    let items = items.into_iter().enumerate();
    items
        .map(|(number, item)| named(state, item, &format!("{field}/{number}")))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn named(state: &State, value: Value, place: &str) -> Result<NodeId, Problem> {
    let segment = match value {
        Value::Number(number) => number.to_string(),
        Value::String(name) => name,
        other @ (Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
            return Err(Problem::invalid(
                place,
                mismatch("the number or a name of a rack", &other),
            ));
        }
    };
    let found = Controllers.find(state, &segment).and_then(|key| NodeId::from_key(&key));
    let missing =
        || format!("there is no rack {segment:?}: `regent rack ls` shows those there are");
    found.ok_or_else(|| Problem::invalid(place, missing()))
}

/// The ranges that are wished for and not there yet.
fn new_ranges(state: &State, vlan: VlanId, given: Option<Value>) -> Result<Vec<IpRange>, Problem> {
    let given = match given {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) if items.len() <= RANGES_MAX => items,
        Some(Value::Array(_)) => {
            return Err(Problem::invalid("/ranges", format!("has more than {RANGES_MAX}")));
        }
        Some(other) => return Err(Problem::invalid("/ranges", mismatch("a list", &other))),
    };
    let mut new = Vec::new();
    for (number, item) in given.into_iter().enumerate() {
        let place = format!("/ranges/{number}");
        let mut fields = Fields(body::object(item, &place)?);
        let ends = fields.need("start").and_then(|start| Ok((start, fields.need("end")?)));
        let (start, end) = ends.map_err(|problem| problem.within(&place))?;
        fields.finish().map_err(|problem| problem.within(&place))?;
        let range = range(state, vlan, (start, end))
            .ok_or_else(|| Problem::invalid(&place, outside(state, vlan, (start, end))))?;
        let is_there = |known: &IpRange| (known.start_ip, known.end_ip) == (start, end);
        if !dynamic_ranges(state, vlan).any(|known| is_there(&known.value)) {
            new.push(range);
        }
    }
    Ok(new)
}

/// A new dynamic range in the subnet of the VLAN that has both ends.
fn range(state: &State, vlan: VlanId, (start, end): (IpAddr, IpAddr)) -> Option<IpRange> {
    let holds = |address| move |cidr: regent_core::net::cidr::Cidr| cidr.contains(address);
    let mut subnets = subnets(state, vlan);
    let both = |cidr| holds(start)(cidr) && holds(end)(cidr);
    let (subnet, _) = subnets.find(|(_, subnet)| both(subnet.cidr))?;
    Some(IpRange {
        subnet,
        range_type: IpRangeType::Dynamic,
        start_ip: start,
        end_ip: end,
        user: None,
        comment: String::new(),
    })
}

fn outside(state: &State, id: VlanId, (start, end): (IpAddr, IpAddr)) -> String {
    let cidrs: Vec<_> = subnets(state, id).map(|(_, subnet)| subnet.cidr.to_string()).collect();
    if cidrs.is_empty() {
        let label = state.get::<Vlan>(&id).map(|row| label(state, &row.value));
        let label = label.unwrap_or_default();
        return format!(
            "the VLAN has no subnet: `regent subnet create cidr=PREFIX vlan={label}` first"
        );
    }
    format!("{start} to {end} lies in none of the VLAN's subnets: {}", cidrs.join(", "))
}

fn despite(given: Option<Value>) -> Result<Vec<String>, Problem> {
    let words = match given {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(words)) => words,
        Some(other) => return Err(Problem::invalid("/despite", mismatch("a list", &other))),
    };
    let known = |word: Value| match word.as_str() {
        Some(word) if DESPITE.contains(&word) => Ok(word.to_owned()),
        Some(_) | None => {
            let message = format!("{word} is none of {}", DESPITE.join(", "));
            Err(Problem::invalid("/despite", message))
        }
    };
    words.into_iter().map(known).collect()
}
