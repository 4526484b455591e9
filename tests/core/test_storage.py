"""Files are what their bytes say, go on without what nobody meant to send, and have their limits."""

import io
import zipfile
import zlib
from contextlib import suppress
from random import Random
from struct import pack

import pytest
from PIL import Image

from mentorlink.core import storage
from mentorlink.core.documents import MOST_MEMBERS
from mentorlink.core.errors import RuleViolation, TooMuch
from mentorlink.core.storage import StoredFile, check_file, store_file
from tests.conftest import NOW

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
TYPES = b'<Types><Override PartName="/word/document.xml" ContentType="application/x-main+xml"/></Types>'
GPS_PLACE = 0x8825
ORIENTATION = 0x0112


def picture(kind="JPEG", size=(40, 20), **values):
    written = io.BytesIO()
    Image.new("RGB", size, "orange").save(written, kind, **values)
    return written.getvalue()


def office_file(main="word/document.xml", types=TYPES, **members):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr(main, "<w:document/>")
        for name, content in members.items():
            archive.writestr(name, content)
    return written.getvalue()


BREAKABLE = {kind: picture(kind) for kind in ("JPEG", "PNG", "WEBP")} | {"docx": office_file()}


def refusal(content):
    with pytest.raises(RuleViolation) as problem:
        check_file(content)
    return problem.value.code


def store(session, content=PDF, name="計画.pdf", about="engagement:1"):
    return store_file(session, about=about, name=name, content=content, by="user:1", now=NOW)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (picture(), "jpg"),
        (picture("PNG"), "png"),
        (picture("WEBP"), "webp"),
        (PDF, "pdf"),
        ("畑の図\n".encode(), "txt"),
        ("畑の図\n".encode("cp932"), "txt"),
        (office_file(), "docx"),
        (office_file("xl/workbook.xml"), "xlsx"),
    ],
)
def test_a_file_is_what_its_bytes_say(content, kind):
    assert check_file(content).kind == kind


def test_text_is_kept_as_utf_8():
    assert check_file("畑の図".encode("cp932")).content.decode() == "畑の図"


def test_a_picture_loses_where_and_by_what_it_was_taken():
    exif = Image.Exif()
    exif[0x010F] = "見本の電話"
    exif.get_ifd(GPS_PLACE)[2] = (39.0, 1.0, 30.0)
    sent = picture(exif=exif, comment=b"home address")
    kept = check_file(sent).content
    assert GPS_PLACE in Image.open(io.BytesIO(sent)).getexif()
    with Image.open(io.BytesIO(kept)) as image:
        assert (dict(image.getexif()), "comment" in image.info, b"home address" in kept) == ({}, False, False)


def test_a_picture_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    with Image.open(io.BytesIO(check_file(picture(size=(40, 20), exif=exif)).content)) as image:
        assert image.size == (20, 40)


def test_what_hangs_behind_a_picture_does_not_go_on():
    assert b"<script>" not in check_file(picture() + b"<script>alert(1)</script>").content


def test_a_large_picture_is_made_as_small_as_needed():
    with Image.open(io.BytesIO(check_file(picture(size=(4000, 30))).content)) as image:
        assert max(image.size) == 2560


def flood(width, height):
    """A PNG whose head promises more pixels than there are bytes."""
    sent = bytearray(picture("PNG"))
    sent[16:24] = pack(">II", width, height)
    sent[29:33] = pack(">I", zlib.crc32(bytes(sent[12:29])))
    return bytes(sent)


@pytest.mark.parametrize("edge", [8_001, 60_000])
def test_a_flood_of_pixels_is_refused_before_it_is_decoded(edge):
    with pytest.raises(TooMuch, match="image_too_large"):
        check_file(flood(edge, edge))


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b'<?xml version="1.0"?>' + SVG,
        b"  \n<!DOCTYPE html><p>",
        b"MZ\x90\x00\x03",
        b"GIF89a" + b"\x00" * 20,
        b"%PDF-1.7 cut off",
        b"PK\x03\x04 and nothing",
        picture()[:200],
        b"\xff\xd8\xff" + b"\x00" * 50,
        office_file("something.bin"),
    ],
)
def test_what_nobody_can_use_is_refused(content):
    assert refusal(content) == "file_kind"


