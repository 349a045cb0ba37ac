//! What a client asks for, as the bytes of an HTTP/1.1 request. Every request has a number that no other one has.

/// Bytes of text in one object: with its other fields a machine comes to about 200, and so does etcd's value.
const TEXT_BYTES: usize = 120;
/// Bytes of a value in etcd, as Base64.
const VALUE_DIGITS: usize = 268;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A new machine with one MAC address.
    NewMachine,
    /// Another description for one of the machines numbered from 1 to `machines`.
    ChangedMachine {
        /// How many there are.
        machines: u64,
    },
    /// A new key in etcd, through its JSON gateway.
    NewKey,
    /// Nothing: what a node answers without looking at its state.
    Life,
}

impl Wanted {
    /// The `number`th request to `host`.
    #[must_use]
    pub fn request(self, number: u64, host: &str) -> Vec<u8> {
        let body = self.body(number);
        let head = match self {
            Self::NewMachine => "POST /v1/machines".to_owned(),
            Self::ChangedMachine { machines } => {
                format!("PATCH /v1/machines/{}", number % machines.max(1) + 1)
            }
            Self::NewKey => "POST /v3/kv/put".to_owned(),
            Self::Life => return format!("GET /livez HTTP/1.1\r\nhost: {host}\r\n\r\n").into(),
        };
        let length = body.len();
        let kind = "content-type: application/json";
        format!(
            "{head} HTTP/1.1\r\nhost: {host}\r\n{kind}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into()
    }

    fn body(self, number: u64) -> String {
        let text = "r".repeat(TEXT_BYTES);
        match self {
            Self::NewMachine => {
                let [_, _, _, a, b, c, d, e] = number.to_be_bytes();
                let mac = format!("02:{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}");
                format!(r#"{{"mac_addresses":["{mac}"],"description":"{text}"}}"#)
            }
            Self::ChangedMachine { .. } => format!(r#"{{"description":"{number:020} {text}"}}"#),
            Self::NewKey => {
                // Twelve digits are also the Base64 of nine bytes.
                let value = "R".repeat(VALUE_DIGITS);
                format!(r#"{{"key":"{number:012}","value":"{value}"}}"#)
            }
            Self::Life => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn requests_with_other_numbers_are_other_requests() {
        for wanted in [Wanted::NewMachine, Wanted::ChangedMachine { machines: 7 }, Wanted::NewKey] {
            assert_ne!(wanted.request(1, "h:1"), wanted.request(256, "h:1"));
        }
    }

    #[test]
    fn length_told_is_the_length_of_the_body() {
        let request = String::from_utf8(Wanted::NewMachine.request(1, "h:1")).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{head}");
        assert!(body.contains("02:00:00:00:00:01"), "{body}");
    }
}
