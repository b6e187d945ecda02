"""Health for programs, legal texts for everyone, the operator's page for Dana."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from models.ledger import LedgerCheck
from models.operations import LegalKind
from models.payments import Refund, RefundState
from services import mailing, operations, queue
from tests import make_running
from tests.pages import send

OPERATORS = [
    ("get", "/operator"),
    ("post", "/operator/ledger-checks"),
    ("post", "/operator/jobs/1/retry"),
    ("post", "/operator/mails/1/retry"),
    ("post", "/operator/refunds/1/retry"),
    ("post", "/operator/bounces"),
    ("get", "/operator/legal/terms/en"),
    ("post", "/operator/legal/terms/en"),
]


@pytest.fixture
def with_settings(app, monkeypatch):
    def use(**changes):
        monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **changes))

    return use


def test_a_process_that_answers_is_healthy(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"healthy": True})


def test_readiness_names_what_is_missing(client, session, now):
    session.add(LedgerCheck(checked_at=now, findings=["balance differs"]))
    session.flush()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert (answer.json["database"], answer.json["ledger"]) == (True, False)


def test_every_answer_carries_the_headers(client):
    for path in ("/healthz", "/imprint", "/there-is-nothing-here"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Request-Id"]


def test_a_form_on_another_site_cannot_be_sent_here(as_bob):
    def status(site):
        return send(as_bob, "/notices/reading", headers={"Sec-Fetch-Site": site}).status_code

    assert (status("cross-site"), status("same-origin")) == (403, 303)


def test_metrics_are_read_on_this_machine_alone(client):
    here = client.get("/metrics")
    forwarded = client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    elsewhere = client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"})

    assert (here.status_code, forwarded.status_code, elsewhere.status_code) == (200, 404, 404)


def test_metrics_are_read_with_the_token_from_anywhere(client, with_settings):
    with_settings(metrics_token="a token of many characters")
    from_elsewhere = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}

    def status(**headers):
        return client.get("/metrics", headers=headers, **from_elsewhere).status_code

    assert status(Authorization="Bearer a token of many characters") == 200
    assert status(Authorization="Bearer another") == status() == 404
    assert client.get("/metrics").status_code == 404


def test_metrics_count_requests_and_jobs(client, session, now):
    client.get("/healthz")
    queue.defer(session, "ledger.verify")

    metrics = client.get("/metrics").text

    assert 'allmende_requests_total{endpoint="health.healthz",method="GET",status="200"}' in metrics
    assert 'allmende_request_seconds_count{endpoint="health.healthz"}' in metrics
    assert 'allmende_jobs_now{state="due"} 1.0' in metrics
    assert "allmende_ledger_sound 0.0" in metrics


@pytest.mark.parametrize("path", ["/imprint", "/privacy", "/terms", "/accessibility"])
def test_a_missing_text_is_called_missing(client, path):
    page = client.get(path)

    assert page.status_code == 200
    assert "This text is missing" in page.text


def test_a_published_text_is_shown_with_its_older_versions(client, session, dana, now):
    for body in ("## Old\n\nWe were **here**.", "## New\n\nWe are *here* <script>x</script>."):
        operations.publish(session, LegalKind.IMPRINT, "en", body=body, actor=dana, now=now)

    newest = client.get("/imprint").text
    oldest = client.get("/legal/imprint/en/1").text

    assert "<h2>New</h2>" in newest
    assert "<script>x" not in newest
    assert "/legal/imprint/en/1" in newest
    assert "<strong>here</strong>" in oldest
    assert "This is an older version" in oldest
    assert client.get("/legal/imprint/en/3").status_code == 404
    assert client.get("/legal/nonsense/en/1").status_code == 404


def test_a_text_in_another_language_says_so(client, session, dana, now):
    operations.publish(session, LegalKind.TERMS, "de", body="Nett sein.", actor=dana, now=now)

    page = client.get("/terms", headers={"Accept-Language": "nl"}).text

    assert 'lang="de"><p>Nett sein.' in page


def test_an_operator_previews_and_publishes(as_dana, client):
    path = "/operator/legal/terms/en"
    assert "## What this place is" in as_dana.get(path).text

    preview = send(as_dana, path, body="## Be **kind**", preview="true")
    still = client.get("/terms").text
    answer = send(as_dana, path, body="## Be **kind**")

    assert "<h2>Be <strong>kind</strong></h2>" in preview.text
    assert "This text is missing" in still
    assert answer.status_code == 303
    assert "<h2>Be <strong>kind</strong></h2>" in client.get("/terms").text


@pytest.mark.parametrize("body", ["", "x" * 50_001])
def test_an_impossible_text_is_shown_again(as_dana, body):
    assert send(as_dana, "/operator/legal/terms/en", body=body).status_code == 422


@pytest.mark.parametrize("path", ["/operator/legal/terms/fr", "/operator/legal/nonsense/en"])
def test_there_is_no_such_text_to_edit(as_dana, path):
    assert as_dana.get(path).status_code == 404
    assert send(as_dana, path, body="x").status_code == 404


def test_the_operator_sees_what_needs_a_hand(as_dana, session, bob, now):
    queue.defer(session, "ledger.verify")
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
    mailing.write(
        session,
        key="k",
        member=bob.member,
        to=bob.member.email,
        locale="en",
        template="notice",
        facts={},
        now=now,
    )
    mail_id = session.execute(text("SELECT id FROM mails")).scalar_one()
    mailing.give_up(session, mail_id, "550 no such user")
    session.flush()

    page = as_dana.get("/operator").text

    assert "ledger.verify" in page
    assert "550 no such user" in page
    assert "Legal texts are missing" in page
    job_id = operations.failed(session)[0].id
    assert send(as_dana, f"/operator/jobs/{job_id}/retry").status_code == 303
    assert send(as_dana, f"/operator/mails/{mail_id}/retry").status_code == 303
    assert operations.failed(session) == []


def test_the_books_are_checked_when_asked(as_dana, session):
    assert send(as_dana, "/operator/ledger-checks").status_code == 303
    assert operations.last_check(session).is_sound
    assert "sound" in as_dana.get("/operator").text


def test_wrong_books_stand_on_top(as_dana, session, now):
    session.add(LedgerCheck(checked_at=now, findings=["balance differs: (7, 1, 2)"]))
    session.flush()

    assert "balance differs: (7, 1, 2)" in as_dana.get("/operator").text


@pytest.mark.parametrize(("method", "path"), OPERATORS)
def test_only_operators_operate(client, as_bob, as_dana, method, path):
    def status(browser):
        return (browser.get(path) if method == "get" else send(browser, path)).status_code

    assert (status(client), status(as_bob)) == (303, 403)
    assert status(as_dana) in (200, 303, 404, 422)


def test_a_refund_that_failed_is_sent_once_more(session, as_dana, alice, bob, now):
    deal = make_running.closed(session, alice, [(bob, 5)], now=now)
    failed = Refund(
        payment=make_running.payment(session, deal, bob),
        key="failed",
        reason="deal_failed",
        intent_key="pi_1",
        amount_minor=1_250,
        state=RefundState.FAILED,
        wanted_at=now,
    )
    session.add(failed)
    session.flush()

    assert "€12.50" in as_dana.get("/operator").text
    assert send(as_dana, f"/operator/refunds/{failed.id}/retry").status_code == 303

    assert (failed.state, failed.tries_count) == (RefundState.WANTED, 2)
    assert "€12.50" not in as_dana.get("/operator").text
