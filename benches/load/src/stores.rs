//! Stores with people in them, made once and copied for every server.

use std::error::Error;
use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use wechat_gateway::clock::{Clock as _, DAY, SystemClock};
use wechat_gateway::config::Settings;
use wechat_gateway::ids::{AppId, DedupeKey, OpenId, UnionId};
use wechat_gateway::ledger::{Action, Command, Facts, Resolution, Subject};
use wechat_gateway::ports::Ports;
use wechat_gateway::store;

use crate::pushes::{self, Mode};

/// Commands on their way to the store at a time.
const AT_ONCE: usize = 512;

/// Which database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    /// A file; every commit is on the disk before the answer.
    Sqlite,
    /// A server with its own defaults, which wait for the disk too.
    Postgres,
}

/// A store of one server's own.
pub(crate) struct Made {
    pub(crate) url: String,
    /// What it has on the disk: files, which may not be there yet, and folders of files.
    pub(crate) places: Vec<PathBuf>,
}

/// Where stores are made.
pub(crate) struct Stores<'a> {
    pub(crate) folder: &'a Path,
    /// URL of a database on the PostgreSQL server, whose user may create more.
    pub(crate) postgres: &'a str,
}

impl Stores<'_> {
    /// A store of its own for `name`, with `people` followers in it.
    pub(crate) async fn of(
        &self,
        database: Database,
        people: usize,
        name: &str,
    ) -> Result<Made, Box<dyn Error>> {
        match database {
            Database::Sqlite => {
                let template = self.folder.join(format!("{people}.db"));
                if !template.exists() {
                    self.fill(&sqlite_url(&template), people, "SQLite").await?;
                    closed(&template).await?;
                }
                let copy = self.folder.join(format!("{name}.db"));
                fs::copy(&template, &copy)?;
                let log = self.folder.join(format!("{name}.db-wal"));
                Ok(Made { url: sqlite_url(&copy), places: vec![copy, log] })
            }
            Database::Postgres => {
                let template = format!("bench_{people}");
                if self.create(&template, "").await? {
                    let url = self.database(&template)?;
                    store::migrate(&url).await?;
                    self.fill(&url, people, "PostgreSQL").await?;
                }
                let copy = format!("bench_{name}");
                self.create(&copy, &format!("TEMPLATE {template}")).await?;
                Ok(Made { url: self.database(&copy)?, places: vec![self.folder_of(&copy).await?] })
            }
        }
    }

    async fn fill(&self, url: &str, people: usize, what: &str) -> Result<(), Box<dyn Error>> {
        let file = self.folder.join("fill.toml");
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        fs::write(
            &file,
            settings(url, "memory:", "fill:", "http://127.0.0.1:9", Mode::Safe, nowhere, self.folder),
        )?;
        let ports = Ports::open(&Settings::load(Some(&file), Default::default())?).await?;
        let style = ProgressStyle::with_template(
            "{msg} [{bar:30}] {human_pos} of {human_len}, {per_sec}, {eta} left",
        )?;
        let bar = ProgressBar::new(people as u64).with_style(style);
        bar.set_message(format!("filling {what}"));
        let account = AppId::parse(pushes::APP_ID)?;
        stream::iter(0..people)
            .map(|person| {
                let (store, command) = (ports.store.clone(), follow(&account, person));
                async move { store.settle(command?).await.map(drop).map_err(Box::<dyn Error>::from) }
            })
            .buffer_unordered(AT_ONCE)
            .try_for_each(|()| {
                bar.inc(1);
                futures::future::ok(())
            })
            .await?;
        bar.finish_and_clear();
        Ok(())
    }

    /// Creates a database unless it is there already; true when it was created.
    async fn create(&self, name: &str, how: &str) -> Result<bool, Box<dyn Error>> {
        let client = self.client().await?;
        let known =
            client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await?.is_some();
        if !known {
            client.batch_execute(&format!("CREATE DATABASE {name} {how}")).await?;
            client.batch_execute("CHECKPOINT").await?;
        }
        Ok(!known)
    }

    /// Where the server keeps a database: it runs on this machine, for its memory and CPU time are read here too.
    async fn folder_of(&self, name: &str) -> Result<PathBuf, Box<dyn Error>> {
        let folder =
            "SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database WHERE datname = $1";
        Ok(self.client().await?.query_one(folder, &[&name]).await?.get::<_, String>(0).into())
    }

    async fn client(&self) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(self.postgres, tokio_postgres::NoTls).await?;
        // Ends with the client; what goes wrong before, the client's next question is told.
        tokio::spawn(connection);
        Ok(client)
    }

    fn database(&self, name: &str) -> Result<String, Box<dyn Error>> {
        let (server, _) = self.postgres.rsplit_once('/').ok_or("the URL of PostgreSQL names no database")?;
        Ok(format!("{server}/{name}"))
    }
}

