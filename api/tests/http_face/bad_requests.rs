//! Requests that are wrong, each with its status and code. None changes the state, and none is a mystery.

use crate::face::Face;
use serde_json::json;

/// Method, path, headers, body; status, code, and the field that is named, if one is.
type Case = (&'static str, &'static str, Headers, &'static str, u16, &'static str, &'static str);
type Headers = &'static [(&'static str, &'static str)];

const JSON: Headers = &[("content-type", "application/json")];

const UNREADABLE: &[Case] = &[
    ("POST", "/v1/spaces", JSON, "{", 400, "E0001", ""),
    ("POST", "/v1/spaces", JSON, "{\"name\":\"x\"", 400, "E0001", ""),
    ("POST", "/v1/spaces", JSON, "{'name':'x'}", 400, "E0001", ""),
    ("POST", "/v1/spaces", JSON, "{\"name\":\"x\",}", 400, "E0001", ""),
    ("POST", "/v1/spaces", JSON, "name=x", 400, "E0001", ""),
    ("POST", "/v1/spaces", JSON, "\u{0}", 400, "E0001", ""),
    ("POST", "/v1/spaces", JSON, "{\"name\":\"\\ud800\"}", 400, "E0001", ""),
    ("POST", "/v1/spaces", JSON, "{} {}", 400, "E0001", ""),
    ("POST", "/v1/spaces", JSON, "{\"n\":1e999}", 400, "E0001", ""),
    ("POST", "/v1/spaces", &[("content-type", "text/plain")], "{}", 415, "E0004", ""),
    ("POST", "/v1/spaces", &[("content-type", "text/plain")], "", 415, "E0004", ""),
    ("POST", "/v1/spaces", &[], "{}", 415, "E0004", ""),
    ("POST", "/v1/spaces", &[("content-type", "application/jsonx")], "{}", 415, "E0004", ""),
    ("POST", "/v1/spaces", &[("content-type", "multipart/form-data")], "{}", 415, "E0004", ""),
    ("PATCH", "/v1/spaces/1", &[("content-type", "application/xml")], "<a/>", 415, "E0004", ""),
    ("POST", "/v1/spaces", JSON, "7", 422, "E0202", ""),
    ("POST", "/v1/spaces", JSON, "\"x\"", 422, "E0202", ""),
    ("POST", "/v1/spaces", JSON, "null", 422, "E0202", ""),
    ("POST", "/v1/spaces", JSON, "[]", 422, "E0202", ""),
    ("POST", "/v1/spaces", JSON, "[7]", 422, "E0202", "/0"),
    ("POST", "/v1/spaces", JSON, "[{\"name\":\"x\"},{\"nane\":\"y\"}]", 422, "E0202", "/1/nane"),
    ("PATCH", "/v1/spaces/1", JSON, "[]", 422, "E0202", ""),
    ("DELETE", "/v1/spaces/1", JSON, "{\"force\":true}", 422, "E0202", "/force"),
];

const NOWHERE: &[Case] = &[
    ("GET", "/", &[], "", 404, "E0002", ""),
    ("GET", "/v1", &[], "", 404, "E0002", ""),
    ("GET", "/v1/", &[], "", 404, "E0002", ""),
    ("GET", "/v2/machines", &[], "", 404, "E0002", ""),
    ("GET", "/v1/machine", &[], "", 404, "E0002", ""),
    ("GET", "/v1/machines/", &[], "", 404, "E0002", ""),
    ("GET", "/v1/machines/1/2/3", &[], "", 404, "E0002", ""),
    ("GET", "/v1/secrets", &[], "", 404, "E0002", ""),
    ("GET", "/v1/passwords", &[], "", 404, "E0002", ""),
    ("GET", "/MAAS/api/2.0/version/", &[], "", 404, "E0002", ""),
    ("GET", "/problems/none", &[], "", 404, "E0201", ""),
    ("POST", "/v1/machines/1/actions/fly", JSON, "", 404, "E0002", ""),
    ("PUT", "/v1/machines", JSON, "{}", 405, "E0003", ""),
    ("PATCH", "/v1/machines", JSON, "{}", 405, "E0003", ""),
    ("DELETE", "/v1/machines", JSON, "", 405, "E0003", ""),
    ("POST", "/v1/machines/1", JSON, "{}", 405, "E0003", ""),
    ("POST", "/v1/events", JSON, "{}", 405, "E0003", ""),
    ("GET", "/v1/txn", &[], "", 405, "E0003", ""),
    ("POST", "/v1/leases", JSON, "{}", 405, "E0003", ""),
    ("POST", "/v1/controllers", JSON, "{}", 405, "E0003", ""),
    ("PATCH", "/v1/nodes/1", JSON, "{}", 405, "E0003", ""),
    ("BREW", "/v1/machines", &[], "", 405, "E0003", ""),
    ("GET", "/v1/machines/99", &[], "", 404, "E0201", ""),
    ("GET", "/v1/machines/-1", &[], "", 404, "E0201", ""),
    ("GET", "/v1/machines/99999999999999999999", &[], "", 404, "E0201", ""),
    ("GET", "/v1/machines/4294967295", &[], "", 404, "E0201", ""),
    ("GET", "/v1/machines/zzzzzz", &[], "", 404, "E0201", ""),
    ("GET", "/v1/machines/%00", &[], "", 404, "E0201", ""),
    ("GET", "/v1/machines/%2e%2e%2fx", &[], "", 404, "E0201", ""),
    ("GET", "/v1/machines/%ff", &[], "", 400, "E0001", ""),
    ("GET", "/v1/machines/$0.id", &[], "", 404, "E0201", ""),
    ("GET", "/v1/subnets/10.0.0.0%2F33", &[], "", 404, "E0201", ""),
    ("GET", "/v1/leases/10.0.0.300", &[], "", 404, "E0201", ""),
    ("PATCH", "/v1/machines/99", JSON, "{}", 404, "E0201", ""),
    ("DELETE", "/v1/machines/99", &[], "", 404, "E0201", ""),
    ("DELETE", "/v1/devices/1", &[], "", 404, "E0201", ""),
    ("POST", "/v1/subnets/99/allocations", JSON, "{}", 404, "E0201", ""),
    ("GET", "/v1/subnets/99/utilization", &[], "", 404, "E0201", ""),
    ("DELETE", "/v1/cluster/members/99", &[], "", 404, "E0201", ""),
    ("DELETE", "/v1/cluster/members/one", &[], "", 400, "E0001", ""),
    ("DELETE", "/v1/interfaces/1/links/x", JSON, "", 422, "E0202", "link"),
];

const PARAMETERS: &[Case] = &[
    ("GET", "/v1/machines?colour=red", &[], "", 422, "E0202", "colour"),
    ("GET", "/v1/machines?hostname__like=a", &[], "", 422, "E0202", "hostname__like"),
    ("GET", "/v1/machines?__ne=a", &[], "", 422, "E0202", "__ne"),
    ("GET", "/v1/machines?mac_addresses=a", &[], "", 422, "E0202", "mac_addresses"),
    ("GET", "/v1/machines?limit=0", &[], "", 422, "E0202", "limit"),
    ("GET", "/v1/machines?limit=1001", &[], "", 422, "E0202", "limit"),
    ("GET", "/v1/machines?limit=-1", &[], "", 422, "E0202", "limit"),
    ("GET", "/v1/machines?limit=+5", &[], "", 422, "E0202", "limit"),
    ("GET", "/v1/machines?limit=1.5", &[], "", 422, "E0202", "limit"),
    ("GET", "/v1/machines?limit=5&limit=6", &[], "", 422, "E0202", "limit"),
    ("GET", "/v1/machines?limit=99999999999999999999999", &[], "", 422, "E0202", "limit"),
    ("GET", "/v1/machines?cursor=id-5", &[], "", 422, "E0202", "cursor"),
    ("GET", "/v1/machines?cursor=00", &[], "", 422, "E0202", "cursor"),
    ("GET", "/v1/machines?cursor=", &[], "", 422, "E0202", "cursor"),
    ("GET", "/v1/machines?sort=colour", &[], "", 422, "E0202", "sort"),
    ("GET", "/v1/machines?sort=--id", &[], "", 422, "E0202", "sort"),
    ("GET", "/v1/machines?sort=id&sort=hostname", &[], "", 422, "E0202", "sort"),
    ("GET", "/v1/machines?fields=id,colour", &[], "", 422, "E0202", "fields"),
    ("GET", "/v1/machines?fields=", &[], "", 422, "E0202", "fields"),
    ("GET", "/v1/machines?count=yes", &[], "", 422, "E0202", "count"),
    ("GET", "/v1/machines?owner__isnull=1", &[], "", 422, "E0202", "owner__isnull"),
    ("GET", "/v1/ip-addresses?ip__within=10.0.0.0/40", &[], "", 422, "E0202", "ip__within"),
    ("GET", "/v1/ip-addresses?ip__within=10.0.0.1/8", &[], "", 422, "E0202", "ip__within"),
    ("GET", "/v1/machines?consistency=eventual", &[], "", 422, "E0202", "consistency"),
    ("GET", "/v1/machines?max_stale=5s", &[], "", 422, "E0202", "max_stale"),
    ("GET", "/v1/machines?consistency=stale&max_stale=5", &[], "", 422, "E0202", "max_stale"),
    ("GET", "/v1/machines?min_revision=x", &[], "", 422, "E0202", "min_revision"),
    ("GET", "/v1/machines?min_revision=99999999&wait=1ms", &[], "", 503, "E0106", ""),
    ("GET", "/v1/machines?wait=1d", &[], "", 422, "E0202", "wait"),
    ("GET", "/v1/machines/1?limit=5", &[], "", 422, "E0202", "limit"),
    ("GET", "/v1/cluster?verbose=true", &[], "", 422, "E0202", "verbose"),
    ("DELETE", "/v1/cluster/members/1?force=1", &[], "", 422, "E0202", "force"),
    ("POST", "/v1/spaces?dry_run=1", JSON, "{}", 422, "E0202", "dry_run"),
    ("POST", "/v1/spaces?dryrun=true", JSON, "{}", 422, "E0202", "dryrun"),
    ("GET", "/v1/events?topics=clouds", &[], "", 422, "E0202", "topics"),
    ("GET", "/v1/events?topics=", &[], "", 422, "E0202", "topics"),
    ("GET", "/v1/events?after=x", &[], "", 422, "E0202", "after"),
    ("GET", "/v1/events?after=0-", &[], "", 422, "E0202", "after"),
    ("GET", "/v1/events?after=-1", &[], "", 422, "E0202", "after"),
    ("GET", "/v1/events?after=9-1", &[], "", 410, "E0109", ""),
    ("GET", "/v1/events?include=all", &[], "", 422, "E0202", "include"),
    ("GET", "/v1/events?since=5", &[], "", 422, "E0202", "since"),
    ("GET", "/v1/events", &[("accept", "image/png")], "", 406, "E0008", ""),
    ("GET", "/v1/events", &[("accept", "application/json")], "", 406, "E0008", ""),
    ("GET", "/v1/events", &[("last-event-id", "nonsense")], "", 422, "E0202", "after"),
];

const HEADERS: &[Case] = &[
    ("PATCH", "/v1/spaces/1", &[("if-match", "0-5")], "", 422, "E0202", "If-Match"),
    ("PATCH", "/v1/spaces/1", &[("if-match", "W/\"0-5\"")], "", 422, "E0202", "If-Match"),
    ("PATCH", "/v1/spaces/1", &[("if-match", "\"0-1\"")], "", 412, "E0207", ""),
    ("PATCH", "/v1/spaces/1", &[("if-match", "\"9-1\"")], "", 412, "E0207", ""),
    ("DELETE", "/v1/spaces/1", &[("if-match", "\"0-1-00000000\"")], "", 412, "E0207", ""),
    ("POST", "/v1/spaces", &[("if-none-match", "\"0-1\"")], "", 422, "E0202", "If-None-Match"),
    (
        "POST",
        "/v1/spaces",
        &[("if-none-match", "*"), JSON[0]],
        "{\"name\":\"dmz\"}",
        412,
        "E0207",
        "name",
    ),
    ("POST", "/v1/spaces", &[("if-match", "*")], "", 422, "E0202", "If-Match"),
    ("POST", "/v1/txn", &[("if-match", "*")], "", 422, "E0202", "If-Match"),
    ("POST", "/v1/imports", &[("if-match", "*")], "", 422, "E0202", "If-Match"),
    ("POST", "/v1/imports?dry_run=true", JSON, "", 422, "E0202", "dry_run"),
    ("POST", "/v1/spaces", &[("idempotency-key", "")], "", 422, "E0202", "Idempotency-Key"),
    (
        "POST",
        "/v1/spaces",
        &[("idempotency-key", "schlüssel")],
        "",
        422,
        "E0202",
        "Idempotency-Key",
    ),
    ("POST", "/v1/spaces", &[("idempotency-key", "used")], "", 422, "E0209", ""),
];

const FIELDS: &[Case] = &[
    ("POST", "/v1/tags", JSON, "{}", 422, "E0202", "/name"),
    ("POST", "/v1/tags", JSON, "{\"name\":null}", 422, "E0202", "/name"),
    ("POST", "/v1/tags", JSON, "{\"name\":7}", 422, "E0202", "/name"),
    ("POST", "/v1/tags", JSON, "{\"name\":\"\"}", 422, "E0202", "name"),
    ("POST", "/v1/tags", JSON, "{\"name\":\"a b\"}", 422, "E0202", "name"),
    ("POST", "/v1/spaces", JSON, "{\"id\":5}", 422, "E0202", "/id"),
    ("POST", "/v1/spaces", JSON, "{\"revision\":5}", 422, "E0202", "/revision"),
    ("POST", "/v1/spaces", JSON, "{\"name\":\"dmz\"}", 409, "E0204", "name"),
    ("POST", "/v1/machines", JSON, "{\"hostname\":\"-x\"}", 422, "E0202", "/hostname"),
    ("POST", "/v1/machines", JSON, "{\"hostname\":\"a b\"}", 422, "E0202", "/hostname"),
    ("POST", "/v1/machines", JSON, "{\"hostname\":\"a\"}", 409, "E0204", "hostname"),
    ("POST", "/v1/machines", JSON, "{\"system_id\":\"abcdef\"}", 422, "E0202", "/system_id"),
    ("POST", "/v1/machines", JSON, "{\"status\":4}", 422, "E0202", "/status"),
    ("POST", "/v1/machines", JSON, "{\"domain\":99}", 422, "E0203", "domain"),
    ("POST", "/v1/machines", JSON, "{\"domain\":\"maas\"}", 422, "E0202", "/domain"),
    ("POST", "/v1/machines", JSON, "{\"domain\":4294967295}", 422, "E0202", "/domain"),
    ("POST", "/v1/machines", JSON, "{\"domain\":\"$0.id\"}", 422, "E0202", "reference"),
    ("POST", "/v1/machines", JSON, "{\"memory\":-1}", 422, "E0202", "/memory"),
    ("POST", "/v1/machines", JSON, "{\"memory\":1.5}", 422, "E0202", "/memory"),
    ("POST", "/v1/machines", JSON, "{\"memory\":4294967296}", 422, "E0202", "/memory"),
    ("POST", "/v1/machines", JSON, "{\"netboot\":\"true\"}", 422, "E0202", "/netboot"),
    ("POST", "/v1/machines", JSON, "{\"tags\":[99]}", 422, "E0203", "tags"),
    ("POST", "/v1/machines", JSON, "{\"tags\":\"a\"}", 422, "E0202", "/tags"),
    ("POST", "/v1/machines", JSON, "{\"power_state\":\"maybe\"}", 422, "E0202", "/power_state"),
    ("POST", "/v1/machines", JSON, "{\"mac_addresses\":[\"x\"]}", 422, "E0202", "/mac_addresses"),
    ("PATCH", "/v1/machines/1", JSON, "{\"mac_addresses\":[]}", 422, "E0202", "/mac_addresses"),
    ("POST", "/v1/interfaces", JSON, "{\"name\":\"eth0\",\"node\":99}", 422, "E0203", "node"),
    ("POST", "/v1/interfaces", JSON, "{\"name\":\"eth0\",\"type\":\"x\"}", 422, "E0202", "/type"),
    ("PATCH", "/v1/interfaces/1", JSON, "{\"node\":1}", 422, "E0202", "/node"),
    ("POST", "/v1/vlans", JSON, "{\"vid\":5000,\"fabric\":0}", 422, "E0202", "vid"),
    ("POST", "/v1/vlans", JSON, "{\"vid\":0,\"fabric\":0}", 409, "E0204", "vid"),
    ("POST", "/v1/vlans", JSON, "{\"vid\":1}", 422, "E0202", "/fabric"),
    ("PATCH", "/v1/vlans/5001", JSON, "{\"mtu\":1}", 422, "E0202", "mtu"),
    ("POST", "/v1/subnets", JSON, "{\"vlan\":5001}", 422, "E0202", "/cidr"),
    (
        "POST",
        "/v1/subnets",
        JSON,
        "{\"vlan\":5001,\"cidr\":\"10.0.0.1/24\"}",
        422,
        "E0202",
        "/cidr",
    ),
    ("POST", "/v1/subnets", JSON, "{\"vlan\":5001,\"cidr\":\"10.0.0.0\"}", 422, "E0202", "/cidr"),
    ("POST", "/v1/subnets", JSON, "{\"vlan\":9,\"cidr\":\"10.3.0.0/24\"}", 422, "E0203", "vlan"),
    ("POST", "/v1/subnets", JSON, "{\"vlan\":5001,\"cidr\":\"10.0.0.0/24\"}", 409, "E0204", "cidr"),
    ("PATCH", "/v1/subnets/1", JSON, "{\"rdns_mode\":3}", 422, "E0202", "/rdns_mode"),
    ("PATCH", "/v1/subnets/1", JSON, "{\"gateway_ip\":\"x\"}", 422, "E0202", "/gateway_ip"),
    ("PATCH", "/v1/subnets/1", JSON, "{\"gateway_ip\":\"10.9.9.9\"}", 422, "E0202", "gateway_ip"),
    (
        "PATCH",
        "/v1/subnets/1",
        JSON,
        "{\"dns_servers\":[\"10.0.0.1\",7]}",
        422,
        "E0202",
        "/dns_servers",
    ),
    ("POST", "/v1/subnets/1/allocations", JSON, "{\"count\":0}", 422, "E0202", "count"),
    ("POST", "/v1/subnets/1/allocations", JSON, "{\"count\":65536}", 422, "E0202", "/count"),
    ("POST", "/v1/subnets/1/allocations", JSON, "{\"count\":1000}", 409, "E0210", ""),
    ("POST", "/v1/subnets/1/allocations", JSON, "{\"ttl\":\"5\"}", 422, "E0202", "/ttl"),
    ("POST", "/v1/subnets/1/allocations", JSON, "{\"alloc_type\":3}", 422, "E0202", "/alloc_type"),
    ("POST", "/v1/subnets/1/allocations", JSON, "{\"purpose\":\"x\"}", 422, "E0202", "/purpose"),
    (
        "POST",
        "/v1/ip-ranges",
        JSON,
        "{\"subnet\":1,\"type\":\"dynamic\",\"start_ip\":\"10.0.0.9\",\"end_ip\":\"10.0.0.2\"}",
        422,
        "E0202",
        "",
    ),
    (
        "POST",
        "/v1/ip-ranges",
        JSON,
        "{\"subnet\":1,\"type\":\"other\",\"start_ip\":\"10.0.0.2\",\"end_ip\":\"10.0.0.9\"}",
        422,
        "E0202",
        "/type",
    ),
    (
        "POST",
        "/v1/ip-ranges",
        JSON,
        "{\"subnet\":1,\"type\":\"dynamic\",\"start_ip\":\"10.1.0.2\",\"end_ip\":\"10.1.0.9\"}",
        422,
        "E0202",
        "",
    ),
    ("POST", "/v1/domains", JSON, "{\"name\":\"a..b\"}", 422, "E0202", "/name"),
    ("POST", "/v1/domains", JSON, "{\"name\":\"MAAS\"}", 409, "E0204", "name"),
    ("POST", "/v1/domains", JSON, "{\"name\":\"x\",\"ttl\":4294967295}", 422, "E0202", "ttl"),
    ("PATCH", "/v1/domains/0", JSON, "{\"authoritative\":null}", 422, "E0202", "/authoritative"),
    ("POST", "/v1/config", JSON, "{\"name\":\"\",\"value\":1}", 422, "E0202", ""),
    ("POST", "/v1/config", JSON, "{\"name\":\"x\"}", 422, "E0202", "/value"),
    ("POST", "/v1/config", JSON, "{\"name\":\"x\",\"value\":1.5}", 422, "E0202", "/value"),
    (
        "POST",
        "/v1/users",
        JSON,
        "{\"username\":\"u\",\"password\":\"p\"}",
        422,
        "E0202",
        "/password",
    ),
    ("PATCH", "/v1/nodes/1/owner-data", JSON, "{\"a\":7}", 422, "E0202", "/a"),
    ("POST", "/v1/interfaces/1/links", JSON, "{}", 422, "E0202", "/mode"),
    ("POST", "/v1/interfaces/1/links", JSON, "{\"mode\":\"magic\"}", 422, "E0202", "/mode"),
    ("POST", "/v1/machines/1/actions/lock", JSON, "{\"x\":1}", 422, "E0202", "/x"),
    (
        "POST",
        "/v1/machines/1/actions/mark_broken",
        JSON,
        "{\"comment\":7}",
        422,
        "E0202",
        "/comment",
    ),
    ("POST", "/v1/machines/1/actions/release", JSON, "{}", 409, "E0206", ""),
];

const TRANSACTIONS: &[Case] = &[
    ("POST", "/v1/txn", JSON, "{}", 422, "E0202", "/then"),
    ("POST", "/v1/txn", JSON, "[]", 422, "E0202", ""),
    ("POST", "/v1/txn", JSON, "{\"then\":{}}", 422, "E0202", "/then"),
    ("POST", "/v1/txn", JSON, "{\"then\":[7]}", 422, "E0202", "/then/0"),
    ("POST", "/v1/txn", JSON, "{\"then\":[{}]}", 422, "E0202", "/then/0/op"),
    ("POST", "/v1/txn", JSON, "{\"then\":[],\"when\":[]}", 422, "E0202", "/when"),
    ("POST", "/v1/txn", JSON, "{\"then\":[{\"op\":\"create\"}]}", 422, "E0202", "/then/0/path"),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"then\":[{\"op\":\"fly\",\"path\":\"/v1/tags\"}]}",
        422,
        "E0202",
        "/then/0/op",
    ),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"then\":[{\"op\":\"create\",\"path\":\"/v1/clouds\"}]}",
        422,
        "E0202",
        "/then/0/path",
    ),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"then\":[{\"op\":\"create\",\"path\":\"/v1/tags/1\"}]}",
        422,
        "E0202",
        "/then/0/path",
    ),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"then\":[{\"op\":\"create\",\"path\":\"/v1/leases\"}]}",
        422,
        "E0202",
        "/then/0/path",
    ),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"then\":[{\"op\":\"delete\",\"path\":\"/v1/tags\"}]}",
        422,
        "E0202",
        "/then/0/path",
    ),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"then\":[{\"op\":\"delete\",\"path\":\"/v1/tags/9\"}]}",
        404,
        "E0201",
        "",
    ),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"then\":[{\"op\":\"delete\",\"path\":\"/v1/spaces/1\",\"body\":{\"x\":1}}]}",
        422,
        "E0202",
        "/then/0/body",
    ),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"then\":[{\"op\":\"delete\",\"path\":\"/v1/spaces/$0.id\"}]}",
        422,
        "E0202",
        "reference",
    ),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"then\":[{\"op\":\"allocate\",\"path\":\"/v1/tags/1\"}]}",
        404,
        "E0201",
        "",
    ),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"then\":[{\"op\":\"allocate\",\"path\":\"/v1/spaces/1\"}]}",
        422,
        "E0202",
        "/then/0/path",
    ),
    ("POST", "/v1/txn", JSON, "{\"if\":[{}],\"then\":[]}", 422, "E0202", "/if/0/path"),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"if\":[{\"path\":\"/v1/spaces/1\"}],\"then\":[]}",
        422,
        "E0202",
        "/if/0",
    ),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"if\":[{\"path\":\"/v1/spaces/1\",\"exists\":true,\"revision\":1}],\"then\":[]}",
        422,
        "E0202",
        "/if/0",
    ),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"if\":[{\"path\":\"/v1/spaces/1\",\"revision\":1}],\"then\":[]}",
        409,
        "E0211",
        "",
    ),
    (
        "POST",
        "/v1/txn",
        JSON,
        "{\"if\":[{\"path\":\"/v1/spaces/1\",\"etag\":\"x\"}],\"then\":[]}",
        422,
        "E0202",
        "/if/0/etag",
    ),
    ("POST", "/v1/txn", JSON, "{\"then\":[],\"else\":7}", 422, "E0202", "/else"),
];

