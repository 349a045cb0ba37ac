//! All racks of a run, with their clients.

use crate::chance::Chance;
use crate::client::Processes;
use crate::group::Group;
use crate::network::router::Router;
use crate::rack::lan::{Inboxes, Lan};
use crate::rack::plan::RackPlan;
use crate::rack::site::RackSite;
use crate::rack::station::Rack;
use crate::rack::tenant::Tenant;
use crate::record::Recorder;
use std::cell::RefCell;
use std::rc::Rc;
use tokio::task::JoinHandle;

/// The racks of a run; clones are the same.
#[derive(Clone)]
pub struct Racks(Rc<Inner>);

struct Inner {
    racks: Vec<Rack>,
    lan: Lan,
    group: Group,
    recorder: Recorder,
    tenants: RefCell<Vec<JoinHandle<()>>>,
    /// What befalls them.
    faults: RefCell<Vec<JoinHandle<()>>>,
}

impl Racks {
    /// Racks that begin to serve what was made, and clients that come.
    #[must_use]
    pub fn begin(
        plan: &RackPlan,
        site: &RackSite,
        (group, recorder): (&Group, &Recorder),
        processes: &Processes,
        mut chance: Chance,
    ) -> Self {
        let trace = recorder.trace.clone();
        let (lan, inboxes) = Lan::new(plan.racks, plan.tenants, chance.nth(0), trace);
        let Inboxes { racks: at_racks, tenants: at_tenants } = inboxes;
        let mut racks = Vec::new();
        for (place, packets) in (0..plan.racks).zip(at_racks) {
            let around = (group.clone(), lan.clone(), recorder.clone());
            let chance = chance.nth(place.into());
            let rack = Rack::new((place, &site.racks), site.vlan, around, chance);
            rack.begin(packets);
            racks.push(rack);
        }
        let mut tenants = Vec::new();
        for (number, inbox) in (0..plan.tenants).zip(at_tenants) {
            let (who, wire) = ((number, processes.next()), (lan.clone(), inbox));
            let tenant = Tenant::new(who, wire, recorder.clone(), chance.nth(number.into()));
            tenants.push(tokio::task::spawn_local(tenant.live()));
        }
        let (group, recorder) = (group.clone(), recorder.clone());
        let (tenants, faults) = (RefCell::new(tenants), RefCell::default());
        Self(Rc::new(Inner { racks, lan, group, recorder, tenants, faults }))
    }

    /// Takes charge of what befalls them: it ends with them.
    pub fn own(&self, fault: JoinHandle<()>) {
        self.0.faults.borrow_mut().push(fault);
    }

    /// The rack with this place.
    #[must_use]
    pub fn at(&self, place: u8) -> Option<Rack> {
        self.0.racks.get(usize::from(place)).cloned()
    }

    /// The wire to clients.
    #[must_use]
    pub fn lan(&self) -> &Lan {
        &self.0.lan
    }

    /// The wires to the region.
    #[must_use]
    pub fn router(&self) -> &Router {
        self.0.group.router()
    }

    /// Takes down what happens.
    #[must_use]
    pub fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }

    /// Ends them all. A part of the harness that panicked is found.
    pub async fn end(&self) {
        self.0.racks.iter().for_each(Rack::end);
        let tasks = self.0.tenants.take().into_iter().chain(self.0.faults.take());
        for task in tasks {
            task.abort();
            if task.await.is_err_and(|ended| ended.is_panic()) {
                self.0
                    .recorder
                    .find("a part of the harness panicked: a DHCP client, or a fault".into());
            }
        }
    }
}
