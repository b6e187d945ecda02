"""The mailer: a mail that was written becomes a message, and goes to a server or a folder."""

import hashlib
import re
import smtplib
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import current_app
from flask_babel import force_locale
from itsdangerous import BadSignature, URLSafeSerializer
from jinja2 import Environment
from markupsafe import Markup

from marketplace.config import LOCALES, Settings
from models.notices import Mail, NoticeKind
from services.notices import CHOOSABLE

# Of these one chooses whether to get them.
CHOSEN = ("notice", "digest")
LONGEST_SUBJECT = 150
_BREAKS = re.compile(r"[^\S\xa0\u202f]+")
# What a server says beside the code, of what is wrong for good: subject and detail.
_DETAIL = re.compile(r"\d{3} 5\.(\d{1,3})\.(\d{1,3})\b")
# No such mailbox, not here, full, no such name (RFC 5321), and takes no mail (RFC 7504).
ABOUT_THE_ADDRESS = (521, 550, 551, 552, 553, 556)
# Wide enough that a subject stays on the line where it begins; fit for servers of seven bits.
WIRE = SMTP.clone(max_line_length=200, cte_type="7bit")


class Undeliverable(Exception):
    """The server refuses this mail for good."""


class NoSuchAddress(Undeliverable):
    """The server takes no mail for this address, now or later."""


class NotDelivered(Exception):
    """It did not work now; later it may."""


def render(mail: Mail, settings: Settings, *, now: datetime) -> EmailMessage:
    """The whole message, in the language of its reader. Needs an application context.

    What members wrote can neither add a header nor run in the HTML part.
    """
    unsubscribe_url = unsubscribe_address(mail, settings)
    message = EmailMessage(policy=WIRE)
    message["Subject"] = subject(part(mail, "subject", settings, unsubscribe_url))
    name, address = parseaddr(settings.mail_from)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = Address(addr_spec=mail.to_address)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(mail, settings)
    message["Auto-Submitted"] = "auto-generated"
    if unsubscribe_url:
        message["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(part(mail, "text", settings, unsubscribe_url).strip() + "\n")
    message.add_alternative(part(mail, "html", settings, unsubscribe_url), subtype="html")
    return message


def part(mail: Mail, name: str, settings: Settings, unsubscribe_url: str) -> str:
    """The subject, the text or the HTML of a mail."""
    locale = mail.locale if mail.locale in LOCALES else settings.default_locale
    facts = {**mail.facts, "url": settings.public_url.rstrip("/") + mail.facts.get("path", "")}
    with force_locale(locale):
        template = environment(name == "html").get_template(f"emails/{mail.template}.jinja")
        return template.render(
            part=name,
            facts=facts,
            locale=locale,
            instance_name=settings.instance_name,
            public_url=settings.public_url.rstrip("/"),
            unsubscribe_url=unsubscribe_url,
        )


def environment(escapes: bool) -> Environment:
    """The templates' environment; HTML parts escape what they show, plain parts must not."""
    made: dict[bool, Environment] = current_app.extensions.setdefault("mail_environments", {})
    if escapes not in made:
        made[escapes] = current_app.jinja_env.overlay(autoescape=escapes)
        made[escapes].filters["paragraphs"] = paragraphs
    return made[escapes]


def paragraphs(text: str) -> Markup:
    """Text as the HTML part shows it: a paragraph for each block of lines."""
    blocks = [block.strip() for block in str(text).split("\n\n") if block.strip()]
    escaped = isinstance(text, Markup)
    shown = [Markup(block) if escaped else block for block in blocks]  # noqa: S704  # nosec B704
    return Markup("\n").join(Markup("<p>{}</p>").format(block) for block in shown)


def subject(text: str) -> str:
    """One line, not too long; no-break spaces stay, as in amounts of money."""
    line = _BREAKS.sub(" ", text).strip()
    if len(line) <= LONGEST_SUBJECT:
        return line
    return line[:LONGEST_SUBJECT].rpartition(" ")[0] + "…"


def message_id(mail: Mail, settings: Settings) -> str:
    """Made from the key: should a mail be sent twice, readers can tell."""
    digest = hashlib.sha256(mail.key.encode()).hexdigest()[:40]
    return f"<{digest}@{urlsplit(settings.public_url).hostname or 'localhost'}>"


def unsubscribe_address(mail: Mail, settings: Settings) -> str:
    """Where one click ends mail of this kind; empty for mail that everyone must get."""
    kind = mail.facts.get("kind")
    if mail.template not in CHOSEN or mail.member_id is None or kind not in CHOOSABLE:
        return ""
    token = _serializer(settings).dumps([mail.member_id, kind])
    return f"{settings.public_url.rstrip('/')}/notices/unsubscribe/{token}"


def read_unsubscribe(token: str, settings: Settings) -> tuple[int, NoticeKind] | None:
    """The member and the kind that a link in a mail stands for; None if it is not ours."""
    try:
        member_id, kind = _serializer(settings).loads(token)
        return int(member_id), NoticeKind(kind)
    except (BadSignature, TypeError, ValueError):
        return None


def _serializer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt="unsubscribe")


