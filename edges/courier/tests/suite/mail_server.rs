//! A mail server of forty lines: it takes mails, or answers as the test wants it to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How it treats a mail.
#[derive(Clone, Copy)]
pub(crate) enum Manner {
    Take,
    /// Answers `RCPT` with this line.
    AnswerRecipient(&'static str),
    /// Takes the mail and hangs up without saying so.
    TakeAndHangUp,
}

pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    mails: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    pub(crate) async fn start(manner: Manner) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), manner)
    }

    pub(crate) async fn start_at(address: SocketAddr, manner: Manner) -> Self {
        Self::listen(TcpListener::bind(address).await.unwrap(), manner)
    }

    fn listen(listener: TcpListener, manner: Manner) -> Self {
        let (address, mails) = (listener.local_addr().unwrap(), Arc::default());
        let kept = Arc::clone(&mails);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(converse(connection, manner, Arc::clone(&kept)));
            }
        });
        Self { address, mails }
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// What it was given, headers and all.
    pub(crate) fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }
}

async fn converse(connection: TcpStream, manner: Manner, mails: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let (reading, mut writing) = connection.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 mail.example ready\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer = match (line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str(), manner) {
            ("EHLO", _) => "250-mail.example\r\n250 8BITMIME",
            ("RCPT", Manner::AnswerRecipient(answer)) => answer,
            ("DATA", _) => {
                writing.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mail.push_str(&line);
                    mail.push('\n');
                }
                mails.lock().unwrap().push(mail);
                if matches!(manner, Manner::TakeAndHangUp) {
                    return Ok(());
                }
                "250 taken"
            }
            ("QUIT", _) => "221 bye",
            _ => "250 fine",
        };
        writing.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
