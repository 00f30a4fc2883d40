//! Receivers of webhooks on this machine, good ones and hostile ones.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How a receiver behaves.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// Answers with this.
    Answers(String),
    /// Takes the request and says nothing.
    Silent,
    /// Says that it goes well, and goes on talking for ever.
    Endless,
    /// Hangs up on everybody.
    HangsUp,
    /// Never comes to the end of its headers.
    Wordy,
    /// Speaks another language.
    Foreign,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A receiver, until it is dropped.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    connections: Arc<AtomicUsize>,
    listening: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start(address: &str, manner: Manner) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, connections) = (Arc::<Mutex<Vec<Heard>>>::default(), Arc::<AtomicUsize>::default());
        let (hearing, counting) = (Arc::clone(&heard), Arc::clone(&connections));
        let listening = tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                counting.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(meet(tcp, manner.clone(), Arc::clone(&hearing)));
            }
        });
        Self { address, heard, connections, listening }
    }

    pub(crate) async fn good() -> Self {
        Self::start("127.0.0.1:0", Manner::Answers("204 No Content".to_owned())).await
    }

    pub(crate) async fn that(manner: Manner) -> Self {
        Self::start("127.0.0.1:0", manner).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Waits until so many requests came.
    pub(crate) async fn expect(&self, count: usize) -> Vec<Heard> {
        for _ in 0..3_000 {
            if self.heard.lock().unwrap().len() >= count {
                return self.heard();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} of {count} requests came", self.heard().len());
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("there is no {name} in {}", self.head))
    }
}

async fn meet(mut tcp: TcpStream, manner: Manner, heard: Arc<Mutex<Vec<Heard>>>) {
    if matches!(manner, Manner::HangsUp) {
        return;
    }
    let Some(request) = read(&mut tcp).await else { return };
    heard.lock().unwrap().push(request);
    let talk = match manner {
        Manner::Silent => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            return;
        }
        Manner::Answers(head) => {
            let body = "thank you";
            let body = if head.starts_with("204") { "" } else { body };
            drop(
                tcp.write_all(format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes())
                    .await,
            );
            return;
        }
        Manner::Foreign => {
            drop(tcp.write_all(b"220 mail.example.com ESMTP\r\n").await);
            return;
        }
        Manner::Endless => ("HTTP/1.1 200 OK\r\n\r\n".to_owned(), "more and more ".repeat(100)),
        Manner::Wordy => ("HTTP/1.1 200 OK\r\n".to_owned(), format!("x-{}: y\r\n", "a".repeat(500))),
        Manner::HangsUp => return,
    };
    if tcp.write_all(talk.0.as_bytes()).await.is_err() {
        return;
    }
    while tcp.write_all(talk.1.as_bytes()).await.is_ok() {}
}

async fn read(tcp: &mut TcpStream) -> Option<Heard> {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = tcp.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        read.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok())?;
        if body.len() >= length {
            return Some(Heard { head: head.to_owned(), body: body.to_owned() });
        }
    }
}
