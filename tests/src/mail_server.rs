//! A small mail server that keeps what it is given.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// Takes mails until the story ends.
#[derive(Debug)]
pub struct MailServer {
    mails: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    /// An address at which nobody listens yet.
    ///
    /// # Panics
    /// When there is none left.
    pub fn free_address() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("an address is free");
        listener.local_addr().expect("a listener has an address")
    }

    /// Listens there from now on.
    ///
    /// # Panics
    /// When somebody else does.
    pub fn start_at(address: &SocketAddr) -> Self {
        let listener = TcpListener::bind(address).expect("the address is still free");
        let mails: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&mails);
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || converse(&connection, &kept));
            }
        });
        Self { mails }
    }

    /// What it was given so far, headers and all.
    pub fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn converse(connection: &TcpStream, mails: &Mutex<Vec<String>>) -> io::Result<()> {
    let (mut writing, mut lines) = (connection, BufReader::new(connection).lines());
    writing.write_all(b"220 mail.example ready\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let answer = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "DATA" => {
                writing.write_all(b"354 go on\r\n")?;
                let mut mail = String::new();
                while let Some(line) = lines.next().transpose()?.filter(|line| line != ".") {
                    mail.push_str(&line);
                    mail.push('\n');
                }
                mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        writing.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}
