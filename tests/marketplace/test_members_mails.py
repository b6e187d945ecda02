"""The mails that members are sent: in their language, with the link, and nothing that runs."""

import pytest

from marketplace import mailer
from models.notices import Mail

TEMPLATES = [
    "members/confirm_email",
    "members/already_member",
    "members/reset_password",
    "members/password_changed",
    "members/confirm_new_email",
    "members/address_in_use",
    "members/email_changed",
    "participants/invitation",
]


@pytest.mark.parametrize("locale", ["en", "de", "nl"])
@pytest.mark.parametrize("named", TEMPLATES)
def test_a_mail_has_its_link_and_shows_names_as_text(app, settings, now, named, locale):
    written = Mail(
        key=named,
        to_address="erika@example.org",
        locale=locale,
        template=named,
        facts={
            "name": "Erika <b> & Co\r\nBcc: x@example.org",
            "inviter": "Erika <b> & Co",
            "organisation": "Speicher <i> & Co\nSubject: none",
            "email": "new@example.org",
            "path": "/confirm/drawn-at-random",
        },
    )

    with app.app_context():
        message = mailer.render(written, settings, now=now)

    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert "http://localhost/confirm/drawn-at-random" in text
    assert 'href="http://localhost/confirm/drawn-at-random"' in html
    assert "& Co" in text
    assert "&lt;" in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert message["Bcc"] is None
    assert len(message.get_all("Subject")) == 1
    assert message["Subject"]
