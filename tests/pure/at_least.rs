//! A count of a list that did not end is said to be the least there is, and is no figure that anything is decided by.

use crate::hand as support;

use signalbox::estate::Side;
use signalbox::event::*;
use signalbox::model::{Mark, Subject};
use signalbox::time::Span;
use support::{Hand, estate};

fn stands(said: Said) -> (Mark, String) {
    let mut hand = Hand::new(estate(&[]));
    hand.calm();
    let key = ReadingKey { system: "portal-alb".into(), reading: "healthy".into(), place: Place::Active };
    let sample = Sample { key, value: said, measured: hand.at.wall, fresh_for: Span::from_secs(120) };
    hand.heard(SourceId::Cloudwatch("us-east-1".into()), News::Readings(vec![sample]));
    let standing = hand.model.standing(&Subject::System("portal-alb".into(), Side::Active)).unwrap();
    (standing.mark, standing.text.clone())
}

#[test]
fn a_part_of_a_count_proves_enough_and_never_too_few() {
    // Twelve are enough, and there are more.
    assert_eq!(stands(Said::counted(12.0, false)), (Mark::Ok, "at least 12/12 healthy".into()));
    // There may be enough besides.
    assert_eq!(stands(Said::counted(0.0, false)), (Mark::Unknown, "at least 0/12 healthy".into()));
    assert_eq!(stands(Said::counted(5.0, false)), (Mark::Unknown, "at least 5/12 healthy".into()));
    assert_eq!(stands(Said::counted(0.0, true)), (Mark::Fail, "0/12 healthy".into()));
}

#[test]
fn it_is_written_as_what_it_is() {
    let part = Said::counted(2000.0, false);
    assert_eq!(part.figure(), None, "a part is no figure");
    assert_eq!(serde_json::to_string(&part).unwrap(), r#"{"at_least":2000.0}"#);
    for said in [part, Said::counted(1.0, true), Said::IDLE, Said::Nothing] {
        let written = serde_json::to_string(&said).unwrap();
        assert_eq!(serde_json::from_str::<Said>(&written).unwrap(), said, "{written}");
    }
}