def deliver(message: EmailMessage, mail_id: int, settings: Settings) -> None:
    """Hand the message over; raises NoSuchAddress, Undeliverable or NotDelivered."""
    if settings.mail_url.startswith("file:"):
        _put_in_folder(message, mail_id, folder(settings))
    else:
        _send(message, settings)


def folder(settings: Settings) -> Path:
    """Where mail lands that is not sent."""
    return Path(settings.mail_url.removeprefix("file:"))


def _put_in_folder(message: EmailMessage, mail_id: int, into: Path) -> None:
    # The name is the mail's own, so a repeat writes over it.
    target = into / f"{mail_id:010}.eml"
    try:
        into.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(".unfinished")
        unfinished.write_bytes(message.as_bytes())
        unfinished.replace(target)
    except OSError as error:
        raise NotDelivered(str(error)) from error


def _send(message: EmailMessage, settings: Settings) -> None:
    try:
        with _connection(settings) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refusal:
        [(code, words)] = refusal.recipients.values()
        if _is_about_the_address(code, _said(code, words)):
            raise NoSuchAddress(_said(code, words)) from refusal
        _raise(code, words, refusal)
    except smtplib.SMTPAuthenticationError as refusal:
        # A wrong password is ours to mend; the mail can wait for it.
        raise NotDelivered(_said(refusal.smtp_code, refusal.smtp_error)) from refusal
    except smtplib.SMTPResponseException as refusal:
        _raise(refusal.smtp_code, refusal.smtp_error, refusal)
    except (smtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from error


def _connection(settings: Settings) -> smtplib.SMTP:
    to = urlsplit(settings.mail_url)
    timeout = settings.mail_timeout_seconds
    host = to.hostname or "localhost"
    server: smtplib.SMTP
    if to.scheme == "smtps":
        server = smtplib.SMTP_SSL(
            host, to.port or 465, timeout=timeout, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, to.port or 25, timeout=timeout)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
    if to.username:
        server.login(unquote(to.username), unquote(to.password or ""))
    return server


def _raise(code: int, words: bytes | str, cause: Exception) -> None:
    if 500 <= code < 600:
        raise Undeliverable(_said(code, words)) from cause
    raise NotDelivered(_said(code, words)) from cause


def _is_about_the_address(code: int, said: str) -> bool:
    """Whether a refusal of the recipient is for good and theirs, not for what we are or lack.

    A server that says more says it after the code (RFC 3463): 5.1.x is the address, except for
    7 and 8, which are the sender's; 5.2.x the mailbox, except for 3, the length of the mail; all
    else, as 5.7.1, is policy or protocol.
    """
    if detail := _DETAIL.match(said):
        subject, what = detail.groups()
        of_address = subject == "1" and what not in ("7", "8")
        of_mailbox = subject == "2" and what != "3"
        # 5.4.1 is what some large hosts say of a name they do not know.
        return of_address or of_mailbox or (subject, what) == ("4", "1")
    return code in ABOUT_THE_ADDRESS


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"
