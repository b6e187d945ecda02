"""The waiting list: units that become free go to those who wait, in their order."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.buying import GroupBuy, GroupBuyCommitment
from models.collaborations import CommitmentState
from models.rules import Rationing
from services import events
from services.buying import finding, happened
from services.buying.orders import count_lines
from services.buying.standing import restand, terms_of


def give_places(session: Session, group_buy: GroupBuy, *, now: datetime) -> None:
    """Let in everyone on the waiting list whose whole order fits now. The caller holds the lock.

    Whoever does not fit keeps their place and is passed by those who do.
    """
    if group_buy.rationing != Rationing.FIRST_COME:
        return
    waiting = [
        one
        for one in finding.commitments(session, group_buy, [CommitmentState.WAITING])
        if group_buy.has_consent_of(one)
    ]
    if not waiting:
        return
    wanted = {line.article_id for commitment in waiting for line in commitment.lines}
    articles = {one.id: one for one in finding.articles(session, group_buy, wanted)}
    let_in: list[GroupBuyCommitment] = []
    for commitment in waiting:
        room = all(
            (most := terms_of(articles[line.article_id]).maximum_in_cases) is None
            or articles[line.article_id].active_units + line.units <= most
            for line in commitment.lines
        )
        if room:
            count_lines(group_buy, articles, commitment, sign=-1)
            commitment.activate()
            count_lines(group_buy, articles, commitment, sign=1)
            commitment.changed_at = now
            let_in.append(commitment)
    if not let_in:
        return
    # They counted while they waited: what would be decided is the same.
    restand(session, group_buy, list(articles.values()))
    events.record_many(
        session,
        [
            happened.WaitingPlaceGiven(
                participant_id=commitment.participant_id,
                collaboration_id=group_buy.id,
                commitment_id=commitment.id,
            )
            for commitment in let_in
        ],
        now=now,
    )
