//! `scripts/dev`, and the help of every script.

use std::net::{TcpListener, TcpStream};
use std::process::Command;

use crate::local_world::{LocalWorld, dev, free_address, said_by};
use crate::tree;

#[test]
fn dev_prints_both_addresses_and_a_line_to_try_that_works() {
    let world = LocalWorld::start();

    let try_it = world.lines[2].strip_prefix("try ").unwrap();
    let answer: serde_json::Value = serde_json::from_str(&world.run(try_it)).unwrap();

    assert!(world.lines[0].contains(&world.gateway), "{:?}", world.lines);
    assert!(world.lines[1].contains(&world.mock), "{:?}", world.lines);
    assert_eq!(answer["deliveries"][0]["verdict"]["ok"], true, "{answer:#}");
}

#[test]
fn a_stopped_dev_leaves_no_program_behind() {
    let mut world = LocalWorld::start();

    let status = world.stop();

    assert_eq!(status.code(), Some(143), "128 and the signal's number");
    for address in [&world.gateway, &world.mock] {
        assert!(TcpStream::connect(address).is_err(), "{address} still answers");
    }
}

#[test]
fn a_taken_port_is_named_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let output = dev(&address, &free_address()).output().unwrap();

    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains(&format!("{address} is taken")), "{said}");
    assert!(said.contains("GATEWAY_HTTP__LISTEN="), "{said}");
}

#[test]
fn every_script_explains_itself() {
    for script in tree::files("scripts", "").iter().filter(|file| file.parent().unwrap().ends_with("scripts"))
    {
        let name = script.display().to_string();

        let help = said_by(&Command::new(tree::root().join(script)).arg("--help").output().unwrap(), &name);

        assert!(help.contains(&name), "{name} --help does not say how it is called:\n{help}");
    }
}
