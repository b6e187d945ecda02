"""Uploaded pictures: written anew, small, upright, without anything their file said."""

from io import BytesIO

import pytest
from PIL import Image

from models.errors import NotFound
from models.participants import MayNotEdit, NotAPicture, Picture, PictureTooLarge
from services import participants, pictures


def file_of(size=(40, 20), kind="PNG", mode="RGB", colour="red", **options):
    written = BytesIO()
    Image.new(mode, size, colour).save(written, kind, **options)
    return written.getvalue()


def opened(content):
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_webp(kind):
    content, width, height = pictures.encode(file_of(kind=kind))

    assert opened(content).format == "WEBP"
    assert (width, height) == opened(content).size == (40, 20)


def test_what_a_camera_wrote_beside_the_picture_is_gone():
    exif = Image.Exif()
    exif[0x010E] = "at home, Deich 1"
    exif[0x8825] = {1: "N", 2: (53.0, 32.0, 1.0)}
    exif[0x0112] = 6
    sent = file_of(kind="JPEG", exif=exif)
    assert b"Deich" in sent

    content, width, height = pictures.encode(sent)

    assert b"Deich" not in content
    assert b"EXIF" not in content
    assert not opened(content).getexif()
    assert (width, height) == (20, 40)


def test_a_large_picture_is_shrunk_and_a_transparent_one_stays_so():
    content, width, height = pictures.encode(
        file_of((4000, 1000), mode="RGBA", colour=(255, 0, 0, 0))
    )

    assert (width, height) == (1600, 400)
    assert opened(content).mode == "RGBA"


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "I;16"])
def test_every_kind_of_pixel_is_read(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"

    assert pictures.encode(file_of(mode=mode, kind=kind, colour=0))[1:] == (40, 20)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
        file_of((300, 300), kind="JPEG")[:400],
        file_of()[:-20],
        file_of(kind="GIF"),
        file_of(kind="BMP"),
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    ],
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(NotAPicture) as refusal:
        pictures.encode(content)

    assert refusal.value.code == "not-a-picture"
    assert refusal.value.fields == {"picture": NotAPicture.message}


@pytest.mark.parametrize(
    "size", [(8000, 6000), (12_000, 10_000), (20_000, 20_000)], ids=["40 MP", "bomb", "huge bomb"]
)
def test_too_many_pixels_are_refused_before_they_are_decoded(size):
    with pytest.raises(PictureTooLarge) as refusal:
        pictures.encode(file_of(size, mode="1", colour=0))

    assert refusal.value.code == "picture-too-large"
    assert refusal.value.facts == {"megabytes": 12, "megapixels": 16}


def test_a_jpeg_may_be_larger_because_it_is_decoded_at_a_fraction():
    assert pictures.encode(file_of((5000, 4000), kind="JPEG"))[1:] == (1600, 1280)
    with pytest.raises(PictureTooLarge):
        pictures.encode(file_of((5000, 4000), mode="1", colour=0))


def test_a_process_reads_one_picture_at_a_time(monkeypatch):
    held = []
    read = pictures._read
    monkeypatch.setattr(
        pictures,
        "_read",
        lambda content: (held.append(pictures._reading.locked()), read(content))[1],
    )

    pictures.encode(file_of())

    assert held == [True]
    assert not pictures._reading.locked()


def test_nobody_uploads_more_than_sixty_pictures_an_hour(session, alice, bob, now):
    for _ in range(60):
        pictures.count_upload(session, actor=alice, now=now)

    with pytest.raises(pictures.UploadedTooOften) as refusal:
        pictures.count_upload(session, actor=alice, now=now)

    assert refusal.value.code == "uploaded-too-often"
    assert refusal.value.facts["limit"] == 60
    pictures.count_upload(session, actor=bob, now=now)


def test_too_many_bytes_are_refused():
    with pytest.raises(PictureTooLarge):
        pictures.encode(file_of() + b"\x00" * 12_000_000)


def test_a_picture_is_found_by_its_key_alone(session, alice, now):
    picture = pictures.keep(session, file_of(), alt="A red field", actor=alice, now=now)

    found = pictures.find(session, picture.key)

    assert found.content.startswith(b"RIFF")
    with pytest.raises(NotFound):
        pictures.find(session, str(picture.id))


def test_a_new_picture_takes_the_place_of_the_old_one(session, alice, now):
    def change(content):
        return participants.change_picture(
            session, alice.participant, content, alt="", actor=alice, now=now
        )

    first = change(file_of())
    second = change(file_of(colour="blue"))

    assert alice.participant.picture is second
    assert session.get(Picture, first.id) is None
    participants.remove_picture(session, alice.participant, actor=alice)
    assert alice.participant.picture is None
    assert session.get(Picture, second.id) is None


def test_nobody_changes_the_picture_of_somebody_else(session, alice, bob, now):
    with pytest.raises(MayNotEdit):
        participants.change_picture(
            session, alice.participant, file_of(), alt="", actor=bob, now=now
        )
