//! When and from where somebody proves who they are. Owners see it in the list of their sessions; nothing is decided by it.

use db::WallTime;
use std::net::IpAddr;

/// Longer names of programs are cut.
const USER_AGENT_CHARACTERS_MAX: usize = 200;

/// When something happens, and from which device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// When.
    pub now: WallTime,
    /// From where.
    pub device: Device,
}

/// What is known of the place that somebody logs in from. None of it is proved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The network address.
    pub address: Option<IpAddr>,
    user_agent: Option<String>,
}

impl From<WallTime> for Occasion {
    /// From nobody knows where.
    fn from(now: WallTime) -> Self {
        Self { now, device: Device::default() }
    }
}

impl Occasion {
    /// The address as events show it, if there is one.
    pub fn address_text(&self) -> Option<String> {
        self.device.address.map(|address| address.to_string())
    }
}

impl Device {
    /// The address, and what the program says of itself: at most 200 characters, question marks in place of all that is
    /// not printable ASCII, so that no list and no log can be written into.
    pub fn new(address: Option<IpAddr>, user_agent: Option<&[u8]>) -> Self {
        Self { address, user_agent: user_agent.and_then(plain) }
    }

    /// As it was stored.
    pub(crate) fn stored(address: Option<&str>, user_agent: Option<String>) -> Self {
        Self { address: address.and_then(|address| address.parse().ok()), user_agent }
    }

    /// What the program says of itself, in plain characters.
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }
}

fn plain(user_agent: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(user_agent);
    let is_plain = |character: char| character == ' ' || character.is_ascii_graphic();
    let characters = text.trim().chars().take(USER_AGENT_CHARACTERS_MAX);
    let plain: String = characters.map(|character| if is_plain(character) { character } else { '?' }).collect();
    Some(plain).filter(|plain| !plain.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_agent(bytes: &[u8]) -> Option<String> {
        Device::new(None, Some(bytes)).user_agent().map(str::to_owned)
    }

    #[test]
    fn a_program_is_named_in_plain_and_few_characters() {
        assert_eq!(user_agent(b" Mozilla/5.0 (X11; Linux) ").as_deref(), Some("Mozilla/5.0 (X11; Linux)"));
        assert_eq!(user_agent(b"a\tb\x1b[31m\xff").as_deref(), Some("a?b?[31m?"));
        assert_eq!(user_agent("\u{202e}gnp.exe".as_bytes()).as_deref(), Some("?gnp.exe"));
        assert_eq!(user_agent(&[b'x'; 5_000]).unwrap().len(), USER_AGENT_CHARACTERS_MAX);
        assert_eq!((user_agent(b"  "), Device::new(None, None).user_agent), (None, None));
    }
}
