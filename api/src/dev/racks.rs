//! The rack agents of a dev cluster and the simulated clients they serve.

use crate::cli::client::Client;
use crate::cli::dev_record::{DevClients, DevRack};
use crate::dev::dhcp_load::Clients;
use crate::dev::network;
use crate::dev::rack::Rack;
use anyhow::Context as _;
use std::net::SocketAddr;

/// Simulated clients.
const CLIENTS: u8 = 24;

/// All of them; none in a cluster without.
#[derive(Default)]
pub struct Racks {
    /// The agents.
    pub agents: Vec<Rack>,
    clients: Option<Clients>,
}

impl Racks {
    /// Agents that do not run yet.
    #[must_use]
    pub fn new(places: Vec<DevRack>) -> Self {
        Self { agents: places.into_iter().map(Rack::new).collect(), clients: None }
    }

    /// What others are told of the agents.
    #[must_use]
    pub fn record(&self) -> Vec<DevRack> {
        self.agents.iter().map(Rack::record).collect()
    }

    /// What the clients meet, if there are any.
    #[must_use]
    pub fn figures(&self) -> Option<DevClients> {
        self.clients.as_ref().map(Clients::figures)
    }

    /// Counts from now on.
    pub fn count_anew(&self) {
        if let Some(clients) = &self.clients {
            clients.count_anew();
        }
    }

    /// Enrols the agents that are new to the region of `nodes`, gives them a network, starts them, and lets clients
    /// begin.
    ///
    /// # Errors
    /// When the region or the system does not let us.
    pub async fn bring_up(&mut self, client: &Client, nodes: &[String]) -> anyhow::Result<()> {
        if self.agents.is_empty() {
            return Ok(());
        }
        let configs = self.agents.iter().enumerate();
        let configs: anyhow::Result<Vec<String>> = configs
            .map(|(number, agent)| agent.config(nodes, &network::rack_address(number)))
            .collect();
        let configs = configs?;
        if !self.agents.iter().all(Rack::is_ready) {
            self.enrol(client, &configs).await?;
        }
        for (agent, config) in self.agents.iter_mut().zip(&configs) {
            // Also if there is one: the data folder may be at another place now.
            agent.make_ready(config)?;
            agent.start()?;
        }
        let addresses: Result<Vec<SocketAddr>, _> =
            self.agents.iter().map(|agent| agent.place.dhcp.parse()).collect();
        let addresses = addresses.context("racks serve at an address and port")?;
        self.clients = Some(Clients::start(CLIENTS, network::RELAY, &addresses).await?);
        Ok(())
    }

    async fn enrol(&self, client: &Client, configs: &[String]) -> anyhow::Result<()> {
        let mut enrolled = Vec::new();
        for (agent, config) in self.agents.iter().zip(configs) {
            enrolled.push(agent.enrol(client, config).await?);
        }
        network::serve(client, &enrolled).await
    }
}
