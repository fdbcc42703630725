//! Copies of a state at some places of a long fold: many near the place where one is, few far from it.

/// Copies, at most.
const MOST: usize = 28;
/// Steps between two copies where they are densest.
const APART: usize = 48;

/// Copies by the number of steps that made them, in order.
pub(crate) struct Shelf<T> {
    copies: Vec<(usize, T)>,
}

impl<T: Clone> Shelf<T> {
    /// A shelf with the state before the first step.
    pub(crate) fn of(start: T) -> Self {
        Self { copies: vec![(0, start)] }
    }

    /// Keeps a copy of the state after `steps` steps where none is near.
    pub(crate) fn keep(&mut self, steps: usize, state: &T) {
        let after = self.copies.partition_point(|(at, _)| *at <= steps);
        let before = after.checked_sub(1).and_then(|i| self.copies.get(i)).map(|(at, _)| *at);
        if before.is_some_and(|at| steps - at < APART) {
            return;
        }
        self.copies.insert(after, (steps, state.clone()));
        if self.copies.len() > MOST {
            self.thin(steps);
        }
    }

    /// The last copy that was made of `steps` steps or fewer.
    pub(crate) fn before(&self, steps: usize) -> Option<(usize, &T)> {
        let after = self.copies.partition_point(|(at, _)| *at <= steps);
        self.copies.get(after.checked_sub(1)?).map(|(at, state)| (*at, state))
    }

    /// Drops the copy that is missed least: where the gap that it leaves is smallest for how far away it is.
    fn thin(&mut self, here: usize) {
        let cost = |three: &[(usize, T)]| match three {
            [(before, _), (at, _), (after, _)] => (after - before) as f64 / (1.0 + here.abs_diff(*at) as f64),
            _ => f64::INFINITY,
        };
        let costs = self.copies.windows(3).map(cost).enumerate();
        if let Some((i, _)) = costs.min_by(|a, b| a.1.total_cmp(&b.1)) {
            // The first is the beginning, and stays.
            self.copies.remove(i + 1);
        }
    }
}
