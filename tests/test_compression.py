"""Files are compressed, pages never are."""

import gzip

STYLES = "/static/css/mentorlink.css"
ZIPPED = {"Accept-Encoding": "gzip, br"}


def test_a_style_sheet_arrives_compressed_and_whole(client):
    with client.get(STYLES) as plain, client.get(STYLES, headers=ZIPPED) as zipped:
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(zipped.data) == plain.data
        assert len(zipped.data) < len(plain.data) / 2
        assert int(zipped.headers["Content-Length"]) == len(zipped.data)


def test_whoever_cannot_read_it_gets_it_as_it_is(client):
    with client.get(STYLES, headers={"Accept-Encoding": "identity"}) as answer:
        assert "Content-Encoding" not in answer.headers
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_page_with_secrets_in_it_is_never_compressed(client):
    assert "Content-Encoding" not in client.get("/sign-in", headers=ZIPPED).headers
