//! A provider of texts of forty lines: it takes texts, or answers as the test wants it to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came: its head, in lines, and its body.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) head: Vec<String>,
    pub(crate) body: String,
}

pub(crate) struct Provider {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Provider {
    /// Answers everything with this status; with none, it hangs up once it has read what was asked.
    pub(crate) async fn start(status: Option<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::default());
        let kept = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(answer(connection, status, Arc::clone(&kept)));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/messages?from=bank", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(connection: TcpStream, status: Option<u16>, kept: Arc<Mutex<Vec<Asked>>>) -> std::io::Result<()> {
    let (reading, mut writing) = connection.into_split();
    let mut reading = BufReader::new(reading);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reading.read_line(&mut line).await?;
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reading.read_exact(&mut body).await?;
    kept.lock().unwrap().push(Asked { head, body: String::from_utf8(body).unwrap() });
    if let Some(status) = status {
        writing.write_all(format!("HTTP/1.1 {status} so\r\ncontent-length: 4\r\n\r\nnope").as_bytes()).await?;
    }
    Ok(())
}