async fn set_up() -> Face {
    let face = Face::start().await;
    face.create("/v1/spaces", json!({ "name": "dmz" })).await;
    face.create("/v1/subnets", json!({ "vlan": 5001, "cidr": "10.0.0.0/24" })).await;
    let machine = json!({ "hostname": "a", "mac_addresses": ["52:54:00:00:00:01"] });
    face.create("/v1/machines", machine).await;
    let key = [("idempotency-key", "used")];
    face.send_with("POST", "/v1/spaces", &key, json!({ "name": "used" })).await.good();
    face
}

async fn check(cases: &[Case]) {
    let face = set_up().await;
    let before = face.digest();
    for (method, path, headers, body, status, code, field) in cases {
        let answer = face.raw(method, path, headers, *body).await;
        let case = format!("{method} {path} {headers:?} {body}: {answer:#?}");
        assert_eq!((answer.status.as_u16(), answer.code()), (*status, *code), "{case}");
        assert_eq!(answer.body["outcome"], "not_applied", "{case}");
        let fields = answer.body["errors"].as_array().cloned().unwrap_or_default();
        let named = fields.iter().any(|named| named["pointer"] == *field);
        assert!(named || field.is_empty(), "{field} is not named in {case}");
        assert_eq!(face.digest(), before, "{case}");
    }
}

macro_rules! tables {
    ($($test:ident: $cases:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            check($cases).await;
        }
    )*};
}

tables! {
    bodies_that_cannot_be_read_are_refused: UNREADABLE;
    what_is_not_there_is_not_found: NOWHERE;
    wrong_parameters_are_named: PARAMETERS;
    wrong_headers_are_named: HEADERS;
    wrong_fields_are_named: FIELDS;
    wrong_transactions_are_refused_with_their_place: TRANSACTIONS;
}

#[test]
fn table_is_as_long_as_it_should_be() {
    let tables = [UNREADABLE, NOWHERE, PARAMETERS, HEADERS, FIELDS, TRANSACTIONS];
    assert!(tables.iter().map(|cases| cases.len()).sum::<usize>() >= 150);
}
