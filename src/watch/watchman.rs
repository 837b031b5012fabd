//! The thread beside the jobs: it answers who asks for figures and tells alarms, also while the jobs wait for a disk or a server.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::answer::{self, Desk};
use super::figures::Figures;
use super::outbox::{Outbox, Patience};
use crate::archive::Archive;

/// The thread. It ends when this is dropped.
pub struct Watchman {
    pub outbox: Outbox,
    /// Sockets to serve figures on, the last that was sent; `None` to serve them nowhere.
    sockets: Option<UnboundedSender<Option<TcpListener>>>,
    /// What was asked for, and what that became.
    address: Option<(SocketAddr, SocketAddr)>,
    thread: Option<JoinHandle<()>>,
}

impl Watchman {
    pub fn start(figures: Arc<Mutex<Figures>>, archive: Archive) -> io::Result<Watchman> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (sockets, orders) = unbounded_channel();
        let outbox = Outbox::default();
        let desk = Arc::new(Desk { figures, archive, sized: Mutex::default() });
        let telling = outbox.clone();
        let watch = move || {
            runtime.block_on(watch(telling, orders, desk));
            // A look-up of a name that nobody answers is not waited for.
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("watchman".to_owned()).spawn(watch)?;
        Ok(Watchman { outbox, sockets: Some(sockets), address: None, thread: Some(thread) })
    }

    /// Serves figures on this address from now on, or nowhere. Gives the address with its port, if it is a new one.
    pub fn serve(&mut self, address: Option<SocketAddr>) -> io::Result<Option<SocketAddr>> {
        if self.address.map(|(asked, _)| asked) == address {
            return Ok(None);
        }
        let listener = match address {
            None => None,
            Some(address) => {
                let listener = TcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                Some(listener)
            }
        };
        let found = listener.as_ref().map(TcpListener::local_addr).transpose()?;
        self.address = address.zip(found);
        // A thread that has died serves nothing; the jobs go on.
        let _gone = self.sockets.as_ref().map(|sockets| sockets.send(listener));
        Ok(found)
    }

    /// Where figures are served.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address.map(|(_, found)| found)
    }

    /// Waits until all alarms were told, or so long, and ends the thread.
    pub async fn close(&self, grace: Duration) {
        self.outbox.close();
        let until = tokio::time::Instant::now() + grace;
        while self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Watchman {
    fn drop(&mut self) {
        drop(self.sockets.take());
        let _died = self.thread.take().map(JoinHandle::join);
    }
}

async fn watch(outbox: Outbox, mut orders: UnboundedReceiver<Option<TcpListener>>, desk: Arc<Desk>) {
    let mut serving: Option<tokio::task::JoinHandle<()>> = None;
    let telling = outbox.serve(Patience::default());
    tokio::pin!(telling);
    loop {
        let listener = tokio::select! {
            () = &mut telling => return,
            order = orders.recv() => match order {
                Some(listener) => listener,
                None => return,
            },
        };
        if let Some(serving) = serving.take() {
            serving.abort();
        }
        match listener.map(tokio::net::TcpListener::from_std) {
            Some(Ok(listener)) => serving = Some(tokio::spawn(answer::serve(listener, Arc::clone(&desk)))),
            Some(Err(error)) => tracing::warn!(%error, "metrics cannot be served"),
            None => {}
        }
    }
}
