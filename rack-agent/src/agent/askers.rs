//! Whoever asks how the agent is: a few at a time, each in a task of its own that ends with the agent.

use crate::agent::report::Report;
use crate::agent::telling::{self, Asker};
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Askers that are looked after at a time; further ones wait at the socket.
pub const ASKERS_MAX: usize = 4;
/// For so long an asker's place stays empty after one could not be let in.
const REFUSAL_PAUSE: Duration = Duration::from_secs(1);

/// The socket and those who came to it.
#[derive(Debug)]
pub struct Askers {
    listener: UnixListener,
    tasks: JoinSet<Option<Asker>>,
}

impl Askers {
    /// Lets askers in at this socket.
    #[must_use]
    pub fn at(listener: UnixListener) -> Self {
        Self { listener, tasks: JoinSet::new() }
    }

    /// Waits for somebody who has said what he wants to know. May be dropped half-way.
    pub async fn next(&mut self) -> Asker {
        loop {
            tokio::select! {
                done = self.tasks.join_next(), if !self.tasks.is_empty() => match done {
                    Some(Ok(Some(asker))) => return asker,
                    Some(Err(error)) => tracing::error!(%error, "an asker was let down"),
                    Some(Ok(None)) | None => {}
                },
                accepted = self.listener.accept(), if self.tasks.len() < ASKERS_MAX => {
                    match accepted {
                        Ok((socket, _)) => drop(self.tasks.spawn(telling::question(socket))),
                        Err(error) => self.rest(&error),
                    }
                }
            }
        }
    }

    /// Tells an asker how the agent is.
    pub fn tell(&mut self, asker: Asker, report: Report) {
        self.tasks.spawn(async move {
            telling::tell(asker, &report).await;
            None
        });
    }

    fn rest(&mut self, error: &std::io::Error) {
        tracing::warn!(%error, "somebody who asks how the agent is could not be let in");
        self.tasks.spawn(async {
            sleep(REFUSAL_PAUSE).await;
            None
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{ASKERS_MAX, Askers};
    use crate::agent::report::Question;
    use crate::agent::telling::{self, SOCKET};
    use tokio::net::UnixStream;

    #[tokio::test]
    async fn those_who_say_nothing_do_not_keep_others_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let mut askers = Askers::at(telling::listen(folder.path()).unwrap());
        let silent = || UnixStream::connect(folder.path().join(SOCKET));
        let mut mute = Vec::new();
        for _ in 1..ASKERS_MAX {
            mute.push(silent().await.unwrap());
        }
        let asking = telling::ask(folder.path(), Question::Leases);
        tokio::select! {
            asker = askers.next() => assert_eq!(asker.question, Question::Leases),
            told = asking => panic!("nobody tells: {told:?}"),
        }
        mute.push(silent().await.unwrap());
        mute.remove(0);
        let late = telling::ask(folder.path(), Question::Status);
        tokio::select! {
            asker = askers.next() => assert_eq!(asker.question, Question::Status),
            told = late => panic!("nobody tells: {told:?}"),
        }
        assert!(askers.tasks.len() < ASKERS_MAX, "its own place is free again");
    }
}