/// Reads what a store has on the disk. A system may take from memory what nobody has read for a while, and while the others
/// had their turns nobody has; a gateway in use keeps it there.
pub(crate) fn recall(places: &[PathBuf]) -> io::Result<()> {
    places.iter().try_for_each(|place| read(place))
}

/// Reads a file, or every file in a folder. What is not there, or not any more, is none of the store's.
fn read(place: &Path) -> io::Result<()> {
    let reading = if place.is_dir() {
        fs::read_dir(place).and_then(|mut files| files.try_for_each(|file| read(&file?.path())))
    } else {
        File::open(place).and_then(|mut file| io::copy(&mut file, &mut io::sink()).map(drop))
    };
    match reading {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        reading => {
            reading.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", place.display())))
        }
    }
}

/// The gateway's settings for one server, or for filling its store.
pub(crate) fn settings(
    store: &str,
    sessions: &str,
    prefix: &str,
    platform: &str,
    mode: Mode,
    listen: SocketAddr,
    folder: &Path,
) -> String {
    let folder = folder.display();
    let (kind, format, mode) = match mode {
        Mode::Plain => ("official_account", "xml", "plain"),
        Mode::Safe => ("official_account", "xml", "safe"),
        Mode::Json => ("mini_program", "json", "plain"),
    };
    let account = format!(
        "kind = \"{kind}\"\nformat = \"{format}\"\napp_id = \"{}\"\nsecret = \"{}\"\noriginal_id = \"{}\"\ntoken = \"{}\"\n\
         encoding_aes_key = \"{}\"\nmode = \"{mode}\"\n",
        pushes::APP_ID,
        pushes::SECRET,
        pushes::ORIGINAL_ID,
        pushes::TOKEN,
        pushes::AES_KEY
    );
    format!(
        "profile = \"local\"\n[http]\nlisten = \"{listen}\"\n[store]\nurl = \"{store}\"\n\
         [sessions]\nurl = \"{sessions}\"\nprefix = \"{prefix}\"\n[platform]\napi = \"{platform}\"\n\
         [program]\nrules = \"{folder}/program.toml\"\n[privacy]\nkey = \"a key of the benchmark alone\"\n\
         [quarantine]\ndir = \"\"\n[api.clients.bench]\nkey = \"bench-api-key\"\nbasis = \"contract\"\n\
         [accounts.brand]\n{account}"
    )
}

/// The person followed yesterday.
fn follow(account: &AppId, person: usize) -> Result<Command, Box<dyn Error>> {
    let open_id = OpenId::parse(&pushes::open_id(person))?;
    let at = SystemClock.now() - DAY;
    Ok(Command {
        key: DedupeKey::of(at, &format!("e:{account}:{}:bench", open_id.as_str())),
        request: None,
        subject: Subject {
            person: None,
            union_id: Some(UnionId::parse(&pushes::union_id(person))?),
            identity: Some((account.clone(), open_id)),
            resolution: Resolution::Never,
        },
        kind: "oa.subscribe".into(),
        occurred_at: at,
        received_at: at,
        facts: Facts { app_id: Some(account.clone()), basis: Some("contract".into()), ..Facts::default() },
        action: Action::Follow,
    })
}

/// The store's writer closes the file when it has ended, which takes the log beside it away.
async fn closed(file: &Path) -> Result<(), Box<dyn Error>> {
    let log = PathBuf::from(format!("{}-wal", file.display()));
    for _ in 0..600 {
        if !log.exists() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(format!("{} is still there: the store has not been closed", log.display()).into())
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}
