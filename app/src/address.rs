//! Addresses of this app: what may stand in a query.

/// A value for the query of an address: everything that means something there is escaped.
pub fn escaped(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn values_are_escaped() {
        for (given, expected) in
            [("a-1_.~", "a-1_.~"), ("a+b/c=", "a%2Bb%2Fc%3D"), ("&x", "%26x"), ("ip:1.2.3.4 ü", "ip%3A1.2.3.4%20%C3%BC")]
        {
            assert_eq!(escaped(given), expected);
        }
    }
}
