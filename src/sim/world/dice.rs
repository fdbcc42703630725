//! Chance that can be asked again: the same seed and the same question give the same answer, in any order.

/// A source of numbers that depend on nothing but the seed and the question.
#[derive(Clone, Copy, Debug)]
pub struct Dice(u64);

/// Makes a number of a text, for use in a question.
pub fn key(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

impl Dice {
    /// Dice of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 even bits.
    pub fn bits(&self, question: &[u64]) -> u64 {
        question.iter().fold(mix(self.0 ^ 0x5167_6e61_6c42_6f78), |h, q| mix(h ^ q.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Even in 0.0..1.0.
    pub fn unit(&self, question: &[u64]) -> f64 {
        (self.bits(question) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Even in `low..high`.
    pub fn between(&self, low: i64, high: i64, question: &[u64]) -> i64 {
        low + (self.unit(question) * (high - low) as f64) as i64
    }

    /// A smooth wander in -1.0..1.0 over a time in milliseconds, changing its mind every `every` milliseconds.
    pub fn wander(&self, millis: i64, every: i64, question: u64) -> f64 {
        let step = millis.div_euclid(every);
        let part = millis.rem_euclid(every) as f64 / every as f64;
        let at = |n: i64| self.unit(&[question, n as u64]) * 2.0 - 1.0;
        let ease = part * part * (3.0 - 2.0 * part);
        at(step) * (1.0 - ease) + at(step + 1) * ease
    }

    /// `n` hexadecimal digits, as AWS ids have.
    pub fn hex(&self, n: usize, question: &[u64]) -> String {
        let mut digits = String::new();
        let mut round = 0u64;
        let mut asked = question.to_vec();
        asked.push(0);
        while digits.len() < n {
            if let Some(last) = asked.last_mut() {
                *last = round;
            }
            digits.push_str(&format!("{:016x}", self.bits(&asked)));
            round += 1;
        }
        digits.truncate(n);
        digits
    }

    /// A UUID, as health checks have.
    pub fn uuid(&self, question: &[u64]) -> String {
        let h = self.hex(32, question);
        let part = |a: usize, b: usize| h.get(a..b).unwrap_or_default().to_owned();
        format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
    }
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_gets_the_same_answer_and_another_seed_another() {
        let dice = Dice::new(7);
        assert_eq!(dice.bits(&[1, 2]), Dice::new(7).bits(&[1, 2]));
        assert_ne!(dice.bits(&[1, 2]), dice.bits(&[2, 1]));
        assert_ne!(dice.bits(&[1, 2]), Dice::new(8).bits(&[1, 2]));
        assert_eq!(dice.hex(17, &[3]).len(), 17);
        assert_eq!(dice.uuid(&[3]).len(), 36);
    }
}
