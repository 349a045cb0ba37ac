//! What nodes tell each other each second: every other node hears the last word of each, and of nobody else.

use crate::group::Group;
use bytes::Bytes;
use regent_raft::network::limits::NOTE_BYTES_MAX;
use regent_raft::region::handle::Region;

fn id(region: &Region) -> u64 {
    region.identity().node_id
}

fn said(region: &Region, by: u64) -> Option<Bytes> {
    region.notes().remove(&by).map(|note| note.bytes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn note_reaches_every_other_node_and_the_last_one_counts() {
    let group = Group::start().await;
    let teller = group.nodes[0].clone().unwrap();
    for word in ["first", "second"] {
        teller.tell(Bytes::from(word)).unwrap();
        let heard = |region: &Region| said(region, id(&teller)).is_some_and(|note| note == word);
        group.until(|region| id(region) == id(&teller) || heard(region)).await;
    }
    assert!(!teller.notes().contains_key(&id(&teller)), "nobody is told his own note");
    let too_large = Bytes::from(vec![0; NOTE_BYTES_MAX + 1]);
    assert!(teller.tell(too_large).is_err());
    let largest = Bytes::from(vec![7; NOTE_BYTES_MAX]);
    teller.tell(largest.clone()).unwrap();
    let heard = |region: &Region| said(region, id(&teller)).as_ref() == Some(&largest);
    group.until(|region| id(region) == id(&teller) || heard(region)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn note_of_a_silent_node_grows_old_and_that_of_a_removed_one_is_forgotten() {
    let mut group = Group::start().await;
    let follower = group.some_follower();
    let gone = id(group.nodes[follower].as_ref().unwrap());
    group.nodes[follower].as_ref().unwrap().tell(Bytes::from("here")).unwrap();
    group.until(|region| id(region) == gone || said(region, gone).is_some()).await;
    group.stop(follower).await;
    let is_old = |region: &Region| region.notes()[&gone].age.as_millis() > 1500;
    group.until(is_old).await;
    let remover = group.running().next().unwrap();
    remover.remove_node(gone, true).await.unwrap();
    group.until(|region| !region.notes().contains_key(&gone)).await;
}
