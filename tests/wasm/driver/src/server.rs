//! As much of HTTP as one page on loopback needs: `GET` of a file, `POST` of a report.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use crate::failed;
use crate::files::Files;

/// The most bytes of a request's head, and of a report.
const LIMIT: u64 = 64 * 1024;

/// What the page said: the path it posted to, in words, and the body.
pub(crate) struct Event {
    pub(crate) words: Vec<String>,
    pub(crate) body: String,
}

/// Serves the page on a free port until the process ends.
pub(crate) fn start(files: Files, events: Sender<Event>) -> Result<SocketAddr, String> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed("a port on loopback"))?;
    let address = listener.local_addr().map_err(failed("the port's number"))?;
    let files = Arc::new(files);
    // A browser opens connections ahead of need and leaves them silent, hence a thread for each;
    // they are as few as one page opens, and end when they have been silent for a while.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (files, events) = (files.clone(), events.clone());
            thread::spawn(move || {
                // A connection that breaks is the browser's matter: the verdict sees what is missing.
                answer(&stream, &files, &events).ok();
            });
        }
    });
    Ok(address)
}

fn answer(stream: &TcpStream, files: &Files, events: &Sender<Event>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream.take(LIMIT));
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let length = content_length(&mut reader)?;
    match (method, files.get(path)) {
        ("GET", Some((kind, content))) => write(stream, "200 OK", kind, content),
        ("POST", _) => {
            let mut body = Vec::new();
            reader.get_mut().set_limit(LIMIT);
            reader.take(length.min(LIMIT)).read_to_end(&mut body)?;
            write(stream, "200 OK", "text/plain", b"")?;
            let words = path.split('/').filter(|word| !word.is_empty()).map(str::to_owned);
            let body = String::from_utf8_lossy(&body).into_owned();
            // Nobody listens any more once the verdict is made.
            events.send(Event { words: words.collect(), body }).ok();
            Ok(())
        }
        _ => write(stream, "404 Not Found", "text/plain", b"there is no such file"),
    }
}

/// Reads the head to its end; the length of the body, 0 if it does not say.
fn content_length(reader: &mut impl BufRead) -> io::Result<u64> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end();
        if line.is_empty() {
            return Ok(length);
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
}

fn write(mut stream: &TcpStream, status: &str, kind: &str, content: &[u8]) -> io::Result<()> {
    let length = content.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(content)
}
