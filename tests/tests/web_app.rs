//! The web app as it comes out of the binary, in a real Chromium: people pay each other through lost answers and ended
//! sessions, and axe looks at every page. The programs are in `web/e2e`; their libraries come with the build of the app.

use db::Engine;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use stories::{Bank, Tool, run};

#[test]
fn two_people_pay_each_other_in_a_browser_and_nobody_is_left_guessing() {
    tell(&[&["story.mjs"]], "The browser is content");
}

#[test]
fn every_page_is_accessible_in_every_language_theme_and_width() {
    let settings =
        ["--only=en-light", "--only=en-dark", "--only=de-light", "--only=de-dark", "--only=ar-light", "--only=ar-dark"];
    let programs = settings.map(|setting| ["pictures.mjs", "--check", setting]);
    tell(&programs.each_ref().map(|program| program.as_slice()), "axe looked");
}

/// Runs the programs, one after the other, in front of a bank whose binary has the app.
fn tell(programs: &[&[&str]], contentment: &str) {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web");
    let Some(node) = node().filter(|_| web.join("node_modules/playwright-core").is_dir()) else {
        println!("the web app was not built, for which Node.js is needed; it is not looked at in a browser");
        return;
    };
    let Some(chromium) = Tool::Chromium.find() else { return };
    let bank = Bank::on(Engine::Sqlite);
    let listener = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
    let address = listener.local_addr().expect("a listener has an address");
    drop(listener);
    let (listen, url) = (address.to_string(), format!("http://localhost:{}", address.port()));
    let settings = [("FLORIN_LISTEN", &*listen), ("FLORIN_PUBLIC_URL", &*url), ("FLORIN_RATE_LIMIT", "off")];
    let server = bank.serve_with(&["serve"], &settings);
    for program in programs {
        let mut command = Command::new(&node);
        command.arg(web.join("e2e").join(program[0])).args(&program[1..]);
        command.env("FLORIN_URL", &url).env("CHROMIUM", &chromium);
        assert!(run(command).expect_success().contains(contentment));
    }
    server.stop();
    bank.expect_verified();
}

fn node() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join("node")).find(|program| program.is_file())
}
