import pytest

from integgraph.errors import InputError
from integgraph.ingest import yamltext


def fault(text: str):
    with pytest.raises(InputError) as caught:
        yamltext.load(text, "a.yaml")
    (problem,) = caught.value.problems
    assert problem.file == "a.yaml"
    return problem


def unreadable(file):
    with pytest.raises(InputError) as caught:
        yamltext.read_text(file)
    (problem,) = caught.value.problems
    assert problem.file == str(file)
    return problem


# -- text from files


def test_plain_utf_8_is_read(tmp_path):
    (tmp_path / "a").write_text("key: Übung", "utf-8")
    assert yamltext.read_text(tmp_path / "a") == "key: Übung"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path, encoding):
    (tmp_path / "a").write_text("key: Übung", encoding)
    assert yamltext.read_text(tmp_path / "a") == "key: Übung"


def test_other_encodings_are_refused_with_the_line(tmp_path):
    (tmp_path / "a").write_bytes("id: a\nlabel: Gr\u00fcn\n".encode("windows-1252"))
    problem = unreadable(tmp_path / "a")
    assert problem.message == "The file is not UTF-8: byte 0xfc in line 2."
    assert problem.line == 2
    assert "UTF-8" in problem.advice


@pytest.mark.parametrize(
    "raw",
    [
        b"id: a\0b",
        b"\x89PNG\r\n\0\0\0\rIHDR\xff",
        "id: a".encode("utf-16-be"),
        "id: Gr\u00fcn".encode("utf-16-le"),
        b"\xff\xfea",
        b"\xff\xfea\0\0\0",
    ],
    ids=["NUL", "picture", "UTF-16 without a mark", "UTF-16 with umlaut", "half a character", "UTF-16 with NUL"],
)
def test_a_binary_file_is_refused(tmp_path, raw):
    (tmp_path / "a").write_bytes(raw)
    assert unreadable(tmp_path / "a").message == "This is a binary file, not a text."


@pytest.mark.parametrize("raw", [b"", b" \n\t\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_refused(tmp_path, raw):
    (tmp_path / "a").write_bytes(raw)
    assert unreadable(tmp_path / "a").message == "The file is empty."


def test_a_folder_is_refused(tmp_path):
    assert unreadable(tmp_path).message == "This is a folder, not a file."


def test_a_missing_file_is_refused(tmp_path):
    assert "cannot be read: No such file" in unreadable(tmp_path / "a").message


def test_a_large_file_is_refused_unread(tmp_path):
    (tmp_path / "a").write_text("a: " + "x" * 20)
    with pytest.raises(InputError, match=r"23 bytes; at most 10"):
        yamltext.read_text(tmp_path / "a", limit=10)


# -- YAML


def test_every_scalar_stays_what_was_typed():
    text = "a: no\nb: 2021-01\nc: 0049\nd: 1.50\ne: ~\nf: [yes, 12:30]\ng:\n"
    assert yamltext.load(text, "a").data == {
        "a": "no",
        "b": "2021-01",
        "c": "0049",
        "d": "1.50",
        "e": "~",
        "f": ["yes", "12:30"],
        "g": "",
    }


def test_every_value_knows_its_line():
    document = yamltext.load("a: 1\nb:\n  - x\n  - y:\n      z\n", "a")
    assert document.line(("b",)) == 2
    assert document.line(("b", 0)) == 3
    assert document.line(("b", 1, "y")) == 4
    assert document.line(("b", 1, "y", "unknown")) == 4
    assert document.line(("nothing",)) == 1


def test_the_digest_is_that_of_the_text():
    assert yamltext.load("a: 1", "a").sha256 == yamltext.load("a: 1", "b").sha256
    assert yamltext.load("a: 1", "a").sha256 != yamltext.load("a:  1", "a").sha256


BOMB = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: &x 2", 2, "anchors (&name) are not allowed"),
        ("a: 1\nb: *x", 2, "aliases (*name) are not allowed"),
        (BOMB, 1, "anchors (&name) are not allowed"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]", 2, "tags (tag:yaml.org,2002:python/object/apply:os.system)"),
        ("a: 1\nb: !x 2", 2, "tags (!x) are not allowed"),
        ("&x a: 1", 1, "anchors and tags are not allowed"),
        ("!!str a: 1", 1, "anchors and tags are not allowed"),
        ("a: 1\nb: 2\na: 3", 3, "The key 'a' stands here twice"),
        ("a:\n  b: 1\n  b: 2", 3, "The key 'b' stands here twice"),
        ("a: 1\n---\nb: 2", 2, "more than one YAML document"),
        ("a: 1\nb: " + "[" * 30 + "]" * 30, 2, "nested more than 20 levels deep"),
        ("a: 1\n? [x]\n: 2", 2, "A key must be a word"),
        ("a: 1\n*x : 2", 2, "A key must be a word"),
        ("a: 1\nb: [x", 3, "This is not YAML"),
        ("a: 1\nb: c: d", 2, "This is not YAML"),
        ("a: 1\n\tb: 2", 2, "This is not YAML"),
        ("a: 1\nb: 'x", 2, "This is not YAML"),
    ],
)
def test_what_a_record_may_not_use_is_refused_with_its_line(text, line, message):
    problem = fault(text)
    assert message in problem.message
    assert problem.line == line


@pytest.mark.parametrize("text", ["# nothing\n", "# nothing\n# at all", "---\n...\n# x"])
def test_a_file_of_comments_holds_no_data(text):
    if text.startswith("---"):
        assert yamltext.load(text, "a.yaml").data == ""  # an explicit document with nothing in it
    else:
        assert fault(text).message == "The file holds no data, only comments."


def test_very_deep_nesting_is_refused_before_it_hurts():
    assert "nested" in fault("[" * 100_000).message


def test_control_characters_are_not_yaml():
    assert "This is not YAML" in fault("a: x\x07y").message


# -- writing


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "2021-01",
        "1",
        "~",
        "",
        " x ",
        "a: b",
        "a #b",
        "- a",
        "[a",
        "*a",
        "&a",
        "!a",
        "'a'",
        '"a"',
        "%",
        "@",
        "a\nb",
        "a\n\n b\n",
        "tail \nnext",
        "a\\b",
        "a" * 300,
        "word " * 60 + "end",
        "„Übung“ – 😀",
        "\u2028",
        "\x85",
        "?",
        "|",
        "=",
        "<<",
    ],
)
def test_what_is_written_reads_back_as_itself(text):
    data = {"key": text, "list": [text, {"part": text}]}
    assert yamltext.load(yamltext.dump(data), "a").data == data


def test_dates_and_numbers_are_written_bare():
    assert yamltext.dump({"founded": "2021-01", "read": "no"}) == "founded: 2021-01\nread: no\n"
