"""A name from a stranger becomes a plain one that no system takes for anything else."""

import pytest

from cur_tui.domain.texts.file_names import ENDINGS, MAX_NAME, safe_file_name

PDF = "application/pdf"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Акт осмотра.pdf", "Акт осмотра.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Windows\\win.ini", "win.ini.pdf"),
        ("..", "file.pdf"),
        ("", "file.pdf"),
        (".bashrc", "bashrc.pdf"),
        ("-rf.pdf", "_-rf.pdf"),
        ("~root.pdf", "_~root.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("nul", "_nul.pdf"),
        ("LPT1 .tar.pdf", "_LPT1 .tar.pdf"),
        ("счёт\u202efdp.exe", "счётfdp.exe.pdf"),
        ("a\x1b]52;c;x\x07b\n.pdf", "a]52;c;xb.pdf"),
        ("a\u200b\U000e0041b.PDF", "ab.PDF"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("a.pdf. . .", "a.pdf"),
        ("run.sh", "run.sh.pdf"),
    ],
)
def test_names_are_made_harmless(name: str, safe: str) -> None:
    assert safe_file_name(name, PDF) == safe
    assert safe_file_name(safe, PDF) == safe


def test_names_stay_short_and_end_as_their_bytes_are() -> None:
    for media_type, endings in ENDINGS.items():
        for name in ("я" * 500, "я" * 500 + ".exe", "x." + "я" * 500):
            made = safe_file_name(name, media_type)
            assert len(made.encode()) <= MAX_NAME
            assert made.endswith("." + endings[0])
    assert safe_file_name("a.exe", "application/x-other") == "a.exe.bin"
