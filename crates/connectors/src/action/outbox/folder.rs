//! The folder of an outbox: its name, which stands beside it, and files that are written whole or not at all. A lock on the unfinished
//! file says that its writer lives; of a process that died the system takes it away. In the folder are messages and nothing else.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::Message;
use crate::ConnectorError;

/// What the folder's name is followed by in that of the file with the outbox's name.
const NAME_FILE: &str = "-name";
/// The end of the name of a file that is being written.
const UNFINISHED: &str = ".part";

/// The name of a message's file; keys hold letters, digits, dots, dashes and underscores only.
pub fn file_name(key: &str) -> String {
    format!("{key}.json")
}

/// A folder, which is made when it is needed.
#[derive(Clone)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    fn name_file(&self) -> PathBuf {
        let mut name = self.0.file_name().unwrap_or_default().to_owned();
        name.push(NAME_FILE);
        self.0.with_file_name(name)
    }

    /// The outbox's name: the one that it has, else this one.
    pub async fn name(&self, fresh: String) -> io::Result<String> {
        let file = self.name_file();
        on_a_thread(move || match read_name(&file)? {
            Some(name) => Ok(name),
            None => give_name(&file, &fresh),
        })
        .await
    }

    /// The outbox's name; `None` if nothing was ever sent from here.
    pub async fn find_name(&self) -> io::Result<Option<String>> {
        let file = self.name_file();
        on_a_thread(move || read_name(&file)).await
    }

    /// Is the message's file there?
    pub async fn has(&self, key: &str) -> io::Result<bool> {
        let path = self.0.join(file_name(key));
        on_a_thread(move || fs::exists(path)).await
    }

    /// Writes the message's file, unless it is there.
    pub async fn write(&self, message: &Message) -> Result<(), ConnectorError> {
        let (folder, message) = (self.0.clone(), message.clone());
        let written = on_a_thread(move || Ok(write_whole(&folder, &message))).await;
        written.map_err(ConnectorError::Outbox)?
    }

    /// Removes unfinished files whose writer is gone.
    pub async fn remove_leftovers(&self) -> io::Result<()> {
        let folder = self.0.clone();
        on_a_thread(move || remove_leftovers(&folder)).await
    }
}

async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn read_name(file: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(name) => Ok(Some(name.trim().to_owned()).filter(|name| !name.is_empty())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Gives the outbox this name, or finds that another server on the same folder was faster.
fn give_name(file: &Path, fresh: &str) -> io::Result<String> {
    let parent = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let beside = file.with_extension(format!("{fresh}{UNFINISHED}"));
    let mut written = File::create(&beside)?;
    written.write_all(fresh.as_bytes())?;
    written.sync_all()?;
    let named = fs::hard_link(&beside, file);
    fs::remove_file(&beside)?;
    match named {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => sync_folder(parent)?,
    }
    let is_empty = || io::Error::new(ErrorKind::InvalidData, format!("{} is empty; remove it", file.display()));
    read_name(file)?.ok_or_else(is_empty)
}

/// Nobody sees half a message; what is there stays as it is.
fn write_whole(folder: &Path, Message { key, body }: &Message) -> Result<(), ConnectorError> {
    let (path, beside) = (folder.join(file_name(key)), folder.join(format!(".{}{UNFINISHED}", file_name(key))));
    let mut file = claim_unfinished(folder, &beside).map_err(ConnectorError::Outbox)?;
    if !fs::exists(&path).map_err(ConnectorError::Outbox)? {
        let mut put = || {
            file.set_len(0)?;
            file.write_all(body.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &path)
        };
        if let Err(error) = put() {
            remove_or_say(&beside);
            return Err(ConnectorError::Outbox(error));
        }
    } else {
        remove_or_say(&beside);
    }
    sync_folder(folder).map_err(ConnectorError::OutboxUnsure)
}

/// What cannot be removed now is removed at the next start.
fn remove_or_say(beside: &Path) {
    if let Err(error) = fs::remove_file(beside) {
        tracing::warn!(%error, "an unfinished file of the outbox could not be removed");
    }
}

/// Waits until nobody else writes this file. Where the system has no locks a folder must not be shared.
fn lock(file: &File) -> io::Result<()> {
    match file.lock() {
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(()),
        locked => locked,
    }
}

/// Opens the unfinished file and locks it. Whoever held it before may have put it into place or removed it: then once more.
fn claim_unfinished(folder: &Path, beside: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    loop {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(beside)?;
        lock(&file)?;
        if is_still(&file, beside)? {
            return Ok(file);
        }
    }
}

/// Is what stands at this path this very file?
fn is_still(file: &File, path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(there) => {
            let ours = file.metadata()?;
            Ok((ours.dev(), ours.ino()) == (there.dev(), there.ino()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn remove_leftovers(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let is_unfinished = entry.file_name().to_string_lossy().ends_with(UNFINISHED);
        if is_unfinished && entry.file_type()?.is_file() {
            remove_unless_held(&entry.path())?;
        }
    }
    Ok(())
}

fn remove_unless_held(path: &Path) -> io::Result<()> {
    let file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) if is_still(&file, path)? => fs::remove_file(path),
        Ok(()) | Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// A name in a folder survives a loss of power only when the folder is on disk too.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
