//! A network: a bridge in a namespace of its own, and the cables that lead to it.

use crate::lab::namespace::{Namespace, View};
use crate::lab::tool::run;
use std::cell::Cell;

/// A network.
#[derive(Debug)]
pub struct Lan {
    view: View,
    switch: Namespace,
    ports: Cell<u32>,
}

/// A cable from a machine to a network. Only the end at the network is known here.
#[derive(Clone, Debug)]
pub struct Cable {
    switch: String,
    port: String,
}

impl Lan {
    /// A network without any machine.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(label: &str) -> anyhow::Result<Self> {
        Self::with_view(label, View::Own)
    }

    /// The same, the programs of whose machines have such a view of the file systems.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn with_view(label: &str, view: View) -> anyhow::Result<Self> {
        let switch = Namespace::with_view(label, view)?;
        switch.run("ip link add lan type bridge forward_delay 0 mcast_snooping 0")?;
        switch.run("ip link set lan up")?;
        Ok(Self { view, switch, ports: Cell::new(0) })
    }

    /// A machine that is not connected yet.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn machine(&self, label: &str) -> anyhow::Result<Namespace> {
        Namespace::with_view(label, self.view)
    }

    /// Connects a machine by an interface of this name, with an address (`10.0.0.2/24`) if it is to have one.
    ///
    /// # Errors
    /// If the interface cannot be made.
    pub fn connect(
        &self,
        machine: &Namespace,
        interface: &str,
        address: Option<&str>,
    ) -> anyhow::Result<Cable> {
        let (machine, switch) = (machine.name(), self.switch.name());
        let number = self.ports.get() + 1;
        self.ports.set(number);
        let port = format!("p{number}");
        run(&format!(
            "ip link add {interface} netns {machine} type veth peer name {port} netns {switch}"
        ))?;
        run(&format!("ip -n {switch} link set {port} master lan up"))?;
        // Else the checksums of what goes out are left to hardware that is not there, and clients that read raw frames
        // take them for wrong.
        run(&format!("ip netns exec {machine} ethtool -K {interface} tx off"))?;
        run(&format!("ip -n {machine} link set {interface} up"))?;
        if let Some(address) = address {
            run(&format!("ip -n {machine} addr add {address} dev {interface}"))?;
        }
        Ok(Cable { switch: switch.to_owned(), port })
    }

    /// Has somebody on the network listen to all of it.
    #[must_use]
    pub const fn switch(&self) -> &Namespace {
        &self.switch
    }
}

impl Cable {
    /// The interface it ends at, at the network.
    #[must_use]
    pub fn port(&self) -> &str {
        &self.port
    }

    /// Nothing goes through it any more. The machine does not notice: its link stays up.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn cut(&self) -> anyhow::Result<()> {
        run(&format!("ip -n {} link set {} nomaster", self.switch, self.port)).map(drop)
    }

    /// It is whole again.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn mend(&self) -> anyhow::Result<()> {
        run(&format!("ip -n {} link set {} master lan", self.switch, self.port)).map(drop)
    }
}
