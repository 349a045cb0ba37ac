//! Whether this node lives, is ready, leads: for those who keep a load balancer.

use crate::http::answer::json_of;
use crate::http::consistency::parse_duration;
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::http::route::{Route, Verb};
use crate::http::write::Asked;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use std::time::Duration;

/// The methods of every path here.
const METHODS: &str = "GET, HEAD, OPTIONS";

/// How long ago a majority may have followed this node last, if it says that it leads: by then another may do so.
const FOLLOWED_MAX: Duration = Duration::from_secs(1);

/// The routes. None needs a leader to answer.
pub fn routes() -> Vec<Route> {
    let about = |route: Route, about: &str| route.about("health", about);
    let ready = Route::new(Verb::Get, "/readyz", "ready", ready).takes([
        ("verbose", "`true`: with what it was judged by."),
        ("max_lag", "Ready if it heard from the leader at most so long ago, as `5s`; nobody is asked then."),
        ("consistent", "`true`, the default without `max_lag`: ready only if a majority confirms that it is up to date."),
    ]);
    let routes = [
        about(Route::new(Verb::Get, "/livez", "live", live), "Whether the process works."),
        about(ready, "Whether it can serve."),
        about(Route::new(Verb::Get, "/healthz/leader", "leads", leads), "Whether it leads."),
        about(
            Route::new(Verb::Get, "/healthz/follower", "follows", follows),
            "Whether it follows.",
        ),
    ];
    routes.into_iter().map(with_options).collect()
}

/// Load balancers may ask with OPTIONS, too.
fn with_options(route: Route) -> Route {
    let methods = || async {
        let mut response = StatusCode::NO_CONTENT.into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(METHODS));
        response
    };
    Route { handler: route.handler.options(methods), ..route }
}

async fn live(State(context): State<Context>) -> Response {
    answer(!context.region.stopping().is_cancelled(), "stopping")
}

/// What readiness is judged by.
struct Readiness {
    max_lag: Option<Duration>,
    consistent: bool,
}

async fn ready(State(context): State<Context>, asked: Asked) -> Result<Response, Problem> {
    let mut parameters = asked.parameters()?;
    let verbose = parameters.take_flag("verbose")?;
    let max_lag = parse_duration("max_lag", parameters.take("max_lag")?.as_deref())?;
    let consistent = parameters.take_flag("consistent")? || max_lag.is_none();
    parameters.finish()?;
    let why_not = Readiness { max_lag, consistent }.judge(&context).await;
    if !verbose {
        return Ok(answer(why_not.is_none(), why_not.unwrap_or_default()));
    }
    let mut body = verdict(why_not.is_none(), why_not.unwrap_or_default());
    let leadership = context.region.leadership();
    body["leader"] = leadership.leader.into();
    body["revision"] = context.region.published().state.meta().revision.0.into();
    let contact = context.region.last_contact();
    let millis = |contact: Duration| u64::try_from(contact.as_millis()).unwrap_or(u64::MAX);
    body["last_contact_ms"] = contact.map(millis).into();
    Ok(json_of(status(why_not.is_none()), &body))
}

impl Readiness {
    /// Why this node is not ready, if it is not.
    async fn judge(&self, context: &Context) -> Option<&'static str> {
        if *context.closing.borrow() {
            return Some("stopping");
        }
        let region = &context.region;
        let lags = |max| region.last_contact().is_none_or(|contact| contact > max);
        if self.max_lag.is_some_and(lags) {
            return Some("heard from no leader for too long");
        }
        if !self.consistent {
            return None;
        }
        let confirm = async { region.linearizable(context.deadline()).await.is_ok() };
        let confirmed = context.confirmed.get(confirm).await;
        (!confirmed).then_some("no leader confirmed that this node is up to date")
    }
}

async fn leads(State(context): State<Context>) -> Response {
    let followed = context.region.last_contact().is_some_and(|age| age <= FOLLOWED_MAX);
    let is_leader = context.region.leadership().is_leader;
    let why_not = match is_leader {
        true => "no majority follows",
        false => "not the leader",
    };
    answer(is_leader && followed, why_not)
}

async fn follows(State(context): State<Context>) -> Response {
    let leadership = context.region.leadership();
    answer(!leadership.is_leader && leadership.leader.is_some(), "not following a leader")
}

fn answer(good: bool, why_not: &str) -> Response {
    json_of(status(good), &verdict(good, why_not))
}

const fn status(good: bool) -> StatusCode {
    if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

fn verdict(good: bool, why_not: &str) -> Value {
    if good { json!({ "ok": true }) } else { json!({ "ok": false, "why": why_not }) }
}
