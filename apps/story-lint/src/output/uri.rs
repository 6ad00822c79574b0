use std::fmt::Write;

/// A path as a URI reference: relative if the path is, else with the scheme `file`.
pub(super) fn of_path(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    } else if path.as_bytes().get(1) == Some(&b':') && path.as_bytes().get(2) == Some(&b'/') {
        // A drive: `C:/book`.
        uri.push_str("file:///");
    }
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            byte => {
                // Writing to a string cannot fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::of_path;

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(of_path("book/part 1/é#1.md"), "book/part%201/%C3%A9%231.md");
        assert_eq!(of_path("../a:b.md"), "../a%3Ab.md");
        assert_eq!(of_path("/tmp/a.md"), "file:///tmp/a.md");
        assert_eq!(of_path("C:/a.md"), "file:///C%3A/a.md");
    }
}
