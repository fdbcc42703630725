//! An answer that is owed to the model, for a write that a task sends. A task that panics or is stopped answers as well: that
//! nobody knows what came of the write.

use tokio::sync::mpsc::UnboundedSender;

use crate::event::What;

/// Gives an answer once: what it is paid with, or `unpaid` where it is dropped before that.
pub(super) struct Owed {
    to: UnboundedSender<What>,
    unpaid: Option<What>,
}

impl Owed {
    pub(super) fn new(to: UnboundedSender<What>, unpaid: What) -> Self {
        Self { to, unpaid: Some(unpaid) }
    }

    pub(super) fn pay(mut self, answer: What) {
        self.unpaid = Some(answer);
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        if let Some(answer) = self.unpaid.take() {
            // A console that has ended needs no answer.
            let _ = self.to.send(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use tokio::task::JoinSet;

    use super::*;
    use crate::effect::EffectId;
    use crate::event::{FlipEnd, FlipOutcome, LaunchEnd};

    fn flipped(end: FlipEnd) -> What {
        What::Flipped(EffectId(1), FlipOutcome { end, attempts: Vec::new() })
    }

    fn launched(end: LaunchEnd) -> What {
        What::LaunchAnswered(EffectId(2), end)
    }

    #[tokio::test]
    async fn whoever_sends_a_write_answers_once_however_it_ends() {
        let lost = || launched(LaunchEnd::Uncertain { why: "lost".into() });
        let (to, mut answers) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        let owed = Owed::new(to.clone(), flipped(FlipEnd::Uncertain));
        tasks.spawn(async move { owed.pay(flipped(FlipEnd::Unreachable)) });
        tasks.join_next().await.unwrap().unwrap();
        assert_eq!(answers.recv().await, Some(flipped(FlipEnd::Unreachable)));
        let owed = Owed::new(to.clone(), flipped(FlipEnd::Uncertain));
        tasks.spawn(async move {
            let owed = owed;
            assert!(std::hint::black_box(false), "a fault of the program");
            owed.pay(flipped(FlipEnd::Unreachable));
        });
        assert!(tasks.join_next().await.unwrap().is_err());
        assert_eq!(answers.recv().await, Some(flipped(FlipEnd::Uncertain)));
        let owed = Owed::new(to.clone(), lost());
        tasks.spawn(async move {
            std::future::pending::<()>().await;
            owed.pay(launched(LaunchEnd::Started { job: "drsjob-1".into() }));
        });
        tasks.shutdown().await;
        assert_eq!(answers.recv().await, Some(lost()));
        drop(to);
        assert_eq!(answers.recv().await, None, "each answered once");
    }
}
