//! The messages that wait to be written to one peer on one channel.

use crate::channel::Channel;
use crate::limits::WRITE_BATCH_BYTES_MAX;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use tokio::sync::Notify;

/// A queue bounded by messages and by bytes, filled by any thread and drained by one writer.
#[derive(Debug)]
pub(crate) struct Outbox {
    messages_max: usize,
    bytes_max: usize,
    queue: Mutex<Queue>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Bytes>,
    /// Messages and bytes waiting, and those in the writer's hands.
    messages: usize,
    bytes: usize,
}

/// The queue has no room for the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Outbox {
    pub(crate) fn new(channel: Channel) -> Self {
        Self::with_bounds(channel.queue_messages_max(), channel.queue_bytes_max())
    }

    fn with_bounds(messages_max: usize, bytes_max: usize) -> Self {
        Self { messages_max, bytes_max, queue: Mutex::default(), filled: Notify::new() }
    }

    /// Appends a message if there is room.
    pub(crate) fn push(&self, message: Bytes) -> Result<(), Full> {
        {
            let mut queue = self.queue();
            let bytes = queue.bytes + message.len();
            if queue.messages >= self.messages_max || bytes > self.bytes_max {
                return Err(Full);
            }
            queue.messages += 1;
            queue.bytes = bytes;
            queue.waiting.push_back(message);
        }
        self.filled.notify_one();
        Ok(())
    }

    /// Waits for messages and takes at least one, more as long as they fit one write.
    /// They occupy their room until [`Self::written`]. For one caller only.
    pub(crate) async fn next_batch(&self) -> Vec<Bytes> {
        loop {
            let batch = self.take_batch();
            if !batch.is_empty() {
                return batch;
            }
            // A push since the look above has left a permit, so it is not missed.
            self.filled.notified().await;
        }
    }

    /// Frees the room of a batch.
    pub(crate) fn written(&self, batch: &[Bytes]) {
        let mut queue = self.queue();
        queue.messages -= batch.len();
        queue.bytes -= bytes_of(batch);
    }

    fn take_batch(&self) -> Vec<Bytes> {
        let mut queue = self.queue();
        let mut sum = 0;
        let fitting = queue.waiting.iter().take_while(|message| {
            sum += message.len();
            sum <= WRITE_BATCH_BYTES_MAX
        });
        let count = fitting.count().max(1).min(queue.waiting.len());
        queue.waiting.drain(..count).collect()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().expect("no task panics while it holds the queue")
    }
}

/// Sum of the messages' sizes.
pub(crate) fn bytes_of(messages: &[Bytes]) -> usize {
    messages.iter().map(Bytes::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(size: usize) -> Bytes {
        Bytes::from(vec![1; size])
    }

    #[test]
    fn the_last_message_within_the_count_fits_and_the_next_does_not() {
        let outbox = Outbox::with_bounds(2, 100);
        assert_eq!(outbox.push(message(1)), Ok(()));
        assert_eq!(outbox.push(message(1)), Ok(()));
        assert_eq!(outbox.push(message(1)), Err(Full));
    }

    #[test]
    fn the_last_byte_fits_and_the_next_does_not() {
        let outbox = Outbox::with_bounds(9, 10);
        assert_eq!(outbox.push(message(9)), Ok(()));
        assert_eq!(outbox.push(message(2)), Err(Full));
        assert_eq!(outbox.push(message(1)), Ok(()));
    }

    #[tokio::test]
    async fn room_is_free_only_after_writing() {
        let outbox = Outbox::with_bounds(1, 100);
        outbox.push(message(1)).expect("room");
        let batch = outbox.next_batch().await;
        assert_eq!(outbox.push(message(1)), Err(Full));
        outbox.written(&batch);
        assert_eq!(outbox.push(message(1)), Ok(()));
    }

    #[tokio::test]
    async fn a_batch_keeps_the_order_and_the_bound_but_takes_at_least_one() {
        let outbox = Outbox::with_bounds(9, usize::MAX);
        let sizes = [WRITE_BATCH_BYTES_MAX + 1, WRITE_BATCH_BYTES_MAX - 1, 1, 2];
        for size in sizes {
            outbox.push(message(size)).expect("room");
        }
        assert_eq!(outbox.next_batch().await.len(), 1);
        let second = outbox.next_batch().await;
        assert_eq!(second.iter().map(Bytes::len).collect::<Vec<_>>(), sizes[1..3]);
        assert_eq!(outbox.next_batch().await.len(), 1);
    }
}