def _broken(kind, number):
    """The same bytes with a few of them changed, the same way each time."""
    chance, sent = Random(number), bytearray(BREAKABLE[kind])
    for _ in range(chance.randint(1, 8)):
        sent[chance.randrange(len(sent))] = chance.randrange(256)
    return bytes(sent)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "docx"])
def test_broken_bytes_are_refused_or_taken_and_never_a_fault(kind):
    for number in range(150):
        with suppress(RuleViolation):
            check_file(_broken(kind, number))


def test_what_a_broken_mark_makes_the_decoder_raise_is_a_refusal(monkeypatch):
    def give_up(_image):
        raise TypeError("not an integer")

    monkeypatch.setattr("mentorlink.core.images.ImageOps.exif_transpose", give_up)
    assert refusal(picture()) == "file_kind"


def test_an_empty_file_is_told_as_that():
    assert refusal(b"") == "file_empty"


def test_a_picture_of_an_iphone_gets_words_of_its_own():
    assert refusal(b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40) == "file_heic"


@pytest.mark.parametrize("content", [PDF, picture(), picture("PNG"), "畑".encode()])
def test_an_archive_behind_something_else_is_refused(content):
    assert refusal(content + office_file()) == "file_kind"


def test_a_pdf_inside_another_beginning_is_refused():
    assert refusal(b"notes\n" + PDF) == "file_kind"


@pytest.mark.parametrize(
    "name", ["word/vbaProject.bin", "xl/macrosheets/sheet1.xml", "word/activeX/activeX1.bin"]
)
def test_a_program_inside_a_document_is_refused(name):
    assert refusal(office_file(**{name: "x"})) == "file_macros"


def test_a_document_that_calls_itself_one_with_macros_is_refused():
    types = TYPES.replace(b"x-main+xml", b"vnd.ms-word.document.macroEnabled.main+xml")
    assert refusal(office_file(types=types)) == "file_macros"


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "word\\document.xml"])
def test_an_archive_whose_names_climb_is_refused(name):
    assert refusal(office_file(**{name: "x"})) == "file_kind"


def test_a_bomb_of_zeros_is_not_unpacked():
    with pytest.raises(TooMuch, match="file_too_large"):
        check_file(office_file(**{"word/media/image1.png": b"\0" * (61 * storage.MIB)}))


def test_an_archive_of_too_many_members_is_refused():
    with pytest.raises(TooMuch, match="file_too_large"):
        check_file(office_file(**{f"word/{number}.xml": "" for number in range(MOST_MEMBERS)}))


def test_an_archive_that_lies_about_its_sizes_is_refused():
    sent = office_file(**{"word/styles.xml": b"a" * 5000})
    assert refusal(sent.replace(pack("<I", 5000), pack("<I", 5))) == "file_kind"


def test_a_file_above_the_limit_is_too_much():
    with pytest.raises(TooMuch, match="file_too_large"):
        check_file(b"a" * (storage.LARGEST_FILE + 1))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\計画.exe", "計画.pdf"),
        ("計画\r\nSet-Cookie: x.pdf", "file.pdf"),
        ("\u202egnp.exe", "file.pdf"),
        ("..", "file.pdf"),
        ("", "file.pdf"),
        ("あ" * 300 + ".pdf", "あ" * 80 + ".pdf"),
        ('a"b<c>.pdf', "abc.pdf"),
    ],
)
def test_a_name_only_names(session, name, kept):
    assert store(session, name=name).name == kept


@pytest.mark.both_databases
def test_a_stored_file_knows_its_size_mark_and_place(session):
    stored = store(session)
    session.commit()
    found = storage.file_by_key(session, stored.key)
    assert (found.content, found.size, found.about, found.media_type) == (
        PDF,
        len(PDF),
        "engagement:1",
        "application/pdf",
    )
    assert (len(found.sha256), len(found.key)) == (64, 32)


@pytest.mark.both_databases
def test_the_same_bytes_again_are_one_file(session):
    assert store(session).id == store(session, name="もう一度.pdf").id
    assert store(session, about="engagement:2").id != store(session).id


@pytest.mark.both_databases
def test_the_files_of_one_half_year_have_a_quota(session, monkeypatch):
    monkeypatch.setattr(storage, "QUOTA", len(PDF) + 10)
    store(session)
    with pytest.raises(TooMuch, match="quota_full"):
        store(session, content=PDF + b"\n%%EOF")
    assert session.query(StoredFile).count() == 1
