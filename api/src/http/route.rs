//! A route as data: one declaration makes both the axum route and its place in the OpenAPI document.

use crate::http::context::Context;
use crate::http::gate::{Condition, Gate};
use crate::http::wire::Shape;
use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::middleware::{Next, from_fn};
use axum::routing::{MethodFilter, MethodRouter, on};
use std::sync::Arc;
use std::time::Duration;
use utoipa::openapi::path::HttpMethod;
use utoipa::openapi::schema::Ref;

/// What a request may take until its answer begins, unless its route says otherwise: more than the longest wait a
/// client can ask for.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(75);

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Reads.
    Get,
    /// Makes, or does.
    Post,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Get, Self::Post, Self::Patch, Self::Delete];

    /// As in a request line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }

    /// As OpenAPI has it.
    #[must_use]
    pub const fn documented(self) -> HttpMethod {
        match self {
            Self::Get => HttpMethod::Get,
            Self::Post => HttpMethod::Post,
            Self::Patch => HttpMethod::Patch,
            Self::Delete => HttpMethod::Delete,
        }
    }
}

/// What a good answer is.
#[derive(Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Another one that it may have, and what that says.
    pub other_status: Option<(u16, &'static str)>,
    /// Its type.
    pub media_type: &'static str,
    /// Another one that a client may ask for.
    pub other_type: Option<&'static str>,
    /// Its schema.
    pub shape: Option<Shape>,
}

/// What a request's body is.
#[derive(Clone)]
pub struct Sent {
    /// Its type.
    pub media_type: &'static str,
    /// Its schema.
    pub shape: Shape,
}

/// One method of one path.
pub struct Route {
    /// The method.
    pub verb: Verb,
    /// The path, with `{name}` for what varies.
    pub path: String,
    /// The name of the operation, unique.
    pub operation: String,
    /// What it does.
    pub about: String,
    /// What it belongs to.
    pub tag: String,
    /// Its query parameters with what they mean.
    pub parameters: Vec<(String, String)>,
    /// What is sent, if anything.
    pub request: Option<Sent>,
    /// What comes back.
    pub answer: Answer,
    /// Whether it takes `If-Match`.
    pub condition: Condition,
    /// What may pass until its answer begins.
    pub time_max: Duration,
    /// What answers.
    pub handler: MethodRouter<Context>,
}

impl Route {
    /// A route that answers 200 with any JSON and takes no parameters.
    pub fn new<H, T>(
        verb: Verb,
        path: impl Into<String>,
        operation: impl Into<String>,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Context>,
        T: 'static,
    {
        Self {
            verb,
            path: path.into(),
            operation: operation.into(),
            about: String::new(),
            tag: String::new(),
            parameters: Vec::new(),
            request: None,
            answer: Answer {
                status: 200,
                other_status: None,
                media_type: "application/json",
                other_type: None,
                shape: None,
            },
            condition: Condition::None,
            time_max: ANSWER_TIME_MAX,
            handler: on(verb.filter(), handler),
        }
    }

    /// What it does, and what it belongs to.
    #[must_use]
    pub fn about(mut self, tag: impl Into<String>, about: impl Into<String>) -> Self {
        (self.tag, self.about) = (tag.into(), about.into());
        self
    }

    /// With query parameters.
    #[must_use]
    pub fn takes<'a>(mut self, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = parameters.into_iter().map(|(name, about)| (name.to_owned(), about.to_owned()));
        self.parameters.extend(owned);
        self
    }

    /// That it is about one object, which `If-Match` may speak of.
    #[must_use]
    pub const fn conditional(mut self) -> Self {
        self.condition = Condition::IfMatch;
        self
    }

    /// With another time until its answer begins.
    #[must_use]
    pub const fn within(mut self, time_max: Duration) -> Self {
        self.time_max = time_max;
        self
    }

    fn gate(&self) -> Gate {
        let parameters = self.parameters.iter().map(|(name, _)| name.clone()).collect();
        Gate { parameters, condition: self.condition, time_max: self.time_max }
    }

    /// With a body.
    #[must_use]
    pub fn sends(self, shape: Shape) -> Self {
        self.sends_as("application/json", shape)
    }

    /// With a body that is not JSON.
    #[must_use]
    pub fn sends_as(mut self, media_type: &'static str, shape: Shape) -> Self {
        self.request = Some(Sent { media_type, shape });
        self
    }

    /// With an answer of this schema.
    #[must_use]
    pub fn answers(mut self, status: u16, shape: Shape) -> Self {
        self.answer = Answer { status, shape: Some(shape), ..self.answer };
        self
    }

    /// With an answer that may have another status, which says this.
    #[must_use]
    pub const fn or_status(mut self, status: u16, says: &'static str) -> Self {
        self.answer.other_status = Some((status, says));
        self
    }

    /// With an answer that is not JSON.
    #[must_use]
    pub const fn of_type(mut self, media_type: &'static str) -> Self {
        self.answer.media_type = media_type;
        self
    }

    /// With an answer of this type for those who ask for it.
    #[must_use]
    pub const fn or_of_type(mut self, media_type: &'static str) -> Self {
        self.answer.other_type = Some(media_type);
        self
    }
}

/// Points at a schema of the document.
#[must_use]
pub fn named(schema: &str) -> Shape {
    Ref::from_schema_name(schema).into()
}

/// The router of a table of routes, each behind its gate.
pub fn router(routes: Vec<Route>) -> Router<Context> {
    routes.into_iter().fold(Router::new(), |router, route| {
        let gate = Arc::new(route.gate());
        let guarded = from_fn(move |request: Request, next: Next| {
            let gate = Arc::clone(&gate);
            async move { gate.pass(request, next).await }
        });
        router.route(&route.path, route.handler.route_layer(guarded))
    })
}
