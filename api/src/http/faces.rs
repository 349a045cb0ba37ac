//! What the API's port answers with: HTTP/1.1 for everybody, gRPC over HTTP/2 for racks.
//!
//! Who answers racks is handed in from above; here it is only known to be a service.

use crate::http::limits::Limits;
use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tower::Service;

/// All that a connection may need. Clones share it.
#[derive(Clone)]
pub struct Faces {
    /// HTTP/1.1.
    pub router: Router,
    /// gRPC over HTTP/2.
    pub racks: RackFace,
    /// How much at once.
    pub limits: Arc<Limits>,
    /// True as soon as the faces are closing.
    pub closing: watch::Receiver<bool>,
    /// What connections do.
    pub tasks: TaskTracker,
}

/// Who answers gRPC.
#[derive(Clone, Debug, Default)]
pub struct RackFace(pub Router);

impl RackFace {
    /// This service. It is asked nothing but gRPC.
    pub fn of<S>(service: S) -> Self
    where
        S: Service<Request, Error = Infallible, Response: IntoResponse, Future: Send + 'static>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        Self(Router::new().fallback_service(service))
    }

    /// Nobody: nothing is found.
    #[must_use]
    pub fn nobody() -> Self {
        Self::default()
    }
}
