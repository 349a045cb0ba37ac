//! Every kind of problem a user can meet, in one table: nodes answer with them, and the command line explains them.
//!
//! What happened in a case at hand is no matter of this room.

use serde_json::{Value, json};

macro_rules! problems {
    ($($(#[$doc:meta])* $kind:ident: $number:literal $slug:literal $status:literal $retryable:literal $title:literal, $about:literal, $next:literal;)*) => {
        /// Every kind of problem. Codes and slugs are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemKind {$(
            $(#[$doc])*
            $kind,
        )*}

        impl ProblemKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $number),* }
            }

            /// The stable name in the `type` path.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$kind => $slug),* }
            }

            /// The status of HTTP.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$kind => $status),* }
            }

            /// Whether the same request may work later.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Self::$kind => $retryable),* }
            }

            /// What it is, in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title),* }
            }

            /// What it means, when it happens, and what became of the request.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$kind => $about),* }
            }

            /// What to do.
            #[must_use]
            pub const fn next(self) -> &'static str {
                match self { $(Self::$kind => $next),* }
            }
        }
    };
}

problems! {
    /// The request is not HTTP or JSON as we read it.
    Malformed: "E0001" "malformed" 400 false "the request cannot be read",
        "The node could not read what was sent: JSON that breaks off or is none, a value that no header of this \
         name has, a piece of an import in another form than that of the log. Nothing was done.",
        "correct the request; GET /openapi.json describes every route";
    /// No such path.
    NoSuchRoute: "E0002" "no-such-route" 404 false "there is no such path",
        "The API has no such path. Paths begin with /v1/ and name kinds of objects in the plural; where a single \
         object is meant, its id or name follows.",
        "GET /openapi.json lists all paths";
    /// The path exists, not for this method.
    MethodNotAllowed: "E0003" "method-not-allowed" 405 false "the path does not take this method",
        "The path exists, but not with this method: what is only read takes no POST, and objects are changed with \
         PATCH, not PUT.",
        "the Allow header lists the methods";
    /// A body of another type than JSON.
    UnsupportedType: "E0004" "unsupported-type" 415 false "the body is not JSON",
        "A body must say what it is, and only JSON is read. Forms of web pages are refused for safety, too: any \
         page could send one through a browser of the site.",
        "send Content-Type: application/json";
    /// The body is too large.
    TooLarge: "E0005" "too-large" 413 false "the request is too large",
        "A body has at most 1 MiB, and an entry of the log has a bound of its own. Nothing was done.",
        "split it; /v1/txn takes several changes as one";
    /// The request did not arrive in time.
    TooSlow: "E0006" "too-slow" 408 true "the request did not arrive in time",
        "The head or the body of the request did not come within ten seconds, and the node waits no longer for \
         it. Nothing was done.",
        "send it again, faster";
    /// A page of another site asks through somebody's browser.
    ForeignSite: "E0007" "foreign-site" 403 false "the request comes from another site",
        "The request names another host than this node, or comes from a web page of another site. Without this \
         check any page could change the region through a browser that can reach it.",
        "ask by an address of this node, or by the name it advertises";
    /// None of the types the client accepts.
    NotAcceptable: "E0008" "not-acceptable" 406 false "the answer is of none of the accepted types",
        "The Accept header names only types in which this answer is not offered.",
        "leave the Accept header out, or name a type that the detail lists";
    /// No leader: nothing was applied.
    NoLeader: "E0101" "no-leader" 503 true "no leader, request refused",
        "Writes, and reads that must be up to date, need a leader whom a majority of the voters follows. There \
         was none for as long as this node waits. Nothing was done. DNS answers all the same, and so do reads \
         with `consistency=stale`. After the loss of one node another leads within a second; if it lasts, too \
         many nodes are down or cannot reach each other.",
        "retry; if it lasts, `regent status` shows which nodes are missing";
    /// The fate of the write is not known.
    OutcomeUnknown: "E0102" "outcome-unknown" 504 true "the outcome of the write is unknown",
        "The write was on its way when the leader was lost, or no answer came in time. It may be applied, now or \
         later, or not at all: nobody can tell. With the same Idempotency-Key it is applied once, however often \
         it is sent; the command line prints the key it used.",
        "repeat the request with the same Idempotency-Key, or read before you write again";
    /// Too much at once.
    Overloaded: "E0103" "overloaded" 429 true "too many requests at once",
        "The node has as many requests, change feeds, connections or large answers under way as it takes, in all \
         or from this one client. Nothing was done.",
        "retry after the time in Retry-After";
    /// The node is stopping.
    Stopping: "E0104" "stopping" 503 true "this node is stopping",
        "The node is being stopped, or may not take part any more. Nothing was done; the others go on.",
        "ask another node";
    /// The node's data is older than the reader accepts.
    TooStale: "E0105" "too-stale" 503 true "this node's data is too old",
        "The reader said how old data may be, and this node has not heard from the leader for longer. It is \
         probably cut off from the others.",
        "raise max_stale, or ask another node";
    /// The wanted revision did not arrive in time.
    NotReached: "E0106" "revision-not-reached" 503 true "this node has not reached the revision",
        "The reader wants a revision that this node has not applied yet, or the answer did not begin in time.",
        "raise wait, or ask another node";
    /// The leader's disk is nearly full.
    DiskFull: "E0107" "disk-full" 507 true "the leader's disk is nearly full",
        "The disk of the leader is nearly full, so that it takes no more writes while it can still keep what it \
         has acknowledged. Nothing was done.",
        "free space on the leader; reads and DNS go on";
    /// The replicas differ.
    Contested: "E0108" "replicas-differ" 503 false "the region's nodes hold different states",
        "The nodes compare digests of what they hold, and no majority agrees on one. Rather than spread a wrong \
         state, the region only reads. This is a fault in Regent or in the hardware.",
        "`regent status` shows the digests; keep all data directories and report it";
    /// What the client saw last is no longer kept.
    Compacted: "E0109" "compacted" 410 false "what you saw last is no longer kept",
        "Changes are kept for a while only, and not across a restored backup. What happened between the place you \
         named and the oldest change that is kept cannot be told any more.",
        "list again, then follow from the revision of that list";
    /// Another site is being brought in.
    ImportRunning: "E0110" "import-running" 503 true "an import is running, nothing else is written",
        "While another site is brought in nothing else may be written, as the import replaces everything. Nothing \
         was done. `regent import ls` shows the import.",
        "retry when it has ended: after 30 minutes in which nobody goes on with it, or by `regent import abandon`";
    /// No such object.
    NotFound: "E0201" "not-found" 404 false "there is no such object",
        "Nothing of this kind has this id or name: it was never made, was deleted, or goes by another name.",
        "list the collection to see what exists";
    /// A value breaks a rule.
    Invalid: "E0202" "invalid" 422 false "a value is not allowed",
        "A field or parameter has a value that the rules forbid, or a name that nobody knows. `errors` lists \
         which, and what is wrong with each. Nothing was done.",
        "correct what is named, and send it again";
    /// A reference leads nowhere.
    MissingReference: "E0203" "missing-reference" 422 false "a field refers to something that does not exist",
        "A field holds the id or name of an object that is not there. `object` says which. Nothing was done.",
        "create what it refers to first, or correct the reference";
    /// A unique value is taken.
    NotUnique: "E0204" "not-unique" 409 false "the value is already taken",
        "A value that only one object may have, such as a MAC address, a host name in its domain or a VLAN's \
         number in its fabric, belongs to another one. `object` says which. Nothing was done.",
        "choose another value, or change the object that holds it";
    /// Something refers to the object.
    InUse: "E0205" "in-use" 409 false "the object is in use",
        "What others refer to is not deleted under them. `object` names one that does. Nothing was done.",
        "remove or move what uses it first";
    /// The object's state does not allow it.
    StateForbids: "E0206" "state-forbids" 409 false "the object's state does not allow this",
        "The object is in a state in which this is not done, such as the release of a machine that nobody has. \
         Nothing was done.",
        "the detail says what would";
    /// If-Match or another guard failed.
    PreconditionFailed: "E0207" "precondition-failed" 412 false "the object has changed",
        "The request says for which state of the object it is meant (If-Match, If-None-Match, or a condition), \
         and somebody has changed it since. Nothing was done.",
        "read it again and repeat the change on what it is now";
    /// A bound of the system.
    LimitReached: "E0208" "limit-reached" 429 true "a limit is reached",
        "A bound of the system is reached: objects that one request may change, parts of an object, sessions, or \
         keys kept for a client. The detail names it. Nothing was done.",
        "remove what is no longer needed, or retry later";
    /// An idempotency key with another request.
    KeyReused: "E0209" "idempotency-key-reused" 422 false "the idempotency key was used for another request",
        "This Idempotency-Key came before with another request, so that the answer kept for it would be the wrong \
         one. Nothing was done.",
        "use a new key for a new request";
    /// Too few free addresses.
    SubnetExhausted: "E0210" "subnet-exhausted" 409 false "the subnet has too few free addresses",
        "All addresses that may be handed out are taken, reserved, leased or were seen in use. `object` says \
         where; the detail says how many there are. Nothing was done.",
        "release addresses, shrink its ranges, or use another subnet";
    /// A condition of a transaction does not hold.
    ConditionFailed: "E0211" "condition-failed" 409 false "a condition of the transaction does not hold",
        "The `if` of a transaction does not hold, so that none of its steps was done. `guards` lists what failed, \
         with the revisions the objects have.",
        "read again what guards lists, and decide anew";
    /// The group refused a change of its membership.
    MembershipRefused: "E0301" "membership-refused" 409 false "the region's nodes cannot be changed so",
        "The region's nodes would be too few to agree, one does not answer, or another change is under way. The \
         group is as it was.",
        "`regent node ls` shows the nodes and how they are";
    /// A bug of ours.
    Internal: "E0901" "internal" 500 false "an internal failure",
        "Something happened that the program takes for impossible. The log of the node has the details under the \
         id of the request.",
        "report it with the log of this node";
}

impl ProblemKind {
    /// All that is known of it.
    #[must_use]
    pub fn described(self) -> Value {
        json!({
            "type": format!("/problems/{}", self.slug()),
            "code": self.code(),
            "status": self.status(),
            "title": self.title(),
            "retryable": self.retryable(),
            "about": self.about(),
            "next": self.next(),
        })
    }

    /// The kind with this code, however spelled, or this name.
    #[must_use]
    pub fn find(code_or_name: &str) -> Option<Self> {
        let is_meant = |kind: &Self| {
            kind.code().eq_ignore_ascii_case(code_or_name) || kind.slug() == code_or_name
        };
        Self::ALL.iter().copied().find(is_meant)
    }
}
